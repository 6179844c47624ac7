/** Every event of the API document as a shop receives it: the listed fields, the kinds of their values, and nothing else. */
import { verifyWebhook } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelInvoice } from '../../server/src/commands/cancel-invoice.ts';
import type { Shop } from '../gateway.ts';
import {
  ask,
  becomes,
  closeDocumented,
  event,
  expire,
  openDocumented,
  openDocumentedShop,
  pin,
  type World,
} from './document/documented-world.ts';
import { expectAsListed, webhookExample } from './document/examples.ts';
import { unitsOf } from './fake-watch.ts';
import { bury, idOf, pay } from './live-chain.ts';

let world: World;

beforeAll(async () => {
  world = await openDocumented();
});

afterAll(() => closeDocumented(world));

type Created = { id: string; final_amount: string };

/** How an invoice comes to each event. */
const ways: Record<string, (shop: Shop, created: Created) => Promise<unknown>> = {
  paid: async (shop, created) => {
    await pay(world.chain, shop.address, unitsOf(created));
    await bury(world.chain);
    await becomes(world, shop, created.id, { status: 'completed' });
  },
  expired: (shop, { id }) => expire(world, shop, id),
  paid_manually: (shop, { id }) => {
    const fields = { transactionId: Number(id).toString(16).padStart(64, 'f') };
    return ask(world, shop, { method: 'PUT', path: `invoice/confirm/${id}`, fields });
  },
  cancelled: (shop, { id }) => {
    const deps = { ...world.ground, webhookId: () => `msg_${id}` };
    return cancelInvoice(deps, { merchantId: shop.id, invoiceId: Number(id) });
  },
};

let made = 0;

async function create(shop: Shop, path: string, fields: Record<string, unknown> = {}): Promise<Created> {
  const reference = `order ${++made}`;
  const request = {
    method: 'POST',
    path,
    fields: { amount: 15.5, client_reference_id: reference, ...fields },
  };
  return (await ask(world, shop, request)) as Created;
}

describe.each(Object.keys(ways))('event_type - %s', type => {
  const listed = webhookExample(`webhook-${type.replace('_', '-')}`);
  const path = `/${type}`;

  /** Brings an invoice there; answers the body the shop was told, which it can verify. */
  async function told(shop: Shop, created: Created): Promise<string> {
    await ways[type]!(shop, created);
    const { method, headers, body } = await event(world, path, created.id);
    expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
    expect(await verifyWebhook(body, headers, shop)).toMatchObject({ ok: true, event: { event_type: type } });
    return body;
  }

  /** Each value that the API tells of the invoice, too, is the same there. */
  async function expectAsViewed(shop: Shop, { id }: Created, body: string) {
    const viewed = await ask(world, shop, { method: 'GET', path: `invoice/${id}` });
    const text = (value: unknown) => (value instanceof Object ? (value as { text: string }).text : value);
    const { cryptocurrency, network, ...data } = JSON.parse(body).data;
    for (const [name, value] of Object.entries(data)) {
      const told = typeof value === 'number' ? String(value) : value;
      expect([name, told]).toEqual([name, text(viewed[name])]);
    }
    return { viewed, cryptocurrency, network };
  }

  test('where the shop named coin and network', async () => {
    const shop = await openDocumentedShop(world, path);
    const created = await create(shop, 'invoice', { metadata: 'arbitrary string' });
    const body = await told(shop, created);
    expectAsListed(body, listed, { currency: false, compat: false });
    const { cryptocurrency, network } = await expectAsViewed(shop, created, body);
    expect([cryptocurrency, network]).toEqual(['USDT', 'TRC-20']);
  });

  test('in compatibility mode, where coin and network are null', async () => {
    const shop = await openDocumentedShop(world, path, { compat: true });
    const created = await create(shop, 'invoice/widget');
    const body = await told(shop, created);
    expectAsListed(body, listed, { currency: false, compat: true });
    const { viewed } = await expectAsViewed(shop, created, body);
    expect([viewed.cryptocurrency, viewed.network]).toEqual(['USDT', 'TRC-20']);
  });

  test('of a price in another currency', async () => {
    const shop = await openDocumentedShop(world, path);
    await pin(world, shop, 'EUR', '0.93574');
    const created = await create(shop, 'invoice', { currency: 'EUR' });
    const body = await told(shop, created);
    expectAsListed(body, listed, { currency: true, compat: false });
    const source = { source_currency: 'EUR', source_amount: '15.50000000' };
    if (type === 'paid') expect(JSON.parse(body).data).toMatchObject(source);
    expect(JSON.parse(body).data.requested_amount).toBe('16.56443029');
  });

  // Nobody can pay before a coin is chosen.
  test.runIf(type !== 'paid')('of a widget whose payer chose nothing', async () => {
    const shop = await openDocumentedShop(world, path);
    const created = await create(shop, 'invoice/widget');
    const body = await told(shop, created);
    expectAsListed(body, listed, { currency: false, compat: true });
    expect(JSON.parse(body).data).toMatchObject({ wallet: null, final_amount: '15.50' });
  });
});

test('paid tells the transaction that paid', async () => {
  const shop = await openDocumentedShop(world, '/transaction');
  const created = await create(shop, 'invoice');
  const hash = await pay(world.chain, shop.address, unitsOf(created));
  await bury(world.chain);
  const { body } = await event(world, '/transaction', created.id);
  expect(JSON.parse(body).data.transaction_id).toBe(idOf(world.chain, hash));
});
