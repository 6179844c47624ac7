import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeWallet,
  methodOf,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import { type Invoice, MOST_CHANGES } from '../domain/invoice.ts';
import { compare } from '../domain/money.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { fail } from '../lib/result.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { chooseMethod } from './choose-method.ts';
import { createInvoices } from './create-invoice.ts';

const world = useWorld();
let merchant: TestMerchant;

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
});

async function makeWidget(of = merchant, amount = '10') {
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const [made] = await createInvoices(world, [asked(world, of, { amount, method: null, page })]);
  return must(made!);
}

type Shown = { page: { id: string } | null; method?: Invoice['method'] };

/** Chooses on a page that shows the invoice as it is given. */
const choose = (
  { page, method: from = null }: Shown,
  { network = 'TRC-20', asset = 'USDT' }: { network?: NetworkCode; asset?: AssetCode } = {},
  isOffPeg = (_asset: AssetCode) => false,
) =>
  chooseMethod(
    { ...world, coinRate: coin => (isOffPeg(coin) ? fail('off_peg') : world.coinRate(coin, 0)) },
    { pageId: page?.id ?? '', from, method: { network, asset } },
  );

const keyOf = (invoice: Invoice) => {
  const { network, asset, final } = methodOf(invoice);
  return `${network} ${asset} ${final.units}`;
};

/** The amounts that are held for an invoice, without an end. */
async function heldBy({ id }: { id: number }): Promise<string[]> {
  const rows = await world.db
    .selectFrom('reservations')
    .select(['network', 'asset', 'units'])
    .where('invoice_id', '=', id)
    .where('held_until', 'is', null)
    .execute();
  return rows.map(({ network, asset, units }) => `${network} ${asset} ${units}`).toSorted();
}

const faultOf = async (...given: Parameters<typeof choose>) => {
  const answer = await choose(...given);
  return answer.ok ? answer.value.status : answer.fault;
};

describe('a choice', () => {
  test('gives the invoice an amount of its own, from then on', async () => {
    const widget = await makeWidget();
    world.clock.advance(5 * MINUTE);
    const chosen = must(await choose(widget));
    const method = methodOf(chosen);
    expect(chosen.status).toBe('new');
    expect(method).toMatchObject({ network: 'TRC-20', asset: 'USDT', since: world.clock.now() });
    expect(compare(method.final, chosen.requested)).toBe(1);
    expect(await findInvoice(world.db, merchant.id, widget.id)).toMatchObject({
      status: 'new',
      method,
      version: 2,
    });
    expect(chosen.expireAt).toBe(widget.expireAt);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is paid and settled like any other', async () => {
    const chosen = must(await choose(await makeWidget()));
    await pay(world, chosen);
    await match(world);
    await readTo(world, 'TRC-20', { height: 200 });
    await settle(world);
    expect((await findInvoice(world.db, merchant.id, chosen.id))?.status).toBe('completed');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('stays what it is: a second tab that chooses otherwise gets the first', async () => {
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 100 });
    const widget = await makeWidget();
    const first = must(await choose(widget));
    expect(methodOf(must(await choose(widget, { network: 'ERC-20' })))).toEqual(first.method);
    expect(await heldBy(widget)).toHaveLength(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of ten tabs at once is one', async () => {
    await warm(world.db);
    const widget = await makeWidget();
    const all = await Promise.all(Array.from({ length: 10 }, () => choose(widget)));
    expect(new Set(all.map(answer => methodOf(must(answer)).final.units)).size).toBe(1);
    expect(await world.db.selectFrom('reservations').select('units').execute()).toHaveLength(1);
  });

  test('of ten payers at once has ten amounts', async () => {
    await warm(world.db);
    const widgets = await Promise.all(Array.from({ length: 10 }, () => makeWidget()));
    const all = await Promise.all(widgets.map(widget => choose(widget)));
    expect(new Set(all.map(answer => methodOf(must(answer)).final.units)).size).toBe(10);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('may take over an amount whose hold has ended, though its invoice is the older one', async () => {
    const few = (
      await makeShop(world, { wallet: { maxTail: 1, holdHours: 2 }, merchant: { paymentMinutes: 90 } })
    ).merchant;
    const held = await makeInvoice(world, few);
    await put(world, held, 'cancelled');
    world.clock.advance(70 * MINUTE);
    const widget = await makeWidget(few);
    await readTo(world, 'TRC-20', { height: 101 });
    expect(await faultOf(widget)).toBe('no_free_amount');
    world.clock.advance(55 * MINUTE);
    await readTo(world, 'TRC-20', { height: 102 });
    expect(methodOf(must(await choose(widget))).final).toEqual(methodOf(held).final);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a change', () => {
  let first: Invoice;

  beforeEach(async () => {
    await makeWallet(world, merchant, { network: 'ERC-20', holdHours: 2 });
    await makeWallet(world, merchant, { network: 'ERC-20', asset: 'USDC' });
    await readTo(world, 'ERC-20', { height: 100 });
    first = must(await choose(await makeWidget()));
    world.clock.advance(MINUTE);
  });

  test('asks in the new coin from then on, and holds what was asked before', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    expect(methodOf(second)).toMatchObject({ network: 'ERC-20', since: world.clock.now() });
    expect(second).toMatchObject({ status: 'new', expireAt: first.expireAt, requested: first.requested });
    expect(await findInvoice(world.db, merchant.id, first.id)).toEqual({ ...second, version: 3 });
    expect((await replacedMethods(world.db, [first.id])).get(first.id)).toEqual([first.method]);
    expect(await heldBy(first)).toEqual([keyOf(first), keyOf(second)].toSorted());
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('back takes the amount that is held, with its own time, and no new one', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    world.clock.advance(MINUTE);
    const third = must(await choose(second));
    expect(third.method).toEqual(first.method);
    expect((await findInvoice(world.db, merchant.id, first.id))?.method).toEqual(first.method);
    expect((await replacedMethods(world.db, [first.id])).get(first.id)).toEqual([second.method]);
    expect(must(await choose(third, { network: 'ERC-20' })).method).toEqual(second.method);
    expect(await heldBy(first)).toHaveLength(2);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('keeps the commission with the amount', async () => {
    const row = () => world.db.selectFrom('invoices').select('commission').executeTakeFirstOrThrow();
    await world.db.updateTable('invoices').set({ commission: '0.5' }).execute();
    const second = must(await choose(first, { network: 'ERC-20' }));
    expect(Number((await row()).commission)).toBe(0);
    const third = must(await choose(second));
    expect(Number((await row()).commission)).toBe(0.5);
    await choose(third, { network: 'ERC-20' });
    expect(Number((await row()).commission)).toBe(0);
  });

  test('in a tab that is behind changes nothing: the first one counts', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    expect(must(await choose(first, { network: 'ERC-20', asset: 'USDC' })).method).toEqual(second.method);
    expect(must(await choose({ page: first.page }, { network: 'ERC-20', asset: 'USDC' })).method).toEqual(
      second.method,
    );
    expect(must(await choose(second, { network: 'ERC-20' })).method).toEqual(second.method);
    expect((await findInvoice(world.db, merchant.id, first.id))?.version).toBe(3);
  });

  test('of ten tabs at once is one', async () => {
    await warm(world.db);
    const ways = [{ network: 'ERC-20' }, { network: 'ERC-20', asset: 'USDC' }] as const;
    const all = await Promise.all(Array.from({ length: 10 }, (_, tab) => choose(first, ways[tab % 2])));
    expect(new Set(all.map(answer => keyOf(must(answer)))).size).toBe(1);
    expect(await heldBy(first)).toHaveLength(2);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that cannot be had leaves everything as it was', async () => {
    const before = await findInvoice(world.db, merchant.id, first.id);
    await makeWallet(world, merchant, { network: 'BASE' });
    expect(await faultOf(first, { network: 'BASE' })).toBe('network_behind');
    expect(await faultOf(first, { network: 'POLYGON' })).toBe('no_wallet');
    expect(await faultOf(first, { network: 'ERC-20' }, () => true)).toBe('off_peg');
    await world.db.updateTable('wallets').set({ max_tail: 1 }).where('asset', '=', 'USDC').execute();
    await makeInvoice(world, merchant, { network: 'ERC-20', asset: 'USDC' });
    expect(await faultOf(first, { network: 'ERC-20', asset: 'USDC' })).toBe('no_free_amount');
    expect(await findInvoice(world.db, merchant.id, first.id)).toEqual(before);
    expect(await heldBy(first)).toHaveLength(1);
  });

  test('back is not to a wallet that was put out of use, nor to a network that is not read', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    world.clock.advance(20 * MINUTE);
    await readTo(world, 'ERC-20', { height: 101 });
    await world.db
      .updateTable('cursors')
      .set({ block_time: new Date(0) })
      .where('network', '=', 'TRC-20')
      .execute();
    expect(await faultOf(second)).toBe('network_behind');
    await readTo(world, 'TRC-20', { height: 101 });
    await world.db.updateTable('wallets').set({ active: false }).where('network', '=', 'TRC-20').execute();
    expect(await faultOf(second)).toBe('no_wallet');
    await makeWallet(world, merchant);
    expect(await faultOf(second)).toBe('no_wallet');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('back is not to an address that was changed in the database', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    await world.db.updateTable('replaced_methods').set({ address: 'TThief' }).execute();
    expect(await faultOf(second)).toBe('no_wallet');
    expect((await findInvoice(world.db, merchant.id, first.id))?.method).toEqual(second.method);
  });

  test('to new amounts is possible five times, and back as often as one likes', async () => {
    const networks = ['BEP-20', 'POLYGON', 'BASE', 'ARBITRUM', 'OPTIMISM', 'AVALANCHE'] as const;
    for (const network of networks) {
      await makeWallet(world, merchant, { network });
      await readTo(world, network, { height: 100 });
    }
    let shown = first;
    for (const network of networks.slice(0, MOST_CHANGES)) shown = must(await choose(shown, { network }));
    expect(await faultOf(shown, { network: 'AVALANCHE' })).toBe('too_many_changes');
    expect(methodOf(shown).network).toBe('OPTIMISM');
    shown = must(await choose(shown));
    expect(await faultOf(shown, { network: 'AVALANCHE' })).toBe('too_many_changes');
    expect(methodOf(must(await choose(shown, { network: 'BASE' }))).network).toBe('BASE');
    expect(await heldBy(first)).toHaveLength(MOST_CHANGES + 1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('back to one coin of a network leaves the other coin of it held and known', async () => {
    const usdt = must(await choose(first, { network: 'ERC-20' }));
    const usdc = must(await choose(usdt, { network: 'ERC-20', asset: 'USDC' }));
    const tron = must(await choose(usdc));
    const back = must(await choose(tron, { network: 'ERC-20' }));
    expect(back.method).toEqual(usdt.method);
    const replaced = (await replacedMethods(world.db, [first.id])).get(first.id) ?? [];
    expect(replaced.map(({ network, asset }) => `${network} ${asset}`).toSorted()).toEqual([
      'ERC-20 USDC',
      'TRC-20 USDT',
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is refused once a transfer of any of the amounts was seen, judged or not, final or not', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    await pay(world, first);
    expect(await faultOf(second)).toBe('payment_seen');
    await match(world);
    const confirming = must(await choose(second, { network: 'ERC-20', asset: 'USDC' }));
    // The page of the second tab shows what is being paid; from there nothing can be changed.
    expect(confirming).toMatchObject({ status: 'confirming', method: first.method });
    expect(await faultOf(confirming, { network: 'ERC-20', asset: 'USDC' })).toBe('payment_seen');
    await readTo(world, 'TRC-20', { height: 200 });
    await settle(world);
    expect(await faultOf(confirming, { network: 'ERC-20' })).toBe('invoice_ended');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and a transfer at the same moment end alike in either order', async () => {
    for (const order of ['change first', 'transfer first']) {
      const invoice = must(await choose(await makeWidget()));
      const change = () => choose(invoice, { network: 'ERC-20' });
      const transfer = async () => {
        await pay(world, invoice);
        await match(world);
      };
      if (order === 'change first') {
        expect(methodOf(must(await change())).network).toBe('ERC-20');
        await transfer();
      } else {
        await transfer();
        expect((await change()).ok).toBe(false);
      }
      expect(await findInvoice(world.db, merchant.id, invoice.id)).toMatchObject({
        status: 'confirming',
        method: invoice.method,
      });
    }
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and a transfer that really race leave the transfer counting', async () => {
    await warm(world.db);
    const invoices = [];
    for (let n = 0; n < 8; n++) invoices.push(must(await choose(await makeWidget())));
    for (const invoice of invoices) await pay(world, invoice);
    await Promise.all([...invoices.map(invoice => choose(invoice, { network: 'ERC-20' })), match(world)]);
    await match(world);
    for (const { id, method } of invoices)
      expect(await findInvoice(world.db, merchant.id, id)).toMatchObject({ status: 'confirming', method });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is not for an invoice whose way to pay the shop has fixed', async () => {
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    const bound = await makeInvoice(world, { ...merchant, compat: true }, { page });
    expect(await faultOf(bound, { network: 'ERC-20' })).toBe('no_wallet');
    expect((await findInvoice(world.db, merchant.id, bound.id))?.method).toEqual(bound.method);
  });

  test('is too late after the deadline or the end', async () => {
    const cancelled = must(await choose(await makeWidget()));
    await put(world, cancelled, 'cancelled');
    expect(await faultOf(cancelled, { network: 'ERC-20' })).toBe('invoice_ended');
    world.clock.time = first.expireAt;
    await readTo(world, 'ERC-20', { height: 101 });
    expect(await faultOf(first, { network: 'ERC-20' })).toBe('invoice_ended');
  });

  test('once ended, holds each amount for as long as its own wallet says', async () => {
    const second = must(await choose(first, { network: 'ERC-20' }));
    await put(world, second, 'cancelled');
    const rows = await world.db.selectFrom('reservations').select(['network', 'held_until']).execute();
    const now = world.clock.now();
    expect(new Map(rows.map(row => [row.network, row.held_until]))).toEqual(
      new Map([
        ['TRC-20', now + 24 * HOUR],
        ['ERC-20', now + 2 * HOUR],
      ]),
    );
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('a payment of the same amount from before the choice is not its own', async () => {
  const widget = await makeWidget();
  const chosenLater = world.clock.now() + 10 * MINUTE;
  const blockTime = world.clock.now() + MINUTE;
  world.clock.time = chosenLater;
  const chosen = must(await choose(widget));
  await pay(world, chosen, { time: blockTime });
  await match(world);
  expect((await findInvoice(world.db, merchant.id, chosen.id))?.status).toBe('new');
  const [row] = await world.db.selectFrom('transfers').select(['state', 'reason']).execute();
  expect(row).toEqual({ state: 'unmatched', reason: 'before_invoice' });
  expect(await findViolations(world.db)).toEqual([]);
});

describe('refused is', () => {
  test('a page that is not there', async () => {
    expect(await faultOf({ page: { id: crypto.randomUUID() } })).toBe('page_unknown');
  });

  test('a coin without a wallet, on a network that is not watched, or that another merchant has', async () => {
    const widget = await makeWidget();
    expect(await faultOf(widget, { asset: 'USDC' })).toBe('no_wallet');
    expect(await faultOf(widget, { network: 'BEP-20' })).toBe('no_wallet');
    const other = await makeMerchant(world);
    await makeWallet(world, other, { network: 'BEP-20' });
    expect(await faultOf(widget, { network: 'BEP-20' })).toBe('no_wallet');
  });

  test('a network that is not being read', async () => {
    const widget = await makeWidget();
    world.clock.advance(20 * MINUTE);
    await makeWallet(world, merchant, { network: 'ERC-20' });
    expect(await faultOf(widget, { network: 'ERC-20' })).toBe('network_behind');
  });

  test('a coin that is not worth a dollar', async () => {
    expect(await faultOf(await makeWidget(), {}, asset => asset === 'USDT')).toBe('off_peg');
  });

  test('a choice after the deadline, even before anybody has noticed it, or after the end', async () => {
    const late = await makeWidget();
    const cancelled = await makeWidget();
    await put(world, cancelled, 'cancelled');
    expect(await faultOf(cancelled)).toBe('invoice_ended');
    world.clock.advance(30 * MINUTE);
    await readTo(world, 'TRC-20', { height: 101 });
    expect(await faultOf(late)).toBe('invoice_ended');
    world.clock.advance(HOUR);
    await put(world, late, 'deadline_passed');
    expect(await faultOf(late)).toBe('invoice_ended');
  });

  test('a wallet that somebody exchanged in the database', async () => {
    const widget = await makeWidget();
    await world.db.updateTable('wallets').set({ address: 'TFaaKAGrgLEbx2sXbEhKQJYwjDL9SThEMQ' }).execute();
    expect(await faultOf(widget)).toBe('wallet_integrity');
  });
});
