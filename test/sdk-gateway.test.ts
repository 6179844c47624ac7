/** Every call of the SDK, by every kind of authentication, against a real gateway: what arrives is what the types say. */
import { randomBytes } from 'node:crypto';
import {
  type Auth,
  AuthenticationError,
  ConflictError,
  CryptoScan,
  NotFoundError,
  ValidationError,
} from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MerchantSettings } from '../server/src/commands/merchant-settings.ts';
import { watchFake } from './e2e/fake-watch.ts';
import { type Ground, openGateway, openGround, openShop, type Shop, type TestGateway } from './gateway.ts';

let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await Promise.all([watchFake(ground, 'TRC-20'), watchFake(ground, 'ERC-20')]);
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

/** Its fields by type: two answers of one shape have one picture, whatever their values. */
function shapeOf(value: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, one === null ? 'null' : typeof one]),
  );
}

const viewed = {
  id: 'number',
  cryptocurrency: 'string',
  network: 'string',
  wallet: 'string',
  payer_wallet: 'null',
  transaction_id: 'null',
  final_amount: 'number',
  requested_amount: 'string',
  status: 'string',
  client_reference_id: 'string',
  metadata: 'string',
  created_at: 'number',
  paid_at: 'null',
  expire_at: 'number',
};
const texts = (names: string) => Object.fromEntries(names.split(' ').map(name => [name, 'string']));
const payment = texts('id final_amount cryptocurrency network wallet expire_at');

const kinds: [Auth, Partial<MerchantSettings>][] = [
  ['signature', { auth: 'signature' }],
  ['private-key', { auth: 'private-key' }],
  ['signature-v2', { signatureV2: 'required' }],
  ['signature-v2', { auth: 'private-key', signatureV2: 'on' }],
];

describe.each(kinds)('with %s for a merchant set to %o', (auth, settings) => {
  let shop: Shop;
  let client: CryptoScan;
  const clientWith = (privateKey: string, kind = auth) =>
    new CryptoScan({ baseUrl: gateway.baseUrl, publicKey: shop.publicKey, privateKey, auth: kind });

  beforeAll(async () => {
    shop = await openShop(ground, { settings });
    client = clientWith(shop.privateKey);
  });

  test('an invoice is created, viewed, found and confirmed', async () => {
    const input = {
      amount: '12.5',
      client_reference_id: "it's a~b/é 50%&c=1",
      metadata: 'basket "7"\n😀',
      cryptocurrency: 'USDT',
      network: 'ERC-20',
    };
    const options = { idempotencyKey: 'order 1' };
    const created = await client.createInvoice(input, options);
    expect(shapeOf(created)).toEqual(payment);
    expect(await client.createInvoice(input, options)).toEqual(created);
    const changed = client.createInvoice({ ...input, amount: '13' }, options);
    await expect(changed).rejects.toBeInstanceOf(ConflictError);
    await expect(client.createInvoice(input)).rejects.toMatchObject({
      errors: { client_reference_id: [expect.stringContaining('has already been taken')] },
    });

    const invoice = await client.invoice(created.id);
    expect(shapeOf(invoice)).toEqual(viewed);
    expect([String(invoice.id), invoice.client_reference_id, invoice.metadata]).toEqual([
      created.id,
      input.client_reference_id,
      input.metadata,
    ]);
    for (const query of [created.id, input.client_reference_id, "it's a~b/é 50%", input.metadata])
      expect(await client.searchInvoices(query)).toEqual([invoice]);

    const transactionId = `0x${randomBytes(32).toString('hex')}`;
    const confirmed = await client.confirmInvoice(created.id, transactionId);
    const { cryptocurrency: _coin, network: _network, ...named } = viewed;
    expect(shapeOf(confirmed)).toEqual({
      ...named,
      requested_amount: 'number',
      transaction_id: 'string',
      paid_at: 'number',
    });
    expect(confirmed).toMatchObject({ status: 'paid_manually', transaction_id: transactionId });
    expect(await client.confirmInvoice(created.id, transactionId)).toEqual(confirmed);
    const other = client.confirmInvoice(created.id, `0x${randomBytes(32).toString('hex')}`);
    await expect(other).rejects.toBeInstanceOf(ConflictError);
  });

  test('a widget has a page, and no details before the payer has chosen', async () => {
    const widget = await client.createWidget({
      amount: 20,
      client_reference_id: 77,
      widget_description: 'Order 77 & more',
      back_url: 'https://shop.example/ok?a=1&b=2',
      cancel_url: 'https://shop.example/no',
      lang: 'de-DE',
    });
    expect(shapeOf(widget)).toEqual(texts('id expire_at widget_url'));
    expect(widget.wallet).toBeUndefined();
  });

  test('all that a search finds comes page by page', async () => {
    for (const n of [1, 2, 3, 4, 5])
      await client.createInvoice({ amount: '5', client_reference_id: `page-${n}` });
    const found: string[] = [];
    for await (const invoice of client.searchAllInvoices('page-', { limit: 2 }))
      found.push(invoice.client_reference_id);
    expect(found).toEqual(['page-5', 'page-4', 'page-3', 'page-2', 'page-1']);
  });

  test('the account and the rates are read', async () => {
    const user = await client.user();
    expect(shapeOf(user)).toEqual({ id: 'number', status: 'string', balance: 'number', currency: 'string' });
    const rates = await client.currencyRates();
    expect(rates).toContainEqual({ currency: 'USD', rate: 1, status: 'enabled' });
    expect(await client.currencyStatus('USD')).toEqual({ rate: 1, status: 'enabled' });
    expect(await client.currencyStatus('XXX')).toEqual({ rate: null, status: 'not_supported' });
  });

  test('what the gateway refuses comes as its kind of error', async () => {
    await expect(clientWith('private_guess').user()).rejects.toBeInstanceOf(AuthenticationError);
    await expect(client.invoice(999_999_999)).rejects.toBeInstanceOf(NotFoundError);
    await expect(client.searchInvoices('x', { limit: 101 })).rejects.toMatchObject({
      errors: { limit: [expect.any(String)] },
    });
    const blank = client.createWidget({ amount: '1', client_reference_id: '', lang: 'xx' as 'en-US' });
    await expect(blank).rejects.toBeInstanceOf(ValidationError);
    await expect(blank).rejects.toMatchObject({
      errors: { client_reference_id: ['Client Reference Id cannot be blank.'], lang: [expect.any(String)] },
    });
  });
});

test('a merchant who demands v2 takes nothing less', async () => {
  const shop = await openShop(ground, { settings: { signatureV2: 'required' } });
  for (const auth of ['signature', 'private-key'] as const) {
    const client = new CryptoScan({ ...shop, baseUrl: gateway.baseUrl, auth });
    await expect(client.user()).rejects.toBeInstanceOf(AuthenticationError);
  }
});

test('a widget in the mode "USDT TRC-20 receive only" tells the details of the payment', async () => {
  const shop = await openShop(ground, { settings: { compat: true } });
  const client = new CryptoScan({ ...shop, baseUrl: gateway.baseUrl });
  const widget = await client.createWidget({ amount: '20', client_reference_id: 'w' });
  expect(shapeOf(widget)).toEqual({ ...payment, widget_url: 'string' });
  expect(widget).toMatchObject({ cryptocurrency: 'USDT', network: 'TRC-20' });
});
