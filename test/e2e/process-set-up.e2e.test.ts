/** How the first person of `serve` comes in: by the file with the link, by the environment, or by the command line. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../server/src/dev/free-port.ts';
import { host } from '../gateway.ts';
import { type Home, launch, openHome, type Program, ready, run } from '../process.ts';

let home: Home;
let server: Program | undefined;
const password = 'a long and quiet river';

beforeAll(async () => {
  home = await openHome();
  expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
}, 300_000);
afterAll(async () => {
  await server?.kill();
  await home?.close();
});

async function serve(folder: string, env: Record<string, string> = {}) {
  const port = await freePort(host, 21_000);
  const args = ['serve', '--embedded', '--data-dir', join(home.dir, folder), '--json'];
  const program = launch(home, args, {
    env: {
      CRYPTOSCAN_PORT: String(port),
      CRYPTOSCAN_BASE_URL: `http://${host}:${port}`,
      CRYPTOSCAN_NETWORKS: JSON.stringify({ 'ERC-20': { rpc: [{ url: 'http://127.0.0.1:1' }] } }),
      ...env,
    },
  });
  server = program;
  await ready(program);
  const url = `http://${host}:${port}/dashboard/api`;
  const post = async (path: string, body: unknown) => {
    const headers = { origin: `http://localhost:${port}`, 'content-type': 'application/json' };
    return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  return { program, post };
}

test('without a terminal the link is in a file for its owner alone; it is used once, and taken away at the next start', async () => {
  const file = join(home.dir, 'one', 'set-up-link');
  const { program, post } = await serve('one');
  await expect.poll(() => existsSync(file), { timeout: 50_000 }).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const link = readFileSync(file, 'utf8').trim();
  expect(link).toMatch(/^http:\/\/localhost:\d+\/dashboard\/setup#[\w-]{43}$/);
  const token = link.split('#')[1];
  expect(program.stderr()).not.toContain(token);
  const claimed = await post('/set-up', { token, email: 'me@example.com', name: 'Me', password });
  expect(claimed.status).toBe(200);
  expect(claimed.headers.getSetCookie()[0]).toMatch(
    /^cryptoscan-session=[\w-]{43}; .*Path=\/; HttpOnly; SameSite=Lax$/,
  );
  await program.kill();
  const again = await serve('one');
  await expect.poll(() => existsSync(file), { timeout: 50_000 }).toBe(false);
  expect((await again.post('/sign-in', { email: 'me@example.com', password })).status).toBe(200);
  const folder = join(home.dir, 'one');
  const reset = await run(home, [
    'person',
    'reset-password',
    '--email',
    'me@example.com',
    '--data-dir',
    folder,
  ]);
  expect(reset.stdout).toMatch(/\/dashboard\/reset-password#[\w-]{43}\n$/);
  expect(await run(home, ['person', 'set-up-link', '--data-dir', folder])).toMatchObject({ code: 1 });
  const listed = await run(home, ['person', 'list', '--json', '--data-dir', folder]);
  expect(JSON.parse(listed.stdout)).toEqual([
    { id: 1, email: 'me@example.com', name: 'Me', is_operator: true, user_id: 1, role: 'owner' },
  ]);
  expect(await run(home, ['doctor', '--data-dir', folder])).toMatchObject({ code: 0 });
  await again.program.kill();
}, 300_000);

test('unattended, the first person is made of an address and a file with a password, once', async () => {
  const secret = join(home.dir, 'password');
  await writeFile(secret, `${password}\n`);
  const env = { ADMIN_EMAIL: 'boss@example.com', ADMIN_PASSWORD_FILE: secret };
  const { program, post } = await serve('two', env);
  const signIn = async () => (await post('/sign-in', { email: 'boss@example.com', password })).status;
  await expect.poll(signIn, { timeout: 50_000, interval: 1000 }).toBe(200);
  expect(existsSync(join(home.dir, 'two', 'set-up-link'))).toBe(false);
  expect(`${program.stdout()}${program.stderr()}`).not.toContain(password);
  await program.kill();
}, 300_000);
