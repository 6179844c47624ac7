/** Many at once, amounts that run out, and a service whose database or chain is not there. */
import { ApiError, ValidationError } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';
import { findForgedWallets, findViolations } from '../../server/src/store/invariants.ts';
import { WireRelay } from '../fire/wire-relay.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  openWallet,
  type TestGateway,
} from '../gateway.ts';
import { isListening } from '../process.ts';
import { watchFake } from './fake-watch.ts';
import { Relay } from './relay.ts';
import { creating, errorsOf, keyHeaders, send } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

describe('many at once', () => {
  test('of 50 identical creates one makes an invoice and 49 are told that it is there', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const message = creating(keyHeaders(shop), '{"amount":"15.00","client_reference_id":"once"}');
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(gateway.port, message)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(49);
    for (const answer of refused) {
      expect(errorsOf(answer)).toEqual({
        client_reference_id: ['Client Reference Id "once" has already been taken.'],
      });
    }
    const held = ground.db
      .selectFrom('reservations')
      .select('invoice_id')
      .where('address_key', 'like', `%${shop.address.slice(2)}`);
    expect(await held.execute()).toHaveLength(1);
  });

  test('500 creates of one price get 500 amounts, all close to it', async () => {
    const shop = await openShop(ground);
    const client = clientOf(gateway, shop);
    const invoices = await Promise.all(
      Array.from({ length: 500 }, (_, n) => client.createInvoice({ amount: '10', client_reference_id: n })),
    );
    const amounts = new Set(invoices.map(invoice => invoice.final_amount));
    expect(amounts.size).toBe(500);
    for (const amount of amounts) expect(amount).toMatch(/^10\.(?!000)\d{2,3}$/);
    expect(new Set(invoices.map(invoice => invoice.id)).size).toBe(500);
  });

  test('two merchants with the same address never share an amount', async () => {
    const [one, two] = await Promise.all([openShop(ground), openShop(ground)]);
    await ground.db
      .updateTable('wallets')
      .set({ active: false })
      .where('merchant_id', 'in', [one.id, two.id])
      .execute();
    const address = `0x${'5a'.repeat(20)}`;
    const shops = [one, two];
    for (const shop of shops)
      await openWallet(ground, { merchantId: shop.id, network: 'TRC-20', address, maxTail: 100 });
    // 9.95 with a tail of 0.051 to 0.1 and 10 with one of 0.001 to 0.05 meet in the same amounts.
    const invoices = await Promise.all(
      Array.from({ length: 80 }, (_, n) =>
        clientOf(gateway, shops[n % 2]!).createInvoice({
          amount: n % 4 < 2 ? '9.95' : '10',
          client_reference_id: n,
        }),
      ),
    );
    expect(new Set(invoices.map(invoice => invoice.wallet)).size).toBe(1);
    expect(new Set(invoices.map(invoice => invoice.final_amount)).size).toBe(80);
  });

  test('nothing that must always hold was broken by it', async () => {
    expect(await findViolations(ground.db)).toEqual([]);
    expect(await findForgedWallets(ground.db, ground.vault)).toEqual([]);
  });
});

describe('what cannot be created for the moment', () => {
  const invoice = (amount: string, client_reference_id: string) => ({ amount, client_reference_id });

  test('a price whose amounts are all held: 409, while other prices and wallets work', async () => {
    const shop = await openShop(ground, { wallet: { maxTail: 5 } });
    const client = clientOf(gateway, shop);
    for (let n = 0; n < 5; n++) await client.createInvoice(invoice('7', `held ${n}`));
    const error = await client.createInvoice(invoice('7', 'one more')).catch(refused => refused);
    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(409);
    expect((await client.createInvoice(invoice('8', 'one more'))).final_amount).toMatch(/^8\.00[1-5]$/);
    await openWallet(ground, { merchantId: shop.id, network: 'TRC-20', address: `0x${'6b'.repeat(20)}` });
    expect((await client.createInvoice(invoice('7', 'elsewhere'))).wallet).not.toBe(shop.wallets['TRC-20']);
  });

  test('a network that has not been read for half an hour: 503, until it is read again', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const create = () =>
      send(gateway.port, creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"late"}'));
    const move = (by: string) =>
      sql`update cursors set block_time = block_time + ${by}::interval, caught_up_at = caught_up_at + ${by}::interval`.execute(
        ground.db,
      );
    await move('-31 minutes');
    const refused = await create();
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '60']);
    expect(JSON.parse(refused.text)).toMatchObject({
      success: false,
      data: { name: 'Service Unavailable', status: 503 },
    });
    await move('31 minutes');
    expect((await create()).status).toBe(200);
  });

  test('a wallet whose address was changed in the database: 503, and nobody is told to pay there', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const forged = ground.db.updateTable('wallets').set({ address: 'TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN' });
    await forged.where('merchant_id', '=', shop.id).where('network', '=', 'TRC-20').execute();
    const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"a"}');
    const { status, text } = await send(gateway.port, message);
    expect(status).toBe(503);
    expect(text).toContain('wallet_integrity');
    expect(text).not.toContain('TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN');
  });
});

/** How many statements wait for a lock that somebody else holds. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from pg_locks where not granted`.execute(ground.db);
  return rows[0]?.n ?? 0;
}

test('while every connection to the database is taken, whoever asks is told to come again soon', async () => {
  const shop = await openShop(ground, { settings: { auth: 'private-key' } });
  const own = await openGateway(ground, { roles: ['api'] });
  const look = () => send(own.port, { path: '/api/v1/invoice/1', headers: keyHeaders(shop) });
  const POOL = 16;
  try {
    const held = await ground.db.transaction().execute(async tx => {
      await sql`lock table invoices in access exclusive mode`.execute(tx);
      const holding = Array.from({ length: POOL }, look);
      await expect.poll(waiting, { timeout: 20_000 }).toBe(POOL);
      // The lock is held until this one is answered.
      const refused = await send(
        own.port,
        creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"full"}'),
      );
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      return [holding];
    });
    for (const { status } of await Promise.all(held.flat())) expect(status).toBe(404);
    expect(
      (await send(own.port, creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"full"}'))).status,
    ).toBe(200);
  } finally {
    await own.stop();
  }
});

test('a gateway that stops answers what it has begun, and takes in nothing more', async () => {
  const shop = await openShop(ground, { settings: { auth: 'private-key' } });
  const own = await openGateway(ground, { roles: ['api'] });
  const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"begun"}');
  const [answer, stopped] = await ground.db.transaction().execute(async tx => {
    await sql`lock table reservations in access exclusive mode`.execute(tx);
    const begun = send(own.port, message);
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
    const stopping = own.stop();
    await expect.poll(() => isListening(own.baseUrl), { timeout: 20_000 }).toBe(false);
    return [begun, stopping];
  });
  expect((await answer).status).toBe(200);
  await stopped;
});

test('one that is given time to leave answers on, says at /readyz that it leaves, and then ends', async () => {
  const shop = await openShop(ground, { settings: { auth: 'private-key' } });
  const own = await openGateway(ground, { roles: ['api'], drain: 2000 });
  const stopped = own.stop();
  const probe = await send(own.port, { path: '/readyz' });
  expect([probe.status, JSON.parse(probe.text).checks]).toEqual([503, { process: 'stopping' }]);
  const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"leaving"}');
  expect((await send(own.port, message)).status).toBe(200);
  await stopped;
  expect(await isListening(own.baseUrl)).toBe(false);
});

describe('a gateway whose database goes and comes back', () => {
  test('says so, refuses with 503 meanwhile, and works again without a restart', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const relay = new Relay(ground.connection);
    await relay.open();
    const { connection } = relay;
    const own = await openGateway(ground, { connection, roles: ['api'] });
    try {
      const ask = async (path: string) => {
        const { status, text } = await send(own.port, { path });
        return [status, JSON.parse(text)];
      };
      const ready = [200, { status: 'ready', checks: { process: 'ok', database: 'ok', master_key: 'ok' } }];
      const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"while it is gone"}');
      expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
      expect(await ask('/readyz')).toEqual(ready);
      await relay.cut();
      expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
      const gone = { process: 'ok', database: 'not reachable', master_key: 'not reachable' };
      expect(await ask('/readyz')).toEqual([503, { status: 'not ready', checks: gone }]);
      const refused = await send(own.port, message);
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect(JSON.parse(refused.text)).toMatchObject({ success: false, data: { status: 503 } });
      await relay.open();
      await expect.poll(() => ask('/readyz'), { timeout: 20_000 }).toEqual(ready);
      expect((await send(own.port, message)).status).toBe(200);
      await expect(
        clientOf(own, shop).createInvoice({ amount: 1, client_reference_id: 'while it is gone' }),
      ).rejects.toThrow(ValidationError);
    } finally {
      await own.stop();
      await relay.cut();
    }
  });

  test('survives that it goes in the middle of a transaction', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const relay = new Relay(ground.connection);
    await relay.open();
    const { connection } = relay;
    const own = await openGateway(ground, { connection, roles: ['api'] });
    const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"cut off"}');
    try {
      const refused = await ground.db.transaction().execute(async tx => {
        await sql`lock table reservations in access exclusive mode`.execute(tx);
        const answer = send(own.port, message);
        await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
        await relay.cut();
        return answer;
      });
      expect(refused.status).toBe(503);
      await relay.open();
      await expect.poll(async () => (await send(own.port, message)).status, { timeout: 20_000 }).toBe(200);
    } finally {
      await own.stop();
      await relay.cut();
    }
  });

  test('survives that its host vanishes without a word', async () => {
    const shop = await openShop(ground, { settings: { auth: 'private-key' } });
    const relay = new WireRelay(() => ground.connection as PostgresConnection);
    await relay.open();
    const own = await openGateway(ground, { connection: { url: relay.url }, roles: ['api'] });
    try {
      const message = creating(keyHeaders(shop), '{"amount":1,"client_reference_id":"vanished"}');
      // More connections than its stages ask by, so that the request gets one of those that are lost.
      await Promise.all(Array.from({ length: 16 }, () => send(own.port, { path: '/readyz' })));
      relay.swallow();
      expect((await send(own.port, message)).status).toBe(503);
      await expect.poll(async () => (await send(own.port, message)).status, { timeout: 60_000 }).toBe(200);
    } finally {
      await own.stop();
      await relay.close();
    }
  });

  test('probes take whatever is sent along', async () => {
    const headers = { 'content-type': 'text/x', host: 'evil.example' };
    for (const path of ['/healthz', '/readyz']) {
      expect((await send(gateway.port, { path, headers, body: '{' })).status).toBe(200);
    }
  });
});
