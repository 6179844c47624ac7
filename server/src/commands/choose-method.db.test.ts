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
import { compare } from '../domain/money.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
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

const choose = (
  { page }: { page: { id: string } | null },
  { network = 'TRC-20', asset = 'USDT' }: { network?: NetworkCode; asset?: AssetCode } = {},
  isOffPeg = (_asset: AssetCode) => false,
) => chooseMethod({ ...world, isOffPeg }, { pageId: page?.id ?? '', method: { network, asset } });

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
