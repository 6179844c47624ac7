/** A shop's webhook handler in the real PHP, written from the API document alone, verifies each event it is sent. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelInvoice } from '../../server/src/commands/cancel-invoice.ts';
import { setCurrency } from '../../server/src/commands/currency-settings.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { phpVersion } from '../php/php.ts';
import { openPhpServer, type PhpServer } from '../php/server.ts';
import { payFake } from './fake-watch.ts';
import {
  attemptsOf,
  change,
  closeWorld,
  create,
  expired,
  openWorld,
  paid,
  patience,
  recorded,
  type World,
} from './webhook-world.ts';

describe.skipIf(phpVersion() === null)('a handler in PHP', () => {
  let world: World;

  beforeAll(async () => {
    world = await openWorld();
  });

  afterAll(() => closeWorld(world));

  const texts = (names: string) => Object.fromEntries(names.split(' ').map(name => [name, 'string']));

  /** A number of digits beyond 14 would be signed by these settings in another way. */
  const inis = [[], ['precision=17', 'serialize_precision=17'], ['arg_separator.output=&', 'precision=-1']];

  describe.each(inis.map(ini => [ini.join(' ') || 'its own settings', ini] as const))('with %s', (_, ini) => {
    let handler: PhpServer;
    let shops: Record<'signing' | 'compat' | 'keyed', Shop>;

    beforeAll(async () => {
      const open = (settings = {}) => openShop(world.ground, { settings });
      const keyed = { auth: 'private-key', privateKeyHeader: true } as const;
      shops = { signing: await open(), compat: await open({ compat: true }), keyed: await open(keyed) };
      const keys = Object.values(shops).map(({ publicKey, privateKey }) => [publicKey, privateKey]);
      const env = { SHOP_KEYS: JSON.stringify(Object.fromEntries(keys)) };
      handler = await openPhpServer('handler.php', { env, ini });
      for (const shop of Object.values(shops)) await change(world, shop, { webhookUrl: handler.url });
    });

    afterAll(() => handler?.close());

    /** What the handler understood of the one event of an invoice. */
    async function understood(invoice: { id: string }) {
      const delivery = await recorded(world, invoice, 1);
      const [attempt] = await attemptsOf(world, delivery);
      expect([delivery.state, attempt?.status, attempt?.body]).toEqual([
        'delivered',
        200,
        expect.any(String),
      ]);
      const { types, ...head } = JSON.parse(attempt?.body ?? '');
      return { types, head: { ...head, id: String(head.id) } };
    }

    const fields = {
      ...texts('wallet cryptocurrency network final_amount requested_amount status client_reference_id'),
      ...{ id: 'int', metadata: 'null', created_at: 'int', expire_at: 'int' },
    };
    const payment = { payer_wallet: 'string', transaction_id: 'string', paid_at: 'int' };
    const by = { by: 'signature', retry_count: 'int' };

    test('verifies paid', async () => {
      const invoice = await paid(world, shops.signing);
      const { head, types } = await understood(invoice);
      expect(head).toEqual({ ...by, event_type: 'paid', id: invoice.id });
      expect(types).toEqual({ ...fields, ...payment });
    });

    test('verifies paid in compatibility mode', async () => {
      const fitting = { cryptocurrency: 'null', network: 'null' };
      const { types } = await understood(await paid(world, shops.compat, 'TRC-20'));
      expect(types).toEqual({ ...fields, ...payment, ...fitting });
    });

    test('verifies paid of a price in another currency', async () => {
      await setCurrency(world.ground, 'EUR', { pinnedRate: '0.5' });
      const client = clientOf(world.gateway, shops.signing);
      await expect.poll(() => client.currencyStatus('EUR'), patience).toMatchObject({ status: 'enabled' });
      const invoice = await create(world, shops.signing, { currency: 'EUR', metadata: 'a[b]=1.50&é ~*\n' });
      payFake(world.chains['ERC-20'], shops.signing, invoice);
      await world.chains['ERC-20'].read();
      const { types } = await understood(invoice);
      const source = { source_currency: 'string', source_amount: 'string', metadata: 'string' };
      expect(types).toEqual({ ...fields, ...payment, ...source });
    });

    test('verifies expired', async () => {
      const invoice = await expired(world, shops.signing);
      const { head, types } = await understood(invoice);
      expect([head, types]).toEqual([{ ...by, event_type: 'expired', id: invoice.id }, fields]);
    });

    test('verifies paid_manually', async () => {
      const invoice = await create(world, shops.signing);
      await clientOf(world.gateway, shops.signing).confirmInvoice(
        invoice.id,
        `0x${randomBytes(32).toString('hex')}`,
      );
      const { head, types } = await understood(invoice);
      expect([head, types]).toEqual([{ ...by, event_type: 'paid_manually', id: invoice.id }, fields]);
    });

    test('verifies cancelled', async () => {
      const invoice = await create(world, shops.signing);
      const deps = { ...world.ground, webhookId: () => `msg_${invoice.id}` };
      const command = { merchantId: shops.signing.id, invoiceId: Number(invoice.id) };
      expect(await cancelInvoice(deps, command)).toMatchObject({ ok: true });
      const { head, types } = await understood(invoice);
      expect([head, types]).toEqual([{ ...by, event_type: 'cancelled', id: invoice.id }, fields]);
    });

    test('takes the bare key where that is what the merchant chose', async () => {
      const invoice = await create(world, shops.keyed);
      await clientOf(world.gateway, shops.keyed).confirmInvoice(
        invoice.id,
        `0x${randomBytes(32).toString('hex')}`,
      );
      expect((await understood(invoice)).head).toMatchObject({
        by: 'private-key',
        event_type: 'paid_manually',
      });
    });

    test('refuses what was changed on the way or signed by nobody', async () => {
      const { publicKey } = shops.signing;
      const body = '{"event_type":"paid","retry_count":0,"data":{"id":1}}';
      for (const signature of ['0'.repeat(64), '']) {
        const headers = { 'public-key': publicKey, ...(signature && { signature }) };
        expect((await fetch(handler.url, { method: 'POST', headers, body })).status).toBe(403);
      }
      const stranger = await openShop(world.ground);
      await change(world, stranger, { webhookUrl: handler.url });
      const delivery = await recorded(world, await paid(world, stranger), 1);
      const [attempt] = await attemptsOf(world, delivery);
      expect([delivery.state, attempt?.status, attempt?.body]).toEqual(['open', 403, 'not verified']);
    });
  });

  test('has broken nothing that must always hold', async () => {
    expect(await findViolations(world.ground.db)).toEqual([]);
  });
});
