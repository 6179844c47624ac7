/** How much may be asked, by whom, and that nobody is locked out by what others do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Looked } from '../../server/src/chains/chain.ts';
import { confirmManually } from '../../server/src/commands/confirm-manually.ts';
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { Limits } from '../../server/src/http/merchant-api/rate-limit.ts';
import { type Ground, networks, openGround, openShop, type Shop } from '../gateway.ts';
import { type Api, defaultLimits, openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { creating, keyHeaders, send } from './wire.ts';

let ground: Ground;
let shop: Shop;
let apis: Api[] = [];
/** What the servers of a test take for the time, in ms. */
let time = 0;

beforeAll(async () => {
  ground = await openGround();
  await watchFake(ground, 'TRC-20');
});

beforeEach(async () => {
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
  time = ground.clock.now();
  return async () => {
    await Promise.all(apis.map(api => api.stop()));
    apis = [];
  };
});

afterAll(() => ground?.close());

const clock = { now: () => time };

async function open(limits: Partial<Limits> | null, trustedProxies: string[] = []): Promise<Api> {
  const api = await openApi(ground, {
    clock,
    trustedProxies,
    limits: limits && { ...defaultLimits, ...limits },
  });
  apis.push(api);
  return api;
}

const tight = { perSecond: 0.5, burst: 3 };
const right = () => keyHeaders(shop);
const wrong = () => ({ ...keyHeaders(shop), 'private-key': 'wrong' });
const ask = async ({ port }: Api, headers: Record<string, string>) => {
  const answer = await send(port, { path: '/api/v1/user', headers });
  return [answer.status, answer.headers['retry-after']];
};
const from = (address: string, headers: Record<string, string>) => ({
  ...headers,
  'x-forwarded-for': address,
});

describe('a merchant', () => {
  test('may ask for its burst, then as fast as its rate, and is told when to come again', async () => {
    const api = await open({ merchant: tight });
    for (let n = 0; n < 3; n++) expect(await ask(api, right())).toEqual([200, undefined]);
    expect(await ask(api, right())).toEqual([429, '2']);
    time += 1999;
    expect(await ask(api, right())).toEqual([429, '1']);
    time += 1;
    expect(await ask(api, right())).toEqual([200, undefined]);
    expect(await ask(api, right())).toEqual([429, '2']);
  });

  test('is not held up by another one, nor by wrong keys under its name', async () => {
    const api = await open({ merchant: tight });
    const other = await openShop(ground, { settings: { auth: 'private-key' } });
    for (let n = 0; n < 5; n++) await ask(api, wrong());
    for (let n = 0; n < 3; n++) await ask(api, keyHeaders(other));
    expect(await ask(api, keyHeaders(other))).toEqual([429, '2']);
    expect(await ask(api, right())).toEqual([200, undefined]);
  });

  test('that is refused makes no invoice, and its idempotency key is still free', async () => {
    const api = await open({ merchant: { perSecond: 0.5, burst: 1 } });
    const create = () =>
      send(
        api.port,
        creating({ ...right(), 'idempotency-key': 'k' }, '{"amount":1,"client_reference_id":"a"}'),
      );
    await ask(api, right());
    expect((await create()).status).toBe(429);
    time += 2000;
    expect((await create()).status).toBe(200);
  });
});

describe('confirming by hand', () => {
  const invented = (n: number) => n.toString(16).padStart(64, '0');

  test('is counted by merchant, since providers are asked each time, and is told when to come again', async () => {
    const asked: string[] = [];
    const confirm = {
      ...ground,
      networks,
      clock,
      webhookId: () => randomUUID(),
      lookUp: async (_network: NetworkCode, id: string): Promise<Looked> => {
        asked.push(id);
        return { kind: 'unknown' };
      },
    };
    const api = await openApi(ground, {
      clock,
      limits: { ...defaultLimits, lookUps: tight },
      confirmInvoice: command => confirmManually(confirm, command),
    });
    apis.push(api);
    const strict = await openShop(ground, { settings: { auth: 'private-key', verifiedOnly: true } });
    const other = await openShop(ground, { settings: { auth: 'private-key' } });
    const made = async (of: Shop) => {
      const body = '{"amount":1,"client_reference_id":"a"}';
      return JSON.parse((await send(api.port, creating(keyHeaders(of), body))).text).data.id;
    };
    const ids = new Map([
      [strict, await made(strict)],
      [other, await made(other)],
    ]);
    const tryOne = async (of: Shop, n: number) => {
      const { status, headers } = await send(api.port, {
        method: 'PUT',
        path: `/api/v1/invoice/confirm/${ids.get(of)}`,
        headers: { ...keyHeaders(of), 'content-type': 'application/json', 'idempotency-key': `k${n}` },
        body: JSON.stringify({ transactionId: invented(n) }),
      });
      return [status, headers['retry-after']];
    };
    for (let n = 0; n < 3; n++) expect(await tryOne(strict, n)).toEqual([400, undefined]);
    expect(await tryOne(strict, 3)).toEqual([429, '2']);
    expect(await tryOne(strict, 4)).toEqual([429, '2']);
    expect(asked).toHaveLength(3);
    expect(await tryOne(other, 5)).toEqual([200, undefined]);
    time += 2000;
    // The key that was refused is still free.
    expect(await tryOne(strict, 3)).toEqual([400, undefined]);
    expect(asked).toEqual([0, 1, 2, 5, 3].map(invented));
  });
});

describe('an address that does not prove who asks', () => {
  test('is refused after a while, before its keys are looked at, and let in again later', async () => {
    const api = await open({ failures: tight });
    for (let n = 0; n < 3; n++) expect(await ask(api, wrong())).toEqual([401, undefined]);
    expect(await ask(api, wrong())).toEqual([429, '2']);
    expect(await ask(api, right())).toEqual([429, '2']);
    expect(await ask(api, { 'public-key': 'public_unknown' })).toEqual([429, '2']);
    time += 2000;
    expect(await ask(api, right())).toEqual([200, undefined]);
  });

  test('cannot lock out who has proved itself from there: behind some proxies all come from one', async () => {
    const api = await open({ failures: tight });
    expect(await ask(api, right())).toEqual([200, undefined]);
    for (let n = 0; n < 10; n++) await ask(api, { 'public-key': `public_${n}` });
    expect(await ask(api, { 'public-key': 'public_more' })).toEqual([429, '2']);
    for (let n = 0; n < 5; n++) expect(await ask(api, right())).toEqual([200, undefined]);
  });

  test('is one network: an IPv6 subscriber has many addresses, and its neighbour none of them', async () => {
    const api = await open({ failures: tight }, ['127.0.0.1/32']);
    for (const end of ['1', '2', 'ffff:ffff:ffff:ffff'])
      expect(await ask(api, from(`2001:db8:0:1:${end.includes(':') ? end : `:${end}`}`, wrong()))).toEqual([
        401,
        undefined,
      ]);
    expect(await ask(api, from('2001:db8:0:1::9', wrong()))).toEqual([429, '2']);
    expect(await ask(api, from('2001:db8:0:2::1', wrong()))).toEqual([401, undefined]);
    expect(await ask(api, from('192.0.2.1', wrong()))).toEqual([401, undefined]);
  });

  test('is the one the connection comes from, whatever X-Forwarded-For says, unless a proxy is trusted', async () => {
    const api = await open({ failures: tight });
    for (const claimed of ['192.0.2.1', '<script>', '::1'])
      expect(await ask(api, from(claimed, wrong()))).toEqual([401, undefined]);
    expect(await ask(api, from('192.0.2.9', wrong()))).toEqual([429, '2']);
  });

  test('behind a trusted proxy that passes on what is no address, is the proxy', async () => {
    const api = await open({ failures: tight }, ['127.0.0.1/32']);
    for (const claimed of ['<script>', 'x'.repeat(1000), 'unknown'])
      expect(await ask(api, from(claimed, wrong()))).toEqual([401, undefined]);
    expect(await ask(api, wrong())).toEqual([429, '2']);
  });
});

test('without limits there are none', async () => {
  const api = await open(null);
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, n) => ask(api, n % 2 ? right() : wrong())),
  );
  expect(answers.filter(([status]) => status === 429)).toEqual([]);
});

test('what a shop is let to do by default is more than it does', async () => {
  const api = await open(defaultLimits);
  const answers = await Promise.all(Array.from({ length: 500 }, () => ask(api, right())));
  expect(answers.filter(([status]) => status !== 200)).toEqual([]);
});

describe('the key that was used', () => {
  const usedAt = async () => {
    const row = ground.db
      .selectFrom('merchant_keys')
      .select('last_used_at')
      .where('public_key', '=', shop.publicKey);
    return (await row.executeTakeFirstOrThrow()).last_used_at;
  };

  test('is noted, at most once a minute, and not by who had the wrong one', async () => {
    const api = await open(null);
    await ask(api, wrong());
    expect(await usedAt()).toBeNull();
    await ask(api, right());
    await vi.waitUntil(async () => (await usedAt()) !== null, { timeout: 20_000 });
    const first = (await usedAt())!;
    expect(first).toBe(time);
    time += 59_000;
    await ask(api, right());
    // Another process sees in the database that it was noted.
    await ask(await open(null), right());
    await Promise.all(apis.map(one => one.stop()));
    apis = [];
    expect(await usedAt()).toBe(first);
    time += 1000;
    await ask(await open(null), right());
    await vi.waitUntil(async () => (await usedAt()) === first + 60_000, { timeout: 20_000 });
  });
});
