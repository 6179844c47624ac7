/** The documented answers, byte for byte where that is the point, and everything that is not an endpoint. */
import { AuthenticationError, NotFoundError } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adjustBalance } from '../../server/src/commands/adjust-balance.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import { creating, keyHeaders, send } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await Promise.all([watchFake(ground, 'TRC-20'), watchFake(ground, 'ERC-20')]);
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
  other = await openShop(ground, { settings: { auth: 'private-key' } });
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

const get = (path: string, headers = keyHeaders(shop)) =>
  send(gateway.port, { path: `/api/v1${path}`, headers });
const create = (amount: string, reference: string) =>
  clientOf(gateway, shop).createInvoice({ amount, client_reference_id: reference });

describe('the documented answers', () => {
  test('a created invoice has the documented fields in their order, every value a string', async () => {
    const body = '{"amount":125.68,"client_reference_id":"documented"}';
    const before = Math.floor(Date.now() / 1000);
    const { status, headers, text } = await send(gateway.port, creating(keyHeaders(shop), body));
    const after = Math.ceil(Date.now() / 1000);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const { success, data, ...rest } = JSON.parse(text);
    expect([success, rest]).toEqual([true, {}]);
    expect(Object.keys(data)).toEqual([
      'id',
      'final_amount',
      'cryptocurrency',
      'network',
      'wallet',
      'expire_at',
    ]);
    expect(data).toEqual({
      id: expect.stringMatching(/^[1-9]\d*$/),
      final_amount: expect.stringMatching(/^12[56]\.\d{2}[1-9]?$/),
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      wallet: shop.wallets['TRC-20'],
      expire_at: expect.stringMatching(/^\d{10}$/),
    });
    expect(Number(data.expire_at) - 30 * 60).toBeGreaterThanOrEqual(before);
    expect(Number(data.expire_at) - 30 * 60).toBeLessThanOrEqual(after);
  });

  test('a viewed invoice has the documented fields in their order and types', async () => {
    const created = await create('10.54', '287');
    const { status, text } = await get(`/invoice/${created.id}`);
    expect(status).toBe(200);
    const { success, data } = JSON.parse(text);
    expect(success).toBe(true);
    expect(Object.entries(data)).toEqual([
      ['id', Number(created.id)],
      ['cryptocurrency', 'USDT'],
      ['network', 'TRC-20'],
      ['wallet', created.wallet],
      ['payer_wallet', null],
      ['transaction_id', null],
      ['final_amount', Number(created.final_amount)],
      ['requested_amount', '10.54000000'],
      ['status', 'new'],
      ['client_reference_id', '287'],
      ['metadata', null],
      ['created_at', Number(created.expire_at) - 30 * 60],
      ['paid_at', null],
      ['expire_at', Number(created.expire_at)],
    ]);
    expect(await clientOf(gateway, shop).invoice(created.id)).toEqual(data);
  });

  test('an amount is printed from its decimal, whatever a float would make of it', async () => {
    const created = await create('999999999999998.12345678', 'large');
    expect(created.final_amount).toMatch(/^99999999999999[89]\.\d{2,3}$/);
    const { text } = await get(`/invoice/${created.id}`);
    const number = created.final_amount.replace(/\.?0+$/, '');
    expect(text).toContain(`"final_amount":${number},"requested_amount":"999999999999998.12345678"`);
  });

  test('the user is the one the keys belong to, with the balance to two places', async () => {
    const { status, text } = await get('/user');
    expect(status).toBe(200);
    const data = `{"id":${shop.userId},"status":"Active","balance":0.00,"currency":"USD"}`;
    expect(text).toBe(`{"success":true,"data":${data}}`);
    expect(await clientOf(gateway, shop).user()).toEqual(JSON.parse(data));
  });

  test('the balance loses what is below a cent, never a cent', async () => {
    await adjustBalance(ground, other.userId, { amount: '85.99999999', memo: 'a test' });
    expect((await get('/user', keyHeaders(other))).text).toContain('"balance":85.99,');
    await adjustBalance(ground, other.userId, { amount: '-86', memo: 'a test' });
    expect((await get('/user', keyHeaders(other))).text).toContain('"balance":-0.01,');
  });
});

describe('an invoice of somebody else, and no invoice at all', () => {
  test('look the same', async () => {
    const { id } = await clientOf(gateway, other).createInvoice({ amount: 1, client_reference_id: 'theirs' });
    const [theirs, missing] = await Promise.all([get(`/invoice/${id}`), get('/invoice/999999999')]);
    expect(theirs.status).toBe(404);
    expect(theirs.text).toBe(
      '{"success":false,"data":{"name":"Not Found","message":"Invoice not found.","code":0,"status":404}}',
    );
    expect({ ...missing, headers: { ...missing.headers, date: '' } }).toEqual({
      ...theirs,
      headers: { ...theirs.headers, date: '' },
    });
    await expect(clientOf(gateway, shop).invoice(id)).rejects.toThrow(NotFoundError);
    expect(await clientOf(gateway, other).invoice(id)).toMatchObject({ client_reference_id: 'theirs' });
  });

  test.each([
    ...['0', '-1', '1.5', '1e1', '01', '+1', '%201', '0x1', 'abc', '1%27', '1%20or%201=1', '%00', 'null'],
    ...['99999999999999999999', '9007199254740993', '__proto__', 'constructor'],
  ])('the id %s is not found', async id => {
    const { status, text } = await get(`/invoice/${id}`);
    expect(status).toBe(404);
    expect(JSON.parse(text)).toEqual({
      success: false,
      data: { name: 'Not Found', message: 'Invoice not found.', code: 0, status: 404 },
    });
  });

  test('an id that is too long or not well-formed gets an error in the envelope too', async () => {
    for (const id of ['1'.repeat(101), '%', '%E0%A4%A', '%ff']) {
      const { status, text } = await get(`/invoice/${id}`);
      expect([400, 404], id).toContain(status);
      expect(JSON.parse(text), id).toMatchObject({ success: false, data: { message: expect.any(String) } });
    }
  });
});

describe('what is not an endpoint', () => {
  test('is a 404 in the envelope', async () => {
    const message = {
      success: false,
      data: { name: 'Not Found', message: 'Page not found.', code: 0, status: 404 },
    };
    for (const path of ['/nothing', '/callback', '/invoice/1/callback', '/user/1', '/Invoice/1']) {
      const { status, text, headers } = await get(path);
      expect([path, status, JSON.parse(text)]).toEqual([path, 404, message]);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
    }
    const posted = await send(gateway.port, {
      ...creating(keyHeaders(shop), '{}'),
      path: '/api/v1/callback',
    });
    expect([posted.status, JSON.parse(posted.text)]).toEqual([404, message]);
  });

  test.each([
    ['GET', '/user', ['POST', 'PUT', 'PATCH', 'DELETE']],
    ['GET', '/invoice/1', ['PUT', 'PATCH', 'DELETE']],
    ['POST', '/invoice', ['PUT', 'PATCH', 'DELETE']],
  ])('only %s is allowed at %s', async (allowed, path, methods) => {
    for (const method of methods) {
      const message = { method, path: `/api/v1${path}`, headers: keyHeaders(shop) };
      const { status, headers, text } = await send(gateway.port, message);
      expect([method, status]).toEqual([method, 405]);
      expect(headers.allow?.split(', ')).toContain(allowed);
      expect(JSON.parse(text)).toMatchObject({
        success: false,
        data: { name: 'Method Not Allowed', status: 405 },
      });
    }
  });

  test('HEAD answers as GET does, without the body', async () => {
    const path = '/api/v1/user';
    const full = await send(gateway.port, { path, headers: keyHeaders(shop) });
    const head = await send(gateway.port, { method: 'HEAD', path, headers: keyHeaders(shop) });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(full.text)));
    expect(await send(gateway.port, { method: 'HEAD', path })).toMatchObject({ status: 401, text: '' });
  });
});

describe('what a proxy or an attacker puts into headers', () => {
  test('changes nothing', async () => {
    const { id } = await create('3', 'headers');
    const plain = await get(`/invoice/${id}`);
    const odd = await get(`/invoice/${id}`, {
      ...keyHeaders(shop),
      host: 'evil.example',
      'x-forwarded-for': '<script>alert(1)</script>',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'javascript',
      'x-http-method-override': 'DELETE',
      forwarded: 'host=evil.example',
    });
    expect([odd.status, odd.text]).toEqual([200, plain.text]);
    expect(JSON.stringify(odd.headers)).not.toContain('evil');
  });

  test('keys in the address are no keys', async () => {
    const query = `?public-key=${shop.publicKey}&private-key=${shop.privateKey}`;
    expect((await get(`/user${query}`, {})).status).toBe(401);
    const wrong = clientOf(gateway, { ...shop, privateKey: 'private_wrong' });
    await expect(wrong.user()).rejects.toThrow(AuthenticationError);
  });
});
