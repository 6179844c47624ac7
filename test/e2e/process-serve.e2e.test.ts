/** `serve` as a process: what it refuses to start with, and a payment in production from the order to the shop. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CryptoScan, verifyWebhook } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onFreePort } from '../gateway.ts';
import {
  type Home,
  isListening,
  launch,
  openHome,
  type Program,
  patience,
  processesOf,
  ready,
  run,
  runHere,
} from '../process.ts';
import { unitsOf } from './fake-watch.ts';
import { bury, type LiveChain, openLive, pay } from './live-chain.ts';
import { openSink, type Sink } from './sink.ts';
import { send } from './wire.ts';

const SHOP = '0x00000000000000000000000000000000000a0001';
let home: Home;
let chain: LiveChain;
let sink: Sink;
let folder: string;
let server: Program | undefined;

beforeAll(async () => {
  [home, chain, sink] = await Promise.all([openHome(), openLive('ERC-20'), openSink()]);
  folder = await mkdtemp(join(tmpdir(), 'serve-config-'));
  expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
}, 300_000);

afterAll(async () => {
  await server?.kill();
  await chain?.stop();
  await sink?.close();
  await home?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Closed by the far end, or with the test. */
async function openConnection(url: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.on('error', () => undefined).unref();
  await once(socket, 'connect');
  return socket.resume();
}

async function configured(settings: unknown): Promise<string> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  await writeFile(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return path;
}

const somewhere = { 'ERC-20': { rpc: [{ url: 'http://127.0.0.1:1' }] } };

describe('a configuration that cannot work', () => {
  const refuse = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await runHere(['serve', ...args], env);
    expect([code, stdout]).toEqual([2, '']);
    return stderr.trimEnd().split('\n');
  };

  test('is refused when there is none, with all that is missing', async () => {
    const { code, stdout, stderr } = await run(home, ['serve']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^databaseUrl: .+\nbaseUrl: .+\nnetworks: .+\n$/);
  });

  test('is refused with every fault at once, those of the file, the environment and the flags', async () => {
    const config = await configured({
      port: 99_999,
      roles: ['api', 'cook'],
      webhookAllow: ['10.0.0.5/8'],
      networks: { 'ERC-20': { rpc: [] }, 'DOGE-20': { rpc: [{ url: 'ftp://x' }] } },
      colour: 'blue',
    });
    const said = (await refuse(['--embedded', '--config', config], { CRYPTOSCAN_LOG_LEVEL: 'loud' })).join(
      '\n',
    );
    for (const fault of [
      /^port: /m,
      /^roles\.1: /m,
      /^webhookAllow: /m,
      /^logLevel: /m,
      /^networks\.ERC-20\.rpc: /m,
      /DOGE-20/,
      /colour/,
      /^baseUrl: /m,
    ])
      expect(said).toMatch(fault);
  });

  test('is refused when settings contradict one another', async () => {
    const config = await configured({ baseUrl: 'https://pay.example', networks: somewhere });
    const both = { DATABASE_URL: 'postgres://127.0.0.1:1/x', CRYPTOSCAN_MASTER_KEY: 'ab'.repeat(32) };
    expect(await refuse(['--embedded', '--config', config], both)).toEqual([
      expect.stringMatching(/^databaseUrl: /),
      expect.stringMatching(/^masterKey: /),
    ]);
    const { DATABASE_URL } = both;
    expect(await refuse(['--config', config], { DATABASE_URL })).toEqual([
      expect.stringMatching(/^masterKey: /),
    ]);
  });

  test('is refused when it cannot be read', async () => {
    const [missing, broken] = [join(folder, 'missing.json'), await configured('{')];
    expect(await refuse(['--config', missing])).toContainEqual(expect.stringContaining(missing));
    expect(await refuse(['--config', broken])).toEqual([`${broken}: is not valid JSON`]);
    const list = await configured('5');
    const env = { CRYPTOSCAN_PORT: '5' };
    expect(await refuse(['--config', list], env)).toContain(`${list}: must hold an object of settings`);
  });

  test('never tells a secret', async () => {
    const secret = 'ab'.repeat(31);
    const env = { CRYPTOSCAN_MASTER_KEY: secret, DATABASE_URL: 'mysql://user:hunter2@127.0.0.1/x' };
    const said = (await refuse([], env)).join('\n');
    expect(said).toMatch(/^masterKey: /m);
    expect(said).not.toMatch(/abab|hunter2/);
  });
});

describe('in production, with a database of its own and a chain that the file describes', () => {
  const data = ['--embedded', '--data-dir', 'production'];
  let config: string;
  let baseUrl: string;
  let metricsPort: number;

  beforeAll(async () => {
    metricsPort = await onFreePort(async free => free);
    const port = await onFreePort(async free => free);
    baseUrl = `http://127.0.0.1:${port}`;
    const { chainId, tokens, finality } = chain.network;
    const network = { rpc: [{ url: chain.rpcUrl }], chainId, tokens: tokens.slice(0, 1), finality };
    const settings = {
      baseUrl: 'https://pay.example/',
      port,
      metricsPort,
      webhookAllow: ['127.0.0.1/32'],
      networks: { 'ERC-20': network },
    };
    config = await configured({ ...settings, logLevel: 'trace' });
  });

  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(home, [...args, ...data, '--config', config, '--json']);
    expect([args[0], code, stderr]).toEqual([args[0], 0, '']);
    return JSON.parse(stdout);
  };
  const serve = async () => {
    server = launch(home, ['serve', ...data, '--config', config, '--json']);
    return ready(server);
  };

  test('it starts with nothing in it, and says where it is', async () => {
    expect(await serve()).toEqual({
      ready: true,
      base_url: 'https://pay.example',
      port: Number(new URL(baseUrl).port),
      roles: ['api', 'watch', 'settle', 'dispatch'],
    });
    const probe = () => send(Number(new URL(baseUrl).port), { path: '/readyz' });
    await expect.poll(async () => (await probe()).status, patience).toBe(200);
    const figures = await send(metricsPort, { path: '/metrics' });
    expect([figures.status, figures.text]).toEqual([
      200,
      expect.stringContaining('\ncryptoscan_database_up 1\n'),
    ]);
    expect(figures.text).toContain('route="/readyz",status="200"} 1\n');
    expect(await cli('merchant', 'list')).toEqual([]);
    expect(await cli('wallet', 'list')).toEqual([]);
    expect((await processesOf(home.dir)).length).toBeGreaterThan(1);
  });

  test('an order is paid on that chain and the shop is told, and no secret is in the log', async () => {
    await cli('user', 'create', '--email', 'owner@example.com', '--password', 'correct horse');
    const shop = [
      '--name',
      'Shop',
      '--url',
      'https://shop.example',
      '--compat',
      'off',
      '--webhook-url',
      sink.url('/hook'),
    ];
    const keys = await cli('merchant', 'create', '--user', '1', ...shop);
    const wallet = ['--network', 'ERC-20', '--cryptocurrency', 'USDT', '--address', SHOP];
    await cli('wallet', 'add', '--merchant', '1', ...wallet);
    const { public_key: publicKey, private_key: privateKey, webhook_secret: webhookSecret } = keys;
    const client = new CryptoScan({ baseUrl, publicKey, privateKey });
    const order = {
      amount: '99.95',
      client_reference_id: 'first',
      cryptocurrency: 'USDT',
      network: 'ERC-20',
    };
    const invoice = await client.createInvoice(order);
    await pay(chain, SHOP, unitsOf(invoice));
    await bury(chain);
    await expect.poll(() => sink.at('/hook').length, patience).toBe(1);
    const { body, headers } = sink.at('/hook')[0]!;
    const verified = await verifyWebhook(body, headers, { publicKey, privateKey, webhookSecret });
    expect(verified).toMatchObject({
      ok: true,
      event: { event_type: 'paid', data: { id: Number(invoice.id) } },
    });
    expect(await client.invoice(invoice.id)).toMatchObject({ status: 'completed' });
    await expect(
      new CryptoScan({ baseUrl, publicKey, privateKey: 'private_planted' }).user(),
    ).rejects.toThrow();
    const log = server?.stderr() ?? '';
    expect(log).toContain('network is watched from here on');
    for (const line of log.trimEnd().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
    for (const secret of [privateKey, webhookSecret, 'correct horse', 'private_planted'])
      expect(log).not.toContain(secret);
  });

  test('it ends with 0 when asked to, leaves nothing running, and knows everything when it is back', async () => {
    // Neither of these will ever send a whole request.
    const half = 'POST /api/v1/invoice/create HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{';
    for (const text of ['', half]) (await openConnection(baseUrl)).write(text);
    const asked = performance.now();
    expect(await server?.terminate()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(20_000);
    expect(server?.stdout().trimEnd()).not.toContain('\n');
    await expect.poll(() => processesOf(home.dir), patience).toEqual([]);
    expect(await isListening(baseUrl)).toBe(false);
    await serve();
    expect(await cli('transfer', 'list')).toMatchObject([
      { state: 'matched', invoice_id: 1, cryptocurrency: 'USDT' },
    ]);
    expect(await cli('doctor')).toMatchObject({ ok: true });
  });

  test('a second one on the folder is refused', async () => {
    const other = await configured({
      baseUrl: 'https://pay.example',
      networks: somewhere,
      port: await onFreePort(async free => free),
    });
    const second = await run(home, ['serve', ...data, '--config', other]);
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toContain(join(home.dir, 'production'));
  });

  test('a port that is taken is not evaded: it ends with 1 and says so', async () => {
    const other = await configured({
      baseUrl: 'https://pay.example',
      networks: somewhere,
      port: Number(new URL(baseUrl).port),
    });
    const second = await run(home, ['serve', '--embedded', '--data-dir', 'other', '--config', other]);
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toContain('EADDRINUSE');
  });
});
