/** The requests recorded from the vendor's own PHP client, byte for byte as they crossed the socket. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setCurrency } from '../../server/src/commands/currency-settings.ts';
import { updateMerchant } from '../../server/src/commands/update-merchant.ts';
import { clientOf, type Ground, openGateway, openGround, openShop, type TestGateway } from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import { sendBytes } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  await setCurrency(ground, 'EUR', { pinnedRate: '0.5' });
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

describe('the requests recorded from the vendor’s PHP client, byte for byte', () => {
  type Recorded = { call: string; auth: 'signature' | 'private-key'; request: string };
  const file = new URL(
    '../../server/src/http/merchant-api/fixtures/php-client-requests.json',
    import.meta.url,
  );
  const recorded: { public_key: string; private_key: string; requests: Recorded[] } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const texts = (...names: string[]) => Object.fromEntries(names.map(name => [name, expect.any(String)]));
  const payment = texts('id', 'final_amount', 'cryptocurrency', 'network', 'wallet', 'expire_at');
  const widget = { ...payment, ...texts('widget_url') };
  const error = (status: number, name: string) => ({ name, message: expect.any(String), code: 0, status });
  const invalid = (field: string, text: unknown) => ({
    message: 'Invalid request data',
    errors: { [field]: [text] },
  });
  const user = { id: expect.any(Number), status: 'Active', balance: 0, currency: 'USD' };
  const euro = { status: 'enabled', rate: 0.5 };
  const taken = 'Client Reference Id "ord/1 é😀~*" has already been taken.';
  /** What each call is answered with; those of the private key come last and are told apart by it. */
  const expected: Record<string, [number, unknown]> = {
    'invoiceCreate 123456789.123456': [
      400,
      invalid('amount', expect.stringContaining('14 significant digits')),
    ],
    'invoiceCreate 1e15': [401, error(401, 'Unauthorized')],
    'private-key invoiceCreate all fields': [400, invalid('client_reference_id', taken)],
    'widgetCreate minimal': [200, widget],
    'widgetCreate all': [200, widget],
    invoiceDetail: [404, error(404, 'Not Found')],
    'invoiceSearch int': [200, []],
    'invoiceSearch "a b&c=é"': [200, []],
    invoiceConfirm: [404, error(404, 'Not Found')],
    userDetail: [200, user],
    'private-key userDetail': [200, user],
    currencyRate: [200, expect.arrayContaining([{ currency: 'EUR', ...euro }])],
    currencyRateStatus: [200, euro],
  };

  test('21 of the 22 are let in, and each is answered as documented', async () => {
    const keys = { publicKey: recorded.public_key, privateKey: recorded.private_key };
    const imported = await openShop(ground, { keys, settings: { compat: true } });
    const euroStatus = () => clientOf(gateway, imported).currencyStatus('EUR');
    await expect.poll(euroStatus, { timeout: 45_000, interval: 20 }).toEqual(euro);
    expect(recorded.requests).toHaveLength(22);
    for (const { call, auth, request } of recorded.requests) {
      if (auth === 'private-key') await updateMerchant({ ...ground, allow: [] }, imported.id, { auth });
      const { status, headers, text } = await sendBytes(gateway.port, request);
      const { success, data } = JSON.parse(text);
      const name = auth === 'private-key' ? `${auth} ${call}` : call;
      expect([name, status, data]).toEqual([name, ...(expected[name] ?? [200, payment])]);
      expect([success, headers['content-type']]).toEqual([status === 200, 'application/json; charset=utf-8']);
    }
  });

  test('what they asked for is what was created', async () => {
    const rows = await ground.db
      .selectFrom('invoices as i')
      .innerJoin('merchant_keys as k', 'k.merchant_id', 'i.merchant_id')
      .select(['client_reference_id', 'requested_amount', 'source_currency', 'source_amount', 'metadata'])
      .where('k.public_key', '=', recorded.public_key)
      .orderBy('i.id')
      .execute();
    expect(rows.map(row => Object.values(row).filter(value => value !== null))).toEqual([
      ['123', '10.00000000'],
      ['124', '10.50000000'],
      ['125', '0.10000000'],
      ['126', '0.30000000'],
      ['127', '12345678.12345600'],
      ['129', '0.00001000'],
      ['130', '7.50000000'],
      ['132', '10.00000000'],
      ['ord/1 é😀~*', '20.00000000', 'EUR', '10.00000000', 'Example text & «x»\n'],
      ['w1', '10.00000000'],
      ['w2', '39.98000000', 'EUR', '19.99000000'],
    ]);
    const page = await ground.db
      .selectFrom('invoices')
      .select(['widget_description', 'back_url', 'cancel_url', 'lang'])
      .where('client_reference_id', '=', 'w2')
      .executeTakeFirst();
    expect(page).toEqual({
      widget_description: 'Description 100%',
      back_url: 'https://shop.example/ok?a=1&b=2',
      cancel_url: 'https://shop.example/no',
      lang: 'ru-RU',
    });
  });
});
