/** Several processes on one PostgreSQL that is somebody else's to run: what DATABASE_URL is for. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../server/src/store/embedded/embedded-postgres.ts';
import { killMigration, noted } from '../fire/migrations.ts';
import { WireRelay } from '../fire/wire-relay.ts';
import { onFreePort } from '../gateway.ts';
import { testDatabase } from '../pg.ts';
import { type Home, launch, openHome, ready, run, runHere } from '../process.ts';

describe('with a database of one’s own', () => {
  const CRYPTOSCAN_MASTER_KEY = 'ab'.repeat(32);
  const networks = { 'ERC-20': { rpc: [{ url: 'http://127.0.0.1:1' }] } };
  let home: Home;
  let postgres: EmbeddedPostgres;
  let relay: WireRelay;
  let env: Record<string, string>;

  beforeAll(async () => {
    home = await openHome();
    expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
    // The database that the other tests share is a throw-away one, which `serve` refuses.
    const started = await startEmbeddedPostgres({ dir: join(home.dir, 'own'), log: () => undefined });
    if (!started.ok) throw new Error(started.fault);
    postgres = started.value;
    relay = new WireRelay(() => postgres.connection);
    await relay.open();
    env = { DATABASE_URL: relay.url, CRYPTOSCAN_MASTER_KEY };
  }, 300_000);

  afterAll(async () => {
    await relay?.close();
    await postgres?.stop();
    await home?.close();
  });

  test('one that would forget commits is refused', async () => {
    const careless = await testDatabase({ schema: false });
    const { connection } = careless;
    if ('url' in connection) throw new Error('the test database is reached through a socket');
    const way = new WireRelay(() => connection);
    await way.open();
    try {
      const config = join(home.dir, 'careless.json');
      await writeFile(config, JSON.stringify({ baseUrl: 'https://pay.example', networks }));
      const refused = await run(home, ['serve', '--config', config], {
        env: { ...env, DATABASE_URL: way.url },
      });
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('fsync = off')]);
    } finally {
      await way.close();
      await careless.close();
    }
  });

  test('commands ask for the schema first, and `migrate` makes it, though one was killed half-way', async () => {
    await killMigration(home, relay, { trap: noted(9), env });
    const early = await runHere(['merchant', 'list'], env);
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('cryptoscan migrate')]);
    const applied = await runHere(['migrate', '--json'], env);
    expect(JSON.parse(applied.stdout).applied).toContain('0001-initial');
    expect((await runHere(['migrate'], env)).stdout).toBe('The schema is up to date.\n');
    expect(await runHere(['merchant', 'list', '--json'], env)).toEqual({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    });
  });

  /** A provider that takes no key, and names the one it was given. */
  async function openRefusing() {
    const seen = { authorization: '' };
    const server = createServer(async (request, response) => {
      seen.authorization ||= request.headers.authorization ?? '';
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = JSON.parse(Buffer.concat(chunks).toString());
      const message = `invalid key in ${decodeURIComponent(request.url ?? '')}, ${seen.authorization}`;
      const answers = [asked]
        .flat()
        .map(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message } }));
      response.end(JSON.stringify(Array.isArray(asked) ? answers : answers[0]));
    });
    const port = await onFreePort(async free => {
      await once(server.listen(free, '127.0.0.1'), 'listening');
      return free;
    });
    return { port, seen, close: () => server.close() };
  }

  test('two run side by side, outlive their database, name no key of a provider, and none has another master key', async () => {
    const refusing = await openRefusing();
    const keyed = [
      'http://127.0.0.1:1/refusedkeyzz',
      `http://127.0.0.1:${refusing.port}/v2/path%20keyzz`,
      `http://userkeyzz:passkeyzz@127.0.0.1:${refusing.port}/?apikey=querykeyzz&barekeyzz`,
    ];
    const settings = async (roles: string[]) =>
      JSON.stringify({
        ...{ baseUrl: 'https://pay.example', roles, logLevel: 'trace' },
        networks: { 'ERC-20': { rpc: keyed.map(url => ({ url })) } },
        port: await onFreePort(async free => free),
      });
    const start = async (roles: string[], more: Record<string, string> = {}) => {
      const config = join(home.dir, `${roles.join('-')}.json`);
      await writeFile(config, await settings(roles));
      return launch(home, ['serve', '--json', '--config', config], { env: { ...env, ...more } });
    };
    const begun = relay.trap(({ sql }) => (/kysely_migration/.test(sql) ? 'before' : null));
    const pair = [await start(['api', 'dispatch']), await start(['watch', 'settle'])];
    try {
      // The database goes while one starts: it tries again.
      await begun;
      const asked = relay.trap(({ sql }) => (/from "installation".+for update/.test(sql) ? 'before' : null));
      relay.cut({ all: true });
      expect(await Promise.all(pair.map(program => ready(program)))).toMatchObject([
        { ready: true, port: expect.any(Number), roles: ['api', 'dispatch'] },
        { ready: true, port: null, roles: ['watch', 'settle'] },
      ]);
      // The database goes while the first looks whether there is anybody yet: it asks again.
      await asked;
      relay.cut({ all: true });
      await expect.poll(() => existsSync(join(home.dir, 'set-up-link')), { timeout: 50_000 }).toBe(true);
      expect(pair[0]?.stderr()).toContain('the database cannot be reached; it will be tried again');
      const said = () => pair.map(program => `${program.stdout()}${program.stderr()}`).join('');
      await expect.poll(said, { timeout: 50_000 }).toMatch(/the node answered -32000 invalid key/);
      expect(Buffer.from(refusing.seen.authorization.slice(6), 'base64').toString()).toBe(
        'userkeyzz:passkeyzz',
      );
      const looks = [await runHere(['doctor'], env), await runHere(['network', 'providers'], env)];
      expect(said() + looks.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toMatch(
        /keyzz|dXNlcmtleXp6/,
      );
      const other = await start(['api'], { CRYPTOSCAN_MASTER_KEY: 'cd'.repeat(32) });
      expect(await other.exited).toEqual({ code: 1, signal: null });
      expect(other.stderr()).toContain('The master key is not the one');
      const ended = await Promise.all(pair.map(program => program.terminate()));
      expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    } finally {
      await Promise.all(pair.map(program => program.kill()));
      refusing.close();
    }
  });
});
