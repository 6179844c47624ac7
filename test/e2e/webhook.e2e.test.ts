/** What a shop is told, every byte of it, on a real socket; and what is kept of its answer. */
import { createHmac } from 'node:crypto';
import { verifyWebhook } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from '../../server/src/store/invariants.ts';
import { clientOf, type Shop } from '../gateway.ts';
import { payFake } from './fake-watch.ts';
import {
  attemptsOf,
  change,
  closeWorld,
  create,
  expired,
  listening,
  openWorld,
  paid,
  recorded,
  request,
  type World,
} from './webhook-world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => closeWorld(world));

/** The `signature` over a query written out by hand as PHP's http_build_query makes it. */
function signatureOf(shop: Shop, data: readonly (readonly [string, string])[], type: string): string {
  const fields = data.map(([name, value]) => `data%5B${name}%5D=${value}`).join('&');
  const query = `api_key=${shop.publicKey}&${fields}&event_type=${type}&retry_count=0`;
  return createHmac('sha256', shop.privateKey).update(query).digest('hex');
}

describe('what a shop is told', () => {
  test('of a payment: the documented fields in their order, signed both ways', async () => {
    const shop = await listening(world, '/paid');
    const reference = 'ord 1/é~*';
    const invoice = await create(world, shop, { client_reference_id: reference, metadata: 'a=b&c' });
    const payment = payFake(world.chains['ERC-20'], shop, invoice);
    await world.chains['ERC-20'].read();
    const { method, path, headers, body } = await request(world, '/paid');
    const viewed = await clientOf(world.gateway, shop).invoice(invoice.id);
    expect([method, path, viewed.status]).toEqual(['POST', '/paid', 'completed']);
    const data: [string, unknown][] = [
      ['id', viewed.id],
      ['wallet', shop.wallets['ERC-20']],
      ['cryptocurrency', 'USDT'],
      ['network', 'ERC-20'],
      ['payer_wallet', payment.payer],
      ['transaction_id', payment.id],
      ['final_amount', invoice.final_amount],
      ['requested_amount', '15.00000000'],
      ['status', 'completed'],
      ['client_reference_id', reference],
      ['metadata', 'a=b&c'],
      ['created_at', viewed.created_at],
      ['paid_at', viewed.paid_at],
      ['expire_at', viewed.expire_at],
    ];
    const event = { event_type: 'paid', retry_count: 0, data: Object.fromEntries(data) };
    expect(body).toBe(JSON.stringify(event));
    expect(viewed.paid_at).toBeGreaterThanOrEqual(viewed.created_at);
    const encoded: Record<string, string> = {
      client_reference_id: 'ord+1%2F%C3%A9%7E%2A',
      metadata: 'a%3Db%26c',
    };
    const query = data.map(([name, value]) => [name, encoded[name] ?? String(value)] as const);
    expect(headers).toEqual({
      host: `127.0.0.1:${world.sink.port}`,
      connection: expect.any(String),
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'CryptoScan',
      'accept-encoding': 'identity',
      'public-key': shop.publicKey,
      signature: signatureOf(shop, query, 'paid'),
      'webhook-id': expect.stringMatching(/^msg_[\w-]{24}$/),
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
    expect(await verifyWebhook(body, headers, shop)).toEqual({ ok: true, event });
    const signedText = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const secret = Buffer.from(shop.webhookSecret.replace('whsec_', ''), 'base64');
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', secret).update(signedText).digest('base64')}`,
    );
    expect(await verifyWebhook(body.replace('15.0', '16.0'), headers, shop)).toMatchObject({ ok: false });
  });

  test('of an expiry: the documented fields in their order, signed both ways', async () => {
    const shop = await listening(world, '/expired');
    const invoice = await expired(world, shop);
    const { headers, body } = await request(world, '/expired');
    const viewed = await clientOf(world.gateway, shop).invoice(invoice.id);
    const data: [string, unknown][] = [
      ['id', viewed.id],
      ['wallet', shop.wallets['ERC-20']],
      ['cryptocurrency', 'USDT'],
      ['network', 'ERC-20'],
      ['final_amount', invoice.final_amount],
      ['requested_amount', '15.00000000'],
      ['status', 'expired'],
      ['client_reference_id', viewed.client_reference_id],
      ['metadata', null],
      ['created_at', viewed.created_at],
      ['expire_at', viewed.expire_at],
    ];
    const event = { event_type: 'expired', retry_count: 0, data: Object.fromEntries(data) };
    expect(body).toBe(JSON.stringify(event));
    const query = data.flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value).replaceAll(' ', '+')] as const],
    );
    expect(headers.signature).toBe(signatureOf(shop, query, 'expired'));
    expect(await verifyWebhook(body, headers, shop)).toEqual({ ok: true, event });
  });

  test('in compatibility mode coin and network are null, as they are not in view', async () => {
    const shop = await listening(world, '/compat', { compat: true });
    const invoice = await paid(world, shop, 'TRC-20');
    const { body, headers } = await request(world, '/compat');
    expect(JSON.parse(body).data).toMatchObject({
      cryptocurrency: null,
      network: null,
      wallet: shop.wallets['TRC-20'],
      payer_wallet: invoice.payment.payer,
      transaction_id: invoice.payment.id,
    });
    expect(await verifyWebhook(body, headers, shop)).toMatchObject({ ok: true });
    const viewed = await clientOf(world.gateway, shop).invoice(invoice.id);
    expect(viewed).toMatchObject({ cryptocurrency: 'USDT', network: 'TRC-20' });
    expect(viewed.payer_wallet).toMatch(/^T/);
  });

  test('in private-key mode it is signed too, and the key itself is sent only where that is switched on', async () => {
    const shop = await listening(world, '/key', { auth: 'private-key' });
    await paid(world, shop);
    const signed = await request(world, '/key');
    expect(JSON.stringify(signed.headers)).not.toContain(shop.privateKey);
    expect(await verifyWebhook(signed.body, signed.headers, shop)).toMatchObject({ ok: true });
    await change(world, shop, { privateKeyHeader: true });
    await paid(world, shop);
    const bare = await request(world, '/key', 1);
    expect(bare.headers['private-key']).toBe(shop.privateKey);
    expect(bare.headers).not.toHaveProperty('signature');
    const { publicKey, webhookSecret } = shop;
    expect(await verifyWebhook(bare.body, bare.headers, { publicKey, webhookSecret })).toMatchObject({
      ok: true,
    });
  });

  test('the switch has no effect on a merchant that signs', async () => {
    await paid(world, await listening(world, '/switch', { privateKeyHeader: true }));
    const { headers } = await request(world, '/switch');
    expect(headers).toHaveProperty('signature');
    expect(headers).not.toHaveProperty('private-key');
  });
});

describe('what a shop answered', () => {
  const headersOf = (row: { headers: string | null } | undefined) =>
    Object.fromEntries(JSON.parse(row?.headers ?? '[]') as [string, string][]);

  test('is kept: status, headers and the first 5000 characters', async () => {
    const shop = await listening(world, '/log');
    world.sink.answer('/log', ({ answered }) => {
      answered.writeHead(200, { 'X-Shop': 'one', 'Content-Type': 'text/html; charset=utf-8' });
      answered.end(`<img src=x onerror=alert(1)>\0${'€'.repeat(6000)}`);
    });
    const delivery = await recorded(world, await paid(world, shop), 1);
    const [kept] = await attemptsOf(world, delivery);
    expect(kept).toMatchObject({ status: 200, error: null, url: world.sink.url('/log') });
    expect(headersOf(kept)).toMatchObject({ 'X-Shop': 'one', 'Content-Type': 'text/html; charset=utf-8' });
    expect(kept?.body).toBe(`<img src=x onerror=alert(1)>\uFFFD${'€'.repeat(4971)}`);
  });

  test('is read no further than that, however much comes', async () => {
    const shop = await listening(world, '/endless');
    world.sink.answer('/endless', ({ answered }) => {
      answered.writeHead(200);
      const pour = () => {
        while (!answered.destroyed && answered.write('x'.repeat(64 * 1024)));
        answered.once('drain', pour);
      };
      pour();
    });
    const delivery = await recorded(world, await paid(world, shop), 1);
    expect(delivery.state).toBe('delivered');
    expect((await attemptsOf(world, delivery))[0]?.body).toBe('x'.repeat(5000));
  });

  test('counts as no answer when its headers have no end', async () => {
    const shop = await listening(world, '/headers');
    world.sink.answer('/headers', ({ answered }) => {
      answered.socket?.write(`HTTP/1.1 200 OK\r\n${`X-Long: ${'x'.repeat(1000)}\r\n`.repeat(100)}`);
    });
    const delivery = await recorded(world, await paid(world, shop), 1);
    expect(delivery.state).toBe('open');
    expect((await attemptsOf(world, delivery))[0]?.error).toMatch(/^too-large-headers: /);
  });

  test('nothing that must always hold was broken by any of it', async () => {
    expect(await findViolations(world.ground.db)).toEqual([]);
  });
});
