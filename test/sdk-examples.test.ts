/**
 * The examples of the SDK, each as a shop of its own beside a real gateway: it makes an order with an invoice, and is
 * told of it by webhooks that are right, repeated, forged, changed and old.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { signTestWebhook, type WebhookEvent, type WebhookKeys } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../server/src/dev/free-port.ts';
import { watchFake } from './e2e/fake-watch.ts';
import {
  clientOf,
  type Ground,
  host,
  onFreePort,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from './gateway.ts';
import { type Packed, packSdk } from './sdk-pack.ts';

const hasPhp = spawnSync('php', ['--version']).status === 0;
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const patience = { timeout: 50_000, interval: 20 };

let ground: Ground;
let gateway: TestGateway;
let merchant: Shop;
let packed: Packed;
let env: Record<string, string>;
const children = new Set<ChildProcess>();
const endAll = () => {
  for (const child of children) child.kill('SIGKILL');
};
process.on('exit', endAll);

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
  merchant = await openShop(ground, { settings: { auth: 'signature' } });
  packed = await packSdk(['fastify', 'express', 'hono']);
  await cp(`${packed.project}/node_modules/@cryptoscan/sdk/examples`, `${packed.project}/examples`, {
    recursive: true,
  });
  env = {
    CRYPTOSCAN_URL: gateway.baseUrl,
    CRYPTOSCAN_PUBLIC_KEY: merchant.publicKey,
    CRYPTOSCAN_PRIVATE_KEY: merchant.privateKey,
    CRYPTOSCAN_WEBHOOK_SECRET: merchant.webhookSecret,
    SHOP_DATA: packed.project,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});

afterAll(async () => {
  endAll();
  process.off('exit', endAll);
  vi.unstubAllEnvs();
  await Promise.all([packed?.close(), gateway?.stop()]);
  await ground?.close();
});

/** Where a shop is asked. */
type Address = { orders: string; webhook: string; close(): Promise<void> };

/** Starts an example by the documented command on a port of its own, and waits until it answers. */
async function spawned(command: string, args: (port: number) => string[]): Promise<Address> {
  const port = await freePort(host, randomInt(10_000, 32_000));
  const child = spawn(command, args(port), {
    cwd: packed.project,
    env: { PATH: process.env.PATH ?? '', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  const ended = once(child, 'close').finally(() => children.delete(child));
  const said = text(child.stderr);
  const base = `http://${host}:${port}`;
  await vi.waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`the example ended: ${await said}`);
    return fetch(`${base}/orders`).catch(() => null);
  }, patience);
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { orders: `${base}/orders`, webhook: `${base}/webhook`, close };
}

type Handler = (request: Request) => Response | Promise<Response>;

/** Serves what takes a Request and gives a Response, as Next.js and the runtimes of Hono do. */
async function served(prefix: string, handle: Handler): Promise<Address> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await buffer(incoming);
    const request = new Request(`http://${host}${url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(method === 'POST' && { body: new Uint8Array(body) }),
    });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  await onFreePort(async port => {
    server.listen(port, host);
    await once(server, 'listening');
  });
  const base = `http://${host}:${(server.address() as AddressInfo).port}${prefix}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { orders: `${base}/orders`, webhook: `${base}/webhook`, close };
}

async function nextRoutes(): Promise<Handler> {
  const orders = await import('../sdk/examples/next/app/api/orders/route.ts');
  const webhook = await import('../sdk/examples/next/app/api/webhook/route.ts');
  return request => {
    const { pathname } = new URL(request.url);
    const routes: Record<string, Handler> = {
      'GET /api/orders': orders.GET,
      'POST /api/orders': orders.POST,
      'POST /api/webhook': webhook.POST,
    };
    return routes[`${request.method} ${pathname}`]?.(request) ?? new Response(null, { status: 404 });
  };
}

const typescript = (file: string) => () =>
  spawned(process.execPath, () => ['--import', tsx, `examples/${file}`]);

/** Any notice of PHP would show in an answer. */
const loud = ['-d', 'error_reporting=-1', '-d', 'display_errors=1'];

const shops: [string, () => Promise<Address>][] = [
  ['fastify', typescript('fastify.ts')],
  ['express', typescript('express.ts')],
  ['hono', async () => served('', (await import('../sdk/examples/hono.ts')).default.fetch)],
  ['next', async () => served('/api', await nextRoutes())],
  ['php', () => spawned('php', port => [...loud, '-S', `${host}:${port}`, 'examples/php/index.php'])],
];

describe.each(shops)('the example for %s', (name, open) => {
  const isAbsent = name === 'php' && !hasPhp;
  let shop: Address;
  let keys: WebhookKeys;

  beforeAll(async () => {
    if (isAbsent) return;
    const { publicKey, privateKey, webhookSecret } = merchant;
    keys = { publicKey, privateKey, webhookSecret };
    shop = await open();
  });

  afterAll(() => shop?.close());

  async function order(): Promise<Record<string, string>> {
    const response = await fetch(shop.orders, { method: 'POST' });
    expect(response.status).toBe(201);
    return (await response.json()) as Record<string, string>;
  }

  async function statusOf(reference: string | undefined): Promise<unknown> {
    const response = await fetch(`${shop.orders}?reference=${reference}`);
    return response.status === 200 ? response.json() : response.status;
  }

  async function post({ headers, body }: { headers: Record<string, string>; body: string }) {
    const response = await fetch(shop.webhook, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  }

  test.skipIf(isAbsent)('an order has an invoice at the gateway, and says what to pay', async () => {
    const { reference = '', ...payment } = await order();
    const [invoice] = await clientOf(gateway, merchant).searchInvoices(reference);
    expect(invoice).toMatchObject({
      client_reference_id: reference,
      requested_amount: '15.00000000',
      status: 'new',
    });
    expect(payment).toEqual({
      pay: expect.stringMatching(/^15\.\d+$/),
      coin: 'USDT',
      network: 'TRC-20',
      wallet: invoice?.wallet,
      until: String(invoice?.expire_at),
    });
    expect(Number(payment.pay)).toBe(invoice?.final_amount);
    expect(await statusOf(reference)).toEqual({ status: 'open', parcels: 0 });
    expect(await statusOf('order-42')).toBe(404);
  });

  test.skipIf(isAbsent)('a payment is shipped once, however often it is told', async () => {
    const { reference } = await order();
    const paid = await signTestWebhook(eventOf('paid', reference), keys);
    expect(await post(paid)).toEqual({ status: 200, text: 'Recorded.' });
    expect(await statusOf(reference)).toEqual({ status: 'paid', parcels: 1 });
    expect(await post(paid)).toMatchObject({ status: 200 });
    const retry = { ...eventOf('paid', reference), retry_count: 3 };
    expect(await post(await signTestWebhook(retry, keys))).toMatchObject({ status: 200 });
    expect(await post(await signTestWebhook(eventOf('expired', reference), keys))).toMatchObject({
      status: 200,
    });
    expect(await statusOf(reference)).toEqual({ status: 'paid', parcels: 1 });
  });

  test.skipIf(isAbsent)('a payment after the end of its time still counts', async () => {
    const { reference } = await order();
    expect(await post(await signTestWebhook(eventOf('expired', reference), keys))).toMatchObject({
      status: 200,
    });
    expect(await statusOf(reference)).toEqual({ status: 'closed', parcels: 0 });
    expect(await post(await signTestWebhook(eventOf('paid', reference), keys))).toMatchObject({
      status: 200,
    });
    expect(await statusOf(reference)).toEqual({ status: 'paid', parcels: 1 });
  });

  test.skipIf(isAbsent)(
    'what is forged, changed, old or for somebody else is refused with its reason',
    async () => {
      const { reference } = await order();
      const event = eventOf('paid', reference);
      const real = await signTestWebhook(event, keys);
      const without = (name: string) => ({ ...real, headers: { ...real.headers, [name]: '' } });
      const forgeries: [{ headers: Record<string, string>; body: string }, RegExp][] = [
        [await signTestWebhook(event, { ...keys, webhookSecret: 'whsec_AAAA' }), /webhook-signature/],
        [await signTestWebhook(event, { ...keys, privateKey: 'private_guess' }), /signature/],
        [await signTestWebhook(event, { ...keys, publicKey: 'public_other' }), /another merchant/],
        [await signTestWebhook(event, { ...keys, now: Date.now() - 3_600_000 }), /ago|too old/],
        [{ ...real, body: real.body.replace('"15.37"', '"0.01"') }, /webhook-signature/],
        [{ ...real, body: JSON.stringify(JSON.parse(real.body), null, 1) }, /webhook-signature/],
        [without('signature'), /header signature is missing/],
        [without('webhook-signature'), /header webhook-signature is missing/],
      ];
      for (const [forged, reason] of forgeries) {
        expect(await post(forged)).toEqual({ status: 400, text: expect.stringMatching(reason) });
      }
      expect(await statusOf(reference)).toEqual({ status: 'open', parcels: 0 });
      expect(await post(real)).toMatchObject({ status: 200 });
    },
  );

  test.skipIf(isAbsent)('an order that the shop does not know is not taken for delivered', async () => {
    const unknown = await signTestWebhook(eventOf('paid', 'order-42'), keys);
    expect(await post(unknown)).toEqual({ status: 404, text: 'No such order.' });
  });
});

function eventOf(type: 'paid' | 'expired', reference = ''): WebhookEvent {
  const payment = {
    payer_wallet: 'TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN',
    transaction_id: 'ab12',
    paid_at: 1678991800,
  };
  return {
    event_type: type,
    retry_count: 0,
    data: {
      id: 32,
      wallet: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
      cryptocurrency: null,
      network: null,
      final_amount: '15.37',
      requested_amount: '15.00000000',
      status: type === 'paid' ? 'completed' : 'expired',
      client_reference_id: reference,
      // What PHP and JavaScript would each write in their own way.
      metadata: 'é😀 ~*/"\\ <&>\u2028',
      created_at: 1678991717,
      expire_at: 1678993517,
      ...(type === 'paid' && payment),
    },
  };
}

test('no example makes its idempotency key from the order: a refusal would come back for a day', () => {
  for (const file of ['README.md', 'examples/shop.ts', 'examples/php/cryptoscan.php']) {
    const written = readFileSync(new URL(`../sdk/${file}`, import.meta.url), 'utf8');
    const keys =
      written.match(/(idempotencyKey|Idempotency-Key): .*/g)?.filter(line => /[('$`]/.test(line)) ?? [];
    expect(keys.length, file).toBeGreaterThan(0);
    for (const key of keys) expect(key, file).toMatch(/randomUUID\(\)|random_bytes\(16\)/);
  }
});
