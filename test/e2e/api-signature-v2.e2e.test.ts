/** The second version of the signature: what it lets in, and that it lets it in once, whichever process is asked. */
import { randomBytes } from 'node:crypto';
import { CryptoScan } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signatureV2 } from '../../server/src/http/merchant-api/signature-v2.ts';
import { type Ground, openGround, openShop, type Shop } from '../gateway.ts';
import { type Api, defaultLimits, openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { keyHeaders, type Message, send, signed } from './wire.ts';

let ground: Ground;
let api: Api;
let other: Api;
/** Shops by what they have set. */
let off: Shop;
let on: Shop;
let required: Shop;
let byKey: Shop;
let made = 0;

beforeAll(async () => {
  ground = await openGround();
  [api, other] = await Promise.all([openApi(ground), openApi(ground)]);
  await watchFake(ground, 'TRC-20');
  off = await openShop(ground, { settings: { signatureV2: 'off' } });
  on = await openShop(ground, { settings: { signatureV2: 'on' } });
  required = await openShop(ground, { settings: { signatureV2: 'required' } });
  byKey = await openShop(ground, { settings: { signatureV2: 'required', auth: 'private-key' } });
});

afterAll(async () => {
  await api?.stop();
  await other?.stop();
  await ground?.close();
});

const fresh = () => `n${++made}`;
const ask = (message: Message, port = api.port) => send(port, message);
const status = async (message: Message, port = api.port) => (await ask(message, port)).status;
const seconds = () => Math.floor(ground.clock.now() / 1000);

type Signing = { time?: number; nonce?: string; privateKey?: string };

/** A message with the header that fits it. */
function v2(shop: Shop, message: Message, { time = seconds(), nonce, privateKey }: Signing = {}): Message {
  const at = { time: String(time), nonce: nonce ?? randomBytes(12).toString('base64url') };
  const sent = { method: message.method ?? 'GET', path: message.path, body: Buffer.from(message.body ?? '') };
  const signature = signatureV2(privateKey ?? shop.privateKey, sent, at);
  const header = `t=${at.time},n=${at.nonce},v1=${signature}`;
  return {
    ...message,
    headers: { ...message.headers, 'public-key': shop.publicKey, 'signature-v2': header },
  };
}

const user: Message = { path: '/api/v1/user' };
const create = (body = `{"amount":"1","client_reference_id":"${fresh()}"}`): Message => ({
  method: 'POST',
  path: '/api/v1/invoice',
  headers: { 'content-type': 'application/json' },
  body,
});
const legacy = (shop: Shop, message: Message, query = `api_key=${shop.publicKey}`): Message => ({
  ...message,
  headers: { ...message.headers, ...signed(shop, query) },
});

describe('where it is on', () => {
  test('it lets in, by itself, whatever the merchant uses otherwise', async () => {
    for (const shop of [on, required, byKey]) {
      expect(await status(v2(shop, user))).toBe(200);
      expect(await status(v2(shop, create()))).toBe(200);
      expect(await status(v2(shop, { ...user, path: '/api/v1/invoice?query=a%20b&c=%C3%A9' }))).toBe(200);
      expect(await status(v2(shop, { ...user, method: 'HEAD' }))).toBe(200);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(
        await status(v2(shop, { ...create(`amount=1&client_reference_id=${fresh()}`), headers: form })),
      ).toBe(200);
    }
  });

  test('a GET may have the body [] or none, and each signs for itself', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await status(v2(on, { ...user, headers, body: '[]' }))).toBe(200);
    const { headers: wrong } = v2(on, user);
    expect(await status({ ...user, headers: { ...headers, ...wrong }, body: '[]' })).toBe(401);
  });

  test('the published client speaks it', async () => {
    const { publicKey, privateKey } = required;
    const baseUrl = `http://127.0.0.1:${api.port}`;
    const client = new CryptoScan({ baseUrl, publicKey, privateKey, auth: 'signature-v2' });
    const { id } = await client.createInvoice({
      amount: '5',
      client_reference_id: fresh(),
      metadata: 'é😀 &',
    });
    expect(await client.invoice(id)).toMatchObject({ metadata: 'é😀 &' });
    expect(await client.searchInvoices('é😀 &')).toHaveLength(1);
  });

  test('a body that the first version could not vouch for is taken', async () => {
    const body = `{"amount":123456789012.121,"client_reference_id":"${fresh()}","x":{"y":[true]}}`;
    expect(await status(v2(on, create(body)))).toBe(200);
  });

  test('the other proof is still taken beside it, unless it is demanded', async () => {
    expect(await status(legacy(on, user))).toBe(200);
    expect(await status(legacy(required, user))).toBe(401);
    expect(await status({ ...user, headers: keyHeaders(byKey) })).toBe(401);
    expect(await status(legacy(required, v2(required, user)))).toBe(200);
  });

  test('once it is there it must be right, whatever else is', async () => {
    for (const header of ['', 'x', `t=${seconds()},n=a,v1=${'0'.repeat(64)}`]) {
      const { headers } = legacy(on, user);
      expect([header, await status({ ...user, headers: { ...headers, 'signature-v2': header } })]).toEqual([
        header,
        401,
      ]);
    }
  });
});

test('where it is off, it is not looked at', async () => {
  expect(await status(v2(off, user))).toBe(401);
  const both = legacy(off, v2(off, user));
  expect([await status(both), await status(both)]).toEqual([200, 200]);
});

describe('a signed request that was changed', () => {
  const message = () => v2(on, create('{"amount":"10.5","client_reference_id":"twin","metadata":"1"}'));

  test.each([
    ['retyped', '{"amount":10.5,"client_reference_id":"twin","metadata":"1"}'],
    ['re-ordered', '{"client_reference_id":"twin","amount":"10.5","metadata":"1"}'],
    ['spaced', '{"amount": "10.5","client_reference_id":"twin","metadata":"1"}'],
    ['with a field twice', '{"amount":"99","amount":"10.5","client_reference_id":"twin","metadata":"1"}'],
    ['nested', '{"amount":"10.5","client_reference_id":"twin","metadata":{"0":"1"}}'],
    ['with a null', '{"amount":"10.5","client_reference_id":"twin","metadata":"1","currency":null}'],
    ['truncated', '{"amount":"10.5","client_reference_id":"twin"}'],
    ['escaped', '{"amount":"10.5","client_reference_id":"\\u0074win","metadata":"1"}'],
    ['emptied', '{}'],
  ])('%s: 401', async (_, body) => {
    expect(await status({ ...message(), body })).toBe(401);
  });

  test('moved to another path, query or method: 401', async () => {
    const paths = ['/api/v1/invoice/widget', '/api/v1/invoice?', '/api/v1/invoice?a=1', '/api/v1/%69nvoice'];
    for (const path of paths) expect([path, await status({ ...message(), path })]).toEqual([path, 401]);
    expect(await status({ ...message(), method: 'PUT' })).toBe(401);
    const confirm = { ...create('{"transactionId":"x"}'), method: 'PUT', path: '/api/v1/invoice/confirm/1' };
    expect(await status({ ...v2(on, confirm), path: '/api/v1/invoice/confirm/2' })).toBe(401);
  });

  test('signed with the key of somebody else: 401', async () => {
    expect(await status(v2(on, user, { privateKey: required.privateKey }))).toBe(401);
    const { headers } = v2(on, user);
    expect(await status({ ...user, headers: { ...headers, 'public-key': required.publicKey } })).toBe(401);
  });

  test('made nothing', async () => {
    const rows = ground.db.selectFrom('invoices').select('id').where('client_reference_id', '=', 'twin');
    expect(await rows.execute()).toEqual([]);
  });
});

describe('replay', () => {
  test('a request counts once, in every process, and a new one is needed to ask again', async () => {
    const message = v2(on, create());
    expect(await status(message)).toBe(200);
    for (const port of [api.port, other.port]) expect(await status(message, port)).toBe(401);
    expect(await status(v2(on, user))).toBe(200);
  });

  test('of 40 at once to two processes one is let in', async () => {
    const message = v2(on, user);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => status(message, n % 2 ? api.port : other.port)),
    );
    expect(answers.sort()).toEqual([200, ...Array(39).fill(401)]);
  });

  test('a nonce is used up by who has the key alone, and by nobody else', async () => {
    const nonce = 'shared';
    expect(await status(v2(on, user, { nonce, privateKey: 'wrong' }))).toBe(401);
    expect(await status(v2(on, user, { nonce, time: seconds() - 1000 }))).toBe(401);
    expect(await status(v2(required, user, { nonce }))).toBe(200);
    expect(await status(v2(on, user, { nonce }))).toBe(200);
    expect(await status(v2(on, create(), { nonce }))).toBe(401);
  });

  test('a nonce is not used up where the merchant asks too much: the same bytes may come again', async () => {
    let time = ground.clock.now();
    const merchant = { perSecond: 0.5, burst: 1 };
    const limited = await openApi(ground, {
      clock: { now: () => time },
      limits: { ...defaultLimits, merchant },
    });
    try {
      const [first, second] = [v2(on, user), v2(on, user)];
      expect(await status(first, limited.port)).toBe(200);
      const before = await ground.db.selectFrom('nonces').select('nonce').execute();
      for (let n = 0; n < 3; n++) expect(await status(second, limited.port)).toBe(429);
      expect(await ground.db.selectFrom('nonces').select('nonce').execute()).toHaveLength(before.length);
      time += 2000;
      expect(await status(second, limited.port)).toBe(200);
      // What is sent again is refused, and takes nothing of what the merchant may ask.
      time += 2000;
      expect(await status(second, limited.port)).toBe(401);
      expect(await status(v2(on, user), limited.port)).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test('a time counts for five minutes, and a nonce is remembered for ten', async () => {
    for (const [moved, expected] of [
      [-290, 200],
      [295, 200],
      [-310, 401],
      [310, 401],
    ] as const)
      expect([moved, await status(v2(on, user, { time: seconds() + moved }))]).toEqual([moved, expected]);
    const message = v2(on, user, { nonce: 'late', time: seconds() + 295 });
    expect(await status(message)).toBe(200);
    const later = { now: () => ground.clock.now() + 590_000 };
    const future = await openApi(ground, { clock: later });
    expect(await status(message, future.port)).toBe(401);
    await sql`update nonces set seen_at = seen_at - interval '11 minutes' where nonce = 'late'`.execute(
      ground.db,
    );
    expect(await status(v2(on, user, { nonce: 'late' }))).toBe(200);
    await future.stop();
  });

  test('an idempotency key works across different nonces', async () => {
    const message = create();
    const keyed = { ...message, headers: { ...message.headers, 'idempotency-key': 'retry' } };
    const first = await ask(v2(on, keyed));
    const second = await ask(v2(on, keyed), other.port);
    expect([second.status, second.text]).toEqual([200, first.text]);
  });
});
