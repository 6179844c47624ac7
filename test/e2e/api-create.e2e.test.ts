/** What `POST invoice` takes and refuses, field by field. */
import { ValidationError } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { creating, errorsOf, keyHeaders, send } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;
let shop: Shop;
let made = 0;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await Promise.all([watchFake(ground, 'TRC-20'), watchFake(ground, 'ERC-20')]);
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

/** Creates from JSON text that stands for the fields beside a reference of its own. */
async function post(fields: string) {
  const body = `{"client_reference_id":"n${++made}",${fields}}`;
  return send(gateway.port, creating(keyHeaders(shop), body));
}

async function viewed({ text }: { text: string }) {
  return clientOf(gateway, shop).invoice(JSON.parse(text).data.id);
}

describe('amount', () => {
  test.each([
    ['"15.00"', '15.00000000'],
    ['15', '15.00000000'],
    ['15.5', '15.50000000'],
    ['1.0e-5', '0.00001000'],
    ['1E2', '100.00000000'],
    ['"1e2"', '100.00000000'],
    ['1e+2', '100.00000000'],
    ['0.1', '0.10000000'],
    ['"0.00000001"', '0.00000001'],
    ['1.000000000', '1.00000000'],
    ['"007"', '7.00000000'],
    ['999999999999999.99999999', '999999999999999.99999999'],
  ])('%s is %s', async (written, requested) => {
    const answer = await post(`"amount":${written}`);
    expect(answer.status).toBe(200);
    expect((await viewed(answer)).requested_amount).toBe(requested);
  });

  test.each([
    ...[
      '"NaN"',
      '"Infinity"',
      '1e309',
      '"1e309"',
      '"0x10"',
      '"1,5"',
      '"1 000"',
      '" 1"',
      '"1 "',
      '-1',
      '"-1"',
      '"+1"',
    ],
    ...[
      '0',
      '-0',
      '0.0',
      '"0"',
      '0e5',
      'true',
      'false',
      '[]',
      '{}',
      '[1]',
      '{"a":1}',
      '".5"',
      '"5."',
      '"１"',
    ],
    ...['1.123456789', '"1.123456789"', '1e-9', '1e15', '1000000000000000', '1e16', `"${'9'.repeat(41)}"`],
  ])('%s is refused', async written => {
    expect(Object.keys(errorsOf(await post(`"amount":${written}`)))).toEqual(['amount']);
  });

  test.each(['null', '""'])('%s is blank', async written => {
    expect(errorsOf(await post(`"amount":${written}`))).toEqual({ amount: ['Amount cannot be blank.'] });
  });

  test.each(['NaN', 'Infinity', '1e', '.5', '5.', '+1', '0x10', '1,5', '01'])(
    '%s without quotes is no JSON',
    async written => {
      const notJson = expect.stringMatching(/^The body is not valid JSON\b/);
      expect(errorsOf(await post(`"amount":${written}`))).toEqual({ body: [notJson] });
    },
  );

  test('what is due is never below what was asked, by less than a unit and the tail', async () => {
    const answer = await post('"amount":"0.00000001"');
    expect(Number((await viewed(answer)).final_amount)).toBeGreaterThan(0.001);
    expect(JSON.parse((await post('"amount":"10.0009"')).text).data.final_amount).toMatch(/^10\.0\d{1,2}$/);
  });
});

describe('client_reference_id', () => {
  const create = (reference: string) =>
    send(gateway.port, creating(keyHeaders(shop), `{"amount":1,"client_reference_id":${reference}}`));

  test.each([
    ['4711', '4711'],
    ['-3', '-3'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['"ord\\/1 \\u00e9\\ud83d\\ude00~*"', 'ord/1 é😀~*'],
    ['" with spaces "', ' with spaces '],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
    [`"${'😀'.repeat(255)}"`, '😀'.repeat(255)],
    ['"0"', '0'],
    ['"\' OR 1=1--"', "' OR 1=1--"],
  ])('%s is stored as it was sent', async (written, stored) => {
    const answer = await create(written);
    expect(answer.status).toBe(200);
    expect((await viewed(answer)).client_reference_id).toBe(stored);
  });

  test.each([
    ...['1.0', '1e3', 'true', '[]', '{}', `"${'x'.repeat(256)}"`, `"${'😀'.repeat(256)}"`],
    ...['"a\\u0000b"', '"a\\nb"', '"a\\u001b[31m"', '"a\\u007f"', '"a\\u202eb"', '"a\\u2066b"', '"\\u200f"'],
  ])('%s is refused', async written => {
    expect(Object.keys(errorsOf(await create(written)))).toEqual(['client_reference_id']);
  });

  test('is blank when it is left out, null or empty, and both blanks are told at once', async () => {
    const blank = 'Client Reference Id cannot be blank.';
    for (const body of [
      '{}',
      '{"amount":null,"client_reference_id":null}',
      '{"amount":"","client_reference_id":""}',
    ])
      expect(errorsOf(await send(gateway.port, creating(keyHeaders(shop), body)))).toEqual({
        amount: ['Amount cannot be blank.'],
        client_reference_id: [blank],
      });
  });

  test('can be used once, as a number or as text', async () => {
    expect((await create('2222')).status).toBe(200);
    for (const again of ['"2222"', '2222'])
      expect(errorsOf(await create(again))).toEqual({
        client_reference_id: ['Client Reference Id "2222" has already been taken.'],
      });
    expect((await create('"02222"')).status).toBe(200);
  });

  test('may be the same at another merchant', async () => {
    const other = await openShop(ground);
    const invoice = { amount: 1, client_reference_id: 'shared' };
    await clientOf(gateway, shop).createInvoice(invoice);
    await clientOf(gateway, other).createInvoice(invoice);
    await expect(clientOf(gateway, other).createInvoice(invoice)).rejects.toThrow(ValidationError);
  });
});

describe('metadata', () => {
  test.each([
    ['2000 characters', `"${'m'.repeat(2000)}"`, 'm'.repeat(2000)],
    ['2000 characters outside the basic plane', `"${'😀'.repeat(2000)}"`, '😀'.repeat(2000)],
    ['line breaks and directions', '"a\\n\\u202eb"', 'a\n\u202eb'],
    ['null', 'null', null],
    ['an empty text', '""', null],
  ])('may be %s', async (_, written, stored) => {
    const answer = await post(`"amount":1,"metadata":${written}`);
    expect(answer.status).toBe(200);
    expect((await viewed(answer)).metadata).toBe(stored);
  });

  test.each([
    ['2001 characters', `"${'m'.repeat(2001)}"`],
    ['2001 characters outside the basic plane', `"${'😀'.repeat(2001)}"`],
    ['NUL', '"a\\u0000"'],
    ['a number', '5'],
    ['a list', '["a"]'],
    ['an object', '{"a":"b"}'],
  ])('may not be %s', async (_, written) => {
    expect(Object.keys(errorsOf(await post(`"amount":1,"metadata":${written}`)))).toEqual(['metadata']);
  });

  test.each(['"\\ud800"', '"\\udc00x"'])('half a character is a fault of the body: %s', async written => {
    expect(Object.keys(errorsOf(await post(`"amount":1,"metadata":${written}`)))).toEqual(['body']);
  });
});

describe('coin, network and currency', () => {
  test.each([
    ['"cryptocurrency":"USDT","network":"ERC-20"', 'ERC-20'],
    ['"cryptocurrency":"USDT","network":"TRC-20"', 'TRC-20'],
    ['"cryptocurrency":null,"network":null,"currency":null', 'TRC-20'],
    ['"cryptocurrency":"","network":"","currency":"USD"', 'TRC-20'],
  ])('%s is paid on %s', async (fields, network) => {
    const answer = await post(`"amount":1,${fields}`);
    expect(JSON.parse(answer.text).data).toMatchObject({
      cryptocurrency: 'USDT',
      network,
      wallet: shop.wallets[network],
    });
  });

  test.each([
    ['"cryptocurrency":"USDT"', 'network'],
    ['"network":"TRC-20"', 'cryptocurrency'],
    ['"cryptocurrency":"DOGE","network":"TRC-20"', 'cryptocurrency'],
    ['"cryptocurrency":"USDT","network":"DOGE"', 'network'],
    ['"cryptocurrency":"usdt","network":"TRC-20"', 'cryptocurrency'],
    ['"cryptocurrency":"USDT","network":"trc-20"', 'network'],
    ['"cryptocurrency":"USDT ","network":"TRC-20"', 'cryptocurrency'],
    ['"cryptocurrency":1,"network":"TRC-20"', 'cryptocurrency'],
    ['"cryptocurrency":"constructor","network":"TRC-20"', 'cryptocurrency'],
    // A wallet for it is not there, or the network is not read here.
    ['"cryptocurrency":"USDC","network":"TRC-20"', 'network'],
    ['"cryptocurrency":"DAI","network":"ERC-20"', 'network'],
    ['"cryptocurrency":"USDT","network":"POLYGON"', 'network'],
    ['"currency":"EUR"', 'currency'],
    ['"currency":"XXX"', 'currency'],
    ['"currency":"usd"', 'currency'],
    ['"currency":5', 'currency'],
  ])('%s is refused', async (fields, field) => {
    expect(Object.keys(errorsOf(await post(`"amount":1,${fields}`)))).toEqual([field]);
  });

  test('in compatibility mode another network is refused', async () => {
    const client = clientOf(gateway, await openShop(ground, { settings: { compat: true } }));
    const invoice = (reference: string, network: string) =>
      client.createInvoice({ amount: 1, client_reference_id: reference, cryptocurrency: 'USDT', network });
    await expect(invoice('a', 'ERC-20')).rejects.toMatchObject({ errors: { network: [expect.any(String)] } });
    expect(await invoice('a', 'TRC-20')).toMatchObject({ network: 'TRC-20' });
  });

  test('a wallet that is switched off takes no new invoice', async () => {
    const idle = await openShop(ground, { wallet: { active: false } });
    await expect(
      clientOf(gateway, idle).createInvoice({ amount: 1, client_reference_id: 'a' }),
    ).rejects.toMatchObject({ errors: { network: [expect.any(String)] } });
  });
});

describe('fields that are not for the shop to set', () => {
  test('are passed over', async () => {
    const answer = await post(
      '"amount":"5","status":"completed","final_amount":"0.01","merchant_id":2,"id":1,"wallet":"TX","expire_at":1,' +
        '"requested_amount":"1","paid_at":1,"transaction_id":"x","nested":{"amount":1}',
    );
    expect(answer.status).toBe(200);
    const invoice = await viewed(answer);
    expect(invoice).toMatchObject({
      status: 'new',
      requested_amount: '5.00000000',
      paid_at: null,
      transaction_id: null,
    });
    expect(invoice.final_amount).toBeGreaterThan(5);
    expect(invoice.wallet).toBe(shop.wallets['TRC-20']);
  });

  test.each([
    '"__proto__":{"x":1}',
    '"constructor":{"prototype":{"x":1}}',
    '"prototype":1',
    '"\\u005f_proto__":1',
  ])('%s is refused', async field => {
    expect(Object.keys(errorsOf(await post(`"amount":1,${field}`)))).toEqual(['body']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('of a field given twice the last one counts, as in PHP', async () => {
    expect((await viewed(await post('"amount":1,"amount":2'))).requested_amount).toBe('2.00000000');
  });
});

describe('a widget', () => {
  const widget = (of: Shop, fields: string, port = gateway.port) =>
    send(port, {
      ...creating(keyHeaders(of), `{"client_reference_id":"n${++made}","amount":1${fields}}`),
      path: '/api/v1/invoice/widget',
    });

  test('leads back after a payment and after a cancellation each to its own address', async () => {
    const [back_url, cancel_url] = ['https://shop.example/done', 'https://shop.example/basket'];
    const { text } = await widget(shop, `,"back_url":"${back_url}","cancel_url":"${cancel_url}"`);
    const rows = ground.db.selectFrom('invoices').select(['back_url', 'cancel_url']);
    const row = rows.where('id', '=', Number(JSON.parse(text).data.id));
    expect(await row.executeTakeFirst()).toEqual({ back_url, cancel_url });
  });

  test('looks at the rate of its coin where the payer has nothing to choose', async () => {
    const asked: unknown[] = [];
    const api = await openApi(ground, {
      askPrice: async ({ amount, payerChooses }) => {
        asked.push(payerChooses);
        return { requested: amount, source: null, rate: null };
      },
    });
    const bound = await openShop(ground, { settings: { auth: 'private-key', compat: true } });
    for (const of of [bound, shop]) expect((await widget(of, '', api.port)).status).toBe(200);
    await api.stop();
    expect(asked).toEqual([false, true]);
  });
});
