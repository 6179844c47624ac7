/** `dev` as a process: what it prints, what it leaves behind, and whose folder it takes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CryptoScan } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rpc } from '../../server/src/dev/rpc.ts';
import { layoutOf } from '../../server/src/store/embedded/layout.ts';
import { host, onFreePort } from '../gateway.ts';
import {
  type DevLine,
  type Home,
  isListening,
  launch,
  openHome,
  type Program,
  patience,
  processesOf,
  ready,
  run,
  startDev,
  withDatabase,
  withStoppedDatabase,
} from '../process.ts';
import { redirectOf, submit, visitOf } from './payment-page-visit.ts';
import { send } from './wire.ts';

let home: Home;
let dev: { program: Program; port: number; line: DevLine };
let busy: Server;

beforeAll(async () => {
  home = await openHome();
  expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
  busy = createServer();
  const port = await onFreePort(
    free =>
      new Promise<number>((resolve, reject) => {
        busy.once('error', reject);
        busy.listen(free, host, () => resolve(free));
      }),
  );
  dev = await startDev(home, 'data', port);
}, 300_000);

afterAll(async () => {
  await dev?.program.kill();
  await new Promise(resolve => busy?.close(resolve));
  await home?.close();
});

const clientOf = ({ line }: { line: DevLine }, n = 0) => {
  const { public_key: publicKey, private_key: privateKey, auth } = line.merchants[n]!;
  return new CryptoScan({ baseUrl: line.base_url, publicKey, privateKey, auth });
};

describe('dev', () => {
  test('says in one line of JSON what a program needs, and everything else elsewhere', () => {
    const { program, line } = dev;
    expect(program.stdout()).toBe(`${JSON.stringify(line)}\n`);
    const key = {
      public_key: expect.stringMatching(/^public_/),
      private_key: expect.stringMatching(/^private_/),
    };
    const token = (cryptocurrency: string, address: RegExp) => ({
      cryptocurrency,
      address: expect.stringMatching(address),
      decimals: 6,
    });
    const evm = /^0x[\da-f]{40}$/;
    const tron = (code: string) => ({ ...token(code, /^T\w{33}$/), evm_address: expect.stringMatching(evm) });
    expect(line).toEqual({
      ready: true,
      base_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api_url: `${line.base_url}/api/v1`,
      set_up_url: expect.stringMatching(/^http:\/\/localhost:\d+\/dashboard\/setup#[\w-]{43}$/),
      merchants: [
        { id: 1, name: 'Demo shop (signature)', auth: 'signature', ...key },
        { id: 2, name: 'Demo shop (private key)', auth: 'private-key', ...key },
      ],
      chains: [
        {
          network: 'TRC-20',
          rpc_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/jsonrpc$/),
          chain_id: 31338,
          native: 'TRX',
          tokens: [tron('USDT'), tron('USDC')],
        },
        {
          network: 'ERC-20',
          rpc_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
          chain_id: 31337,
          native: 'ETH',
          tokens: [token('USDT', evm), token('USDC', evm)],
        },
      ],
    });
  });

  test('takes the next free port when its own is busy, and says so', () => {
    const port = Number(new URL(dev.line.base_url).port);
    expect(port).toBeGreaterThan(dev.port);
    expect(dev.program.stderr()).toContain(`Port ${dev.port} is busy; using ${port}.`);
  });

  test('is what it says: the merchants, the chains and their tokens are there', async () => {
    for (const n of [0, 1]) expect(await clientOf(dev, n).user()).toMatchObject({ status: 'Active' });
    for (const { rpc_url: url, chain_id: id, tokens } of dev.line.chains) {
      expect(Number(await rpc(url, 'eth_chainId'))).toBe(id);
      for (const { address, evm_address: contract = address } of tokens)
        expect(await rpc(url, 'eth_getCode', contract, 'latest')).not.toBe('0x');
    }
  });

  test('takes an invoice of each merchant on each chain from the payment to the shop', async () => {
    const invoices = await Promise.all(
      [0, 1].flatMap(n =>
        ['TRC-20', 'ERC-20'].map(async network => {
          const fields = { cryptocurrency: 'USDT', network, client_reference_id: `${n} ${network}` };
          return { n, ...(await clientOf(dev, n).createInvoice({ amount: '15', ...fields })) };
        }),
      ),
    );
    for (const { id } of invoices)
      expect(await run(home, ['pay', id, '--data-dir', 'data'])).toMatchObject({ code: 0 });
    for (const { rpc_url: url } of dev.line.chains) await rpc(url, 'anvil_mine', '0x14');
    for (const { n, id, network, final_amount } of invoices) {
      await expect.poll(() => clientOf(dev, n).invoice(id), patience).toMatchObject({ status: 'completed' });
      const said = `Demo shop ${n + 1}: "paid" for order ${n} ${network}, ${final_amount}, signature right`;
      await expect.poll(() => dev.program.stderr(), patience).toContain(said);
    }
  });

  test('has a test mode on its pages, and mines what makes a payment final by itself', async () => {
    const created = await clientOf(dev).createWidget({ amount: '7', client_reference_id: 'in test mode' });
    const visit = visitOf(created);
    await submit(visit, 'method', { fields: { method: 'ERC-20:USDT' } });
    const paid = await submit(visit, 'simulate', { fields: { action: 'exact' } });
    expect(redirectOf(visit, 'simulate', paid)).toMatch(/\?simulated=exact&tx=0x[\da-f]{64}$/);
    await expect
      .poll(() => clientOf(dev).invoice(created.id), patience)
      .toMatchObject({ status: 'completed' });
  });

  test('shows the letters it would send, and their links are good', async () => {
    const path = (call: string) => `${dev.line.base_url}/dashboard/api${call}`;
    const post = async (call: string, body: object) => {
      const headers = { 'content-type': 'application/json', origin: dev.line.base_url };
      return (await fetch(path(call), { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    const [email, password] = ['ada@example.com', 'a long and quiet river'];
    const token = new URL(dev.line.set_up_url ?? '').hash.slice(1);
    expect(await post('/set-up', { token, email, name: 'Ada', password, language: 'en' })).toBe(200);
    expect(await post('/password-reset', { email, language: 'en' })).toBe(202);
    await expect
      .poll(() => dev.program.stderr(), patience)
      .toContain(`Letter to ${email}: CryptoScan: Set a new password`);
    const link = /\S+\/dashboard\/reset-password#(?<token>[\w-]{43})/.exec(dev.program.stderr());
    const chosen = { token: link?.groups?.token, password: 'another long and quiet river' };
    expect(await post('/password-reset/confirm', chosen)).toBe(204);
    expect(await post('/sign-in', { email, password: chosen.password })).toBe(200);
  });

  test('still takes invoices when it has stood idle for an hour', async () => {
    await withDatabase(home, 'data', db =>
      sql`update cursors set block_time = block_time - interval '1 hour'`.execute(db),
    );
    const invoice = { amount: '3', client_reference_id: 'after an hour' };
    expect(await clientOf(dev).createInvoice(invoice)).toMatchObject({ network: 'TRC-20' });
  });

  test('does not share its folder: a second one is refused and told why', async () => {
    const port = await onFreePort(async free => free);
    const second = await run(home, ['dev', '--json', '--data-dir', 'data', '--port', String(port)]);
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toContain(join(home.dir, 'data'));
    expect(second.stderr).toMatch(/running|in use|already/);
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await clientOf(dev).user()).toMatchObject({ status: 'Active' });
  });

  test('leaves the folder of the other kind alone, and so does serve', async () => {
    const config = join(home.dir, 'config.json');
    const networks = { 'ERC-20': { rpc: [{ url: 'http://127.0.0.1:1' }] } };
    await writeFile(config, JSON.stringify({ baseUrl: 'https://pay.example', networks }));
    const serve = await run(home, ['serve', '--embedded', '--data-dir', 'data', '--config', config]);
    expect([serve.code, serve.stdout]).toEqual([1, '']);
    expect(serve.stderr).toContain('`cryptoscan dev`');
    await run(home, ['migrate', '--embedded', '--data-dir', 'production']);
    const other = await run(home, ['dev', '--data-dir', 'production']);
    expect([other.code, other.stdout]).toEqual([1, '']);
    expect(other.stderr).toContain('`cryptoscan serve`');
  });

  test('brings a killed database back by itself, and has lost nothing it had answered', async () => {
    const pidFile = join(layoutOf(join(home.dir, 'data'), 18).data, 'postmaster.pid');
    const pid = () => Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    const client = clientOf(dev);
    const reference = (n: number) => ({ amount: '4', client_reference_id: `under the kill ${n}` });
    const asked = Array.from({ length: 40 }, (_, n) =>
      client.createInvoice(reference(n)).catch(refused => refused.status),
    );
    await Promise.race(asked);
    const killed = pid();
    process.kill(killed, 'SIGKILL');
    const answers = await Promise.all(asked);
    await expect.poll(() => dev.program.stderr(), patience).toContain('runs again');
    expect(pid()).not.toBe(killed);
    const port = Number(new URL(dev.line.base_url).port);
    await expect.poll(async () => (await send(port, { path: '/readyz' })).status, patience).toBe(200);
    for (const [n, answer] of answers.entries()) {
      if (typeof answer === 'number') expect(answer).toBe(503);
      else
        expect(await client.invoice(answer.id)).toMatchObject({ client_reference_id: `under the kill ${n}` });
    }
    const made = await client.createInvoice({ amount: '4', client_reference_id: 'after the kill' });
    expect(await run(home, ['pay', made.id, '--data-dir', 'data'])).toMatchObject({ code: 0 });
    await expect
      .poll(() => client.invoice(made.id), patience)
      .toMatchObject({ transaction_id: expect.any(String) });
  });

  test('ends with 0 when it is asked to, and leaves no process and no port', async () => {
    const { program, line } = dev;
    const urls = [line.base_url, ...line.chains.map(chain => chain.rpc_url)];
    expect((await processesOf(home.dir)).length).toBeGreaterThan(5);
    expect(await program.terminate()).toEqual({ code: 0, signal: null });
    expect(program.stdout().trimEnd()).not.toContain('\n');
    await expect.poll(() => processesOf(home.dir), patience).toEqual([]);
    for (const url of urls) expect(await isListening(url)).toBe(false);
  });

  test('comes back on its folder with what it had, also after months', async () => {
    const before = dev.line;
    await withStoppedDatabase(home, 'data', db =>
      sql`update cursors set block_time = block_time - interval '90 days', caught_up_at = caught_up_at - interval '90 days'`.execute(
        db,
      ),
    );
    dev = await startDev(home, 'data');
    expect(dev.line.merchants).toEqual(before.merchants);
    expect(dev.program.stderr()).toContain('restored at block');
    const taken = clientOf(dev).createInvoice({ amount: '4', client_reference_id: 'after the kill' });
    await expect(taken).rejects.toMatchObject({ status: 400 });
    await clientOf(dev).createInvoice({ amount: '4', client_reference_id: 'after the return' });
    await dev.program.terminate();
  });

  test('ends in order when it is asked to while it still starts', async () => {
    const port = await onFreePort(async free => free);
    const program = launch(home, ['dev', '--json', '--data-dir', 'data', '--port', String(port)]);
    const own = async () => (await processesOf(join(home.dir, 'data'))).length;
    await expect.poll(own, patience).toBeGreaterThan(0);
    expect(await program.terminate()).toEqual({ code: 0, signal: null });
    await expect.poll(() => processesOf(home.dir), patience).toEqual([]);
  });

  test('keeps nothing when it is ephemeral', async () => {
    const folders = () => readdirSync(tmpdir()).filter(name => name.startsWith('cryptoscan-dev-'));
    const before = folders();
    const port = await onFreePort(async free => free);
    const program = launch(home, ['dev', '--ephemeral', '--json', '--port', String(port)]);
    await ready(program);
    const [made] = folders().filter(name => !before.includes(name));
    expect(made).toBeDefined();
    expect(await program.terminate()).toEqual({ code: 0, signal: null });
    expect(existsSync(join(tmpdir(), made!))).toBe(false);
    expect(existsSync(join(home.dir, '.local'))).toBe(false);
  });
});
