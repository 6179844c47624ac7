/** What a payer sees of an invoice, from the link to the end: over HTTP, without scripts, on the real stages. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findViolations } from '../../server/src/store/invariants.ts';
import { findPage } from '../../server/src/store/pages.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { payFake } from './fake-watch.ts';
import { redirectOf, screenOf, shows, submit, type Visit, view, visitOf } from './payment-page-visit.ts';
import { closeWorld, listening, openWorld, request, shift, type World } from './webhook-world.ts';

let world: World;
let shop: Shop;
/** Where the shop hears of its invoices. */
let path: string;
let made = 0;

beforeAll(async () => {
  world = await openWorld();
});

beforeEach(async () => {
  path = `/shop${++made}`;
  shop = await listening(world, path);
});

afterAll(() => closeWorld(world));

type Widget = { id: string; visit: Visit };

async function widget(fields: Record<string, string> = {}, of: Shop = shop): Promise<Widget> {
  const created = await clientOf(world.gateway, of).createWidget({
    amount: '25',
    client_reference_id: `order ${++made}`,
    ...fields,
  });
  return { id: created.id, visit: visitOf(created) };
}

const row = ({ id }: Widget) =>
  world.ground.db
    .selectFrom('invoices')
    .select(['status', 'network', 'asset', 'address', 'final_units', 'version'])
    .where('id', '=', Number(id))
    .executeTakeFirstOrThrow();

/** Chooses and answers what is due, as `payFake` wants it. */
async function choose(made: Widget, network: 'TRC-20' | 'ERC-20') {
  const answer = await submit(made.visit, 'method', { fields: { method: `${network}:USDT` } });
  expect(redirectOf(made.visit, 'method', answer)).toBe(made.visit.path);
  return due(made);
}

async function due(made: Widget): Promise<{ final_amount: string }> {
  const { final_units: units } = await row(made);
  const text = units!.padStart(7, '0');
  return { final_amount: `${text.slice(0, -6)}.${text.slice(-6)}` };
}

async function paymentOf({ visit }: Widget) {
  const { db, vault, clock } = world.ground;
  const pageId = visit.path.slice('/payment/'.length);
  return (await findPage(db, vault, { pageId, now: clock.now() }))?.payment;
}

/** The amount as a person copies it. */
const copied = (amount: string) => amount.replace(/(\.\d\d\d*?)0+$/, '$1');

/** Both methods that the shop has a wallet for, on networks that are read. */
const offered = ({ text }: { text: string }) =>
  [...text.matchAll(/name="method" value="([^"]+)"/g)].map(([, value]) => value);

describe.each(['TRC-20', 'ERC-20'] as const)('a payer who pays on %s', network => {
  test('chooses, pays, sees the payment come in, and is done', async () => {
    const it = await widget();
    const chain = world.chains[network];
    const first = await view(it.visit);
    expect([first.status, screenOf(first)]).toEqual([200, 'choose']);
    expect(offered(first)).toEqual(['TRC-20:USDT', 'ERC-20:USDT']);
    const invoice = await choose(it, network);
    const page = await shows(it.visit, 'awaiting');
    expect(page).toContain(shop.wallets[network]);
    expect(page.replace(/<[^>]*>/g, '')).toContain(copied(invoice.final_amount));
    expect(offered({ text: page })).toEqual([network === 'TRC-20' ? 'ERC-20:USDT' : 'TRC-20:USDT']);
    const before = chain.chain.blocks;
    const payment = payFake(chain, shop, invoice);
    const after = chain.chain.blocks;
    // Three blocks of it at first, then all.
    chain.chain.blocks = after.slice(0, before.length + 3);
    await chain.read();
    expect(await shows(it.visit, 'confirming')).toContain(payment.id);
    const counted = { transactionId: payment.id, height: before.length };
    expect(await paymentOf(it)).toMatchObject({ ...counted, isFinal: false });
    chain.chain.blocks = after;
    await chain.read();
    expect(await shows(it.visit, 'paid')).toContain(payment.id);
    expect(await paymentOf(it)).toMatchObject({ ...counted, isFinal: true });
    expect((await row(it)).status).toBe('completed');
    const told = JSON.parse((await request(world, path)).body);
    expect(told).toMatchObject({
      event_type: 'paid',
      data: { id: Number(it.id), network, cryptocurrency: 'USDT' },
    });
  });

  test('late is told that it was late, with the transaction to show to the shop', async () => {
    const it = await widget();
    const invoice = await choose(it, network);
    await shift(world, it as never, -45);
    const chain = world.chains[network];
    const { id } = payFake(chain, shop, invoice);
    expect(await shows(it.visit, 'checking')).not.toContain(id);
    await chain.read();
    await shows(it.visit, 'expired');
    await expect.poll(async () => (await view(it.visit)).text, { timeout: 45_000 }).toContain(id);
  });
});

test('a shop with "USDT TRC-20 receive only" leaves nothing to choose', async () => {
  const bound = await openShop(world.ground, { settings: { compat: true } });
  const created = await clientOf(world.gateway, bound).createWidget({
    amount: '25',
    client_reference_id: 'bound',
    lang: 'de-DE',
  });
  const visit = visitOf(created);
  const page = await shows(visit, 'awaiting');
  expect(page).toContain('<html lang="de-DE"');
  expect(page).toContain(bound.wallets['TRC-20']);
  payFake(world.chains['TRC-20'], bound, created as { final_amount: string });
  await world.chains['TRC-20'].read();
  await shows(visit, 'paid');
});

test('what was chosen stays chosen for a form that does not know of it, and choosing the same again changes nothing', async () => {
  const it = await widget();
  await choose(it, 'TRC-20');
  const before = await row(it);
  await choose(it, 'TRC-20');
  await choose(it, 'ERC-20');
  const fields = { from: 'TRC-20:USDT', method: 'TRC-20:USDT' };
  expect(redirectOf(it.visit, 'method', await submit(it.visit, 'method', { fields }))).toBe(it.visit.path);
  expect(await row(it)).toEqual(before);
});

describe('changing coin or network', () => {
  /** Sends the form of the page as it is now, and answers where that leads. */
  async function change(it: Widget, method: string, from?: string): Promise<string> {
    const { text } = await view(it.visit);
    const shown = /name="from" value="([^"]*)"/.exec(text)?.[1] ?? '';
    const answer = await submit(it.visit, 'method', { fields: { from: from ?? shown, method } });
    return redirectOf(it.visit, 'method', answer);
  }

  test.each(['earlier', 'newer'] as const)('a payer may send the %s amount, and is done', async which => {
    const it = await widget();
    const earlier = await choose(it, 'TRC-20');
    const before = await shows(it.visit, 'awaiting');
    expect(before).toContain('id="change"');
    expect(await change(it, 'ERC-20:USDT')).toBe(it.visit.path);
    const after = await shows(it.visit, 'awaiting');
    expect(after).toContain(shop.wallets['ERC-20']);
    expect(after).not.toContain(shop.wallets['TRC-20']);
    expect(offered({ text: after })).toEqual(['TRC-20:USDT']);
    const network = which === 'earlier' ? 'TRC-20' : 'ERC-20';
    const { id } = payFake(world.chains[network], shop, which === 'earlier' ? earlier : await due(it));
    await world.chains[network].read();
    const paid = await shows(it.visit, 'paid');
    expect(paid).toContain(id);
    expect(await row(it)).toMatchObject({ status: 'completed', network });
    const told = JSON.parse((await request(world, path)).body);
    expect(told).toMatchObject({
      event_type: 'paid',
      data: { id: Number(it.id), network, transaction_id: id },
    });
    const seen = await clientOf(world.gateway, shop).invoice(it.id);
    expect(seen).toMatchObject({ status: 'completed', network, wallet: shop.wallets[network] });
  });

  test('back shows the amount that was shown before', async () => {
    const it = await widget();
    const first = await choose(it, 'TRC-20');
    await change(it, 'ERC-20:USDT');
    await change(it, 'TRC-20:USDT');
    expect(await due(it)).toEqual(first);
    const held = world.ground.db.selectFrom('reservations').select('network');
    expect(await held.where('invoice_id', '=', Number(it.id)).execute()).toHaveLength(2);
  });

  test('in a tab that shows what is no longer so changes nothing', async () => {
    const it = await widget();
    await choose(it, 'TRC-20');
    await change(it, 'ERC-20:USDT');
    const before = await row(it);
    expect(await change(it, 'TRC-20:USDT', 'TRC-20:USDT')).toBe(it.visit.path);
    expect(await change(it, 'TRC-20:USDT', '')).toBe(it.visit.path);
    expect(await row(it)).toEqual(before);
  });

  test.each(['TRC-20', 'x', 'TRC-20:USDT:', 'trc-20:usdt'])('from “%s” is no form of ours', async from => {
    const it = await widget();
    await choose(it, 'TRC-20');
    expect(await change(it, 'ERC-20:USDT', from)).toBe(`${it.visit.path}?notice=unavailable`);
    expect((await row(it)).network).toBe('TRC-20');
  });

  test('is refused once a payment was seen, and the page says so', async () => {
    const it = await widget();
    const chain = world.chains['ERC-20'];
    const invoice = await choose(it, 'ERC-20');
    payFake(chain, shop, invoice);
    const all = chain.chain.blocks;
    chain.chain.blocks = all.slice(0, all.length - 9);
    await chain.read();
    expect(offered({ text: await shows(it.visit, 'confirming') })).toEqual([]);
    expect(await change(it, 'TRC-20:USDT', 'ERC-20:USDT')).toBe(`${it.visit.path}?notice=payment_seen`);
    chain.chain.blocks = all;
    await chain.read();
    await shows(it.visit, 'paid');
    expect(await change(it, 'TRC-20:USDT', 'ERC-20:USDT')).toBe(`${it.visit.path}?notice=ended`);
  });

  test('cannot be had where the shop fixed how to pay', async () => {
    const bound = await openShop(world.ground, { settings: { compat: true } });
    const it = await widget({}, bound);
    expect(await shows(it.visit, 'awaiting')).not.toContain('id="change"');
    expect(await change(it, 'ERC-20:USDT', 'TRC-20:USDT')).toBe(`${it.visit.path}?notice=unavailable`);
    expect((await row(it)).network).toBe('TRC-20');
  });
});

test('of two tabs that choose at once one wins, and both see the same', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => widget()));
  for (const it of all) {
    const answers = await Promise.all(
      ['TRC-20:USDT', 'ERC-20:USDT'].map(method => submit(it.visit, 'method', { fields: { method } })),
    );
    const seen = await Promise.all(
      answers.map(answer => view({ ...it.visit, path: redirectOf(it.visit, 'method', answer) })),
    );
    const { address, network } = await row(it);
    expect(network === 'TRC-20' || network === 'ERC-20').toBe(true);
    const other = shop.wallets[network === 'TRC-20' ? 'ERC-20' : 'TRC-20'];
    for (const page of seen) {
      expect(screenOf(page)).toBe('awaiting');
      expect(page.text).toContain(address);
      expect(page.text).not.toContain(other);
    }
    const held = world.ground.db.selectFrom('reservations').select('network');
    expect(await held.where('invoice_id', '=', Number(it.id)).execute()).toEqual([{ network }]);
  }
});

describe('giving up', () => {
  const events = (it: Widget) =>
    world.ground.db
      .selectFrom('outbox')
      .select(['type', 'merchant_id'])
      .where('invoice_id', '=', Number(it.id))
      .execute();

  test.each(['before choosing', 'after it'])(
    '%s cancels the invoice, and the shop is told once',
    async when => {
      const it = await widget();
      if (when === 'after it') await choose(it, 'ERC-20');
      for (let n = 0; n < 2; n++)
        expect(redirectOf(it.visit, 'cancel', await submit(it.visit, 'cancel'))).toBe(it.visit.path);
      expect(screenOf(await view(it.visit))).toBe('cancelled');
      expect(await events(it)).toEqual([{ type: 'cancelled', merchant_id: shop.id }]);
    },
  );

  test('is refused once a payment was seen, and the page says so', async () => {
    const it = await widget();
    const chain = world.chains['ERC-20'];
    const { chain: fake } = chain;
    const invoice = await choose(it, 'ERC-20');
    payFake(chain, shop, invoice);
    const all = fake.blocks;
    fake.blocks = all.slice(0, all.length - 9);
    await chain.read();
    await shows(it.visit, 'confirming');
    const answer = await submit(it.visit, 'cancel?lang=fr-FR');
    expect(redirectOf(it.visit, 'cancel', answer)).toBe(`${it.visit.path}?lang=fr-FR&notice=payment_seen`);
    const page = await view(it.visit, { below: '?lang=fr-FR&notice=payment_seen' });
    expect(page.text).toContain('id="notice"');
    expect((await view(it.visit)).text).not.toContain('id="notice"');
    fake.blocks = all;
    await chain.read();
    await shows(it.visit, 'paid');
    expect(await events(it)).toMatchObject([{ type: 'paid' }]);
  });

  test('is too late after the end', async () => {
    const it = await widget();
    await shift(world, it as never, -45);
    await shows(it.visit, 'expired');
    for (const [form, method] of [
      ['cancel', ''],
      ['method', 'ERC-20:USDT'],
    ] as const)
      expect(redirectOf(it.visit, form, await submit(it.visit, form, { fields: { method } }))).toBe(
        `${it.visit.path}?notice=ended`,
      );
    expect(await events(it)).toMatchObject([{ type: 'expired' }]);
  });
});

describe('a choice that cannot be had', () => {
  test.each([
    '',
    'TRC-20',
    'TRC-20:',
    'TRC-20:USDT:',
    'trc-20:usdt',
    'POLYGON:USDT',
    'ERC-20:USDC',
    '__proto__:USDT',
  ])('“%s” is not available, and nothing is chosen', async method => {
    const it = await widget();
    const answer = await submit(it.visit, 'method', { fields: { method } });
    expect(redirectOf(it.visit, 'method', answer)).toBe(`${it.visit.path}?notice=unavailable`);
    expect((await row(it)).status).toBe('awaiting_method');
  });

  test('is not offered without an active wallet of the shop’s own', async () => {
    await world.ground.db
      .updateTable('wallets')
      .set({ active: false })
      .where('merchant_id', '=', shop.id)
      .where('network', '=', 'ERC-20')
      .execute();
    const it = await widget();
    expect(offered(await view(it.visit))).toEqual(['TRC-20:USDT']);
    const answer = await submit(it.visit, 'method', { fields: { method: 'ERC-20:USDT' } });
    expect(redirectOf(it.visit, 'method', answer)).toBe(`${it.visit.path}?notice=unavailable`);
  });

  test('is not offered while its network is behind, and refused', async () => {
    const it = await widget();
    const behind = (by: string) =>
      sql`update cursors set caught_up_at = caught_up_at ${sql.raw(by)} interval '31 minutes' where network = 'ERC-20'`.execute(
        world.ground.db,
      );
    await behind('-');
    try {
      expect(offered(await view(it.visit))).toEqual(['TRC-20:USDT']);
      const answer = await submit(it.visit, 'method', { fields: { method: 'ERC-20:USDT' } });
      expect(redirectOf(it.visit, 'method', answer)).toBe(`${it.visit.path}?notice=network_behind`);
    } finally {
      await behind('+');
    }
  });
});

describe('a page that looks again', () => {
  test('is told when nothing is new, and what is', async () => {
    const it = await widget();
    const main = (headers: Record<string, string> = {}) => view(it.visit, { below: '/main', headers });
    const first = await main();
    expect([first.status, screenOf(first)]).toEqual([200, 'choose']);
    expect(first.text).toMatch(/^<main[\s>]/);
    const { etag } = first.headers;
    const same = await main({ 'if-none-match': etag! });
    expect([same.status, same.text, same.headers.etag]).toEqual([304, '', etag]);
    expect((await main({ 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    expect((await main({ 'if-none-match': '"x"' })).status).toBe(200);
    await choose(it, 'TRC-20');
    const next = await main({ 'if-none-match': etag! });
    expect([next.status, screenOf(next)]).toEqual([200, 'awaiting']);
    expect(
      (await view(it.visit, { below: '/main?lang=ru-RU', headers: { 'if-none-match': next.headers.etag! } }))
        .status,
    ).toBe(200);
    // The page holds the very same part.
    expect((await view(it.visit)).text).toContain((await main()).text);
  });
});

test('nothing that must always hold was broken by any of it', async () => {
  expect(await findViolations(world.ground.db)).toEqual([]);
});
