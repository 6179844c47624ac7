/** What becomes of an invoice whose payer chose one coin and network, and then another: every amount it holds settles it. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeWallet,
  methodOf,
  must,
  type Payment,
  pay,
  put,
  readTo,
  SECOND,
  type TestMerchant,
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import { chooseMethod } from '../commands/choose-method.ts';
import type { NetworkCode } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { setRetired } from '../store/cursors.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById, nextDeadline } from '../store/invoices.ts';
import { orphanTransfers } from '../store/transfers.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
const ACCOUNT = 'ab'.repeat(20);
let merchant: TestMerchant;
/** The invoice as it was asked on Tron at first, and as it is asked on Ethereum ten minutes later. */
let first: Invoice;
let second: Invoice;
let deadline: number;

beforeEach(async () => {
  ({ merchant } = await makeShop(world, { wallet: { account: ACCOUNT, maxTail: 1 } }));
  await makeWallet(world, merchant, { network: 'ERC-20', account: ACCOUNT, maxTail: 1 });
  await readTo(world, 'ERC-20', { height: 100 });
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const widget = await makeInvoice(world, merchant, { method: null, page });
  first = await choose(widget, 'TRC-20');
  world.clock.advance(10 * MINUTE);
  second = await choose(first, 'ERC-20');
  deadline = first.expireAt + 120 * SECOND;
});

const choose = async ({ page, method: from }: Invoice, network: NetworkCode): Promise<Invoice> =>
  must(await chooseMethod(world, { pageId: page?.id ?? '', from, method: { network, asset: 'USDT' } }));

const current = () => invoiceById(world.db, first.id);

/** What became of a transfer that pays the invoice as it was asked then. */
async function judged(as: Invoice, payment: Payment = {}) {
  const txId = await pay(world, as, payment);
  await match(world);
  return fate(txId);
}

async function fate(txId: string) {
  const rows = world.db.selectFrom('transfers').select(['state', 'reason']).where('tx_id', '=', txId);
  const { state, reason } = await rows.executeTakeFirstOrThrow();
  return reason ?? state;
}

const orphan = (network: NetworkCode) =>
  transact(world.db, tx => orphanTransfers(tx, { network, epoch: 1 }, 0));

/** Lets every payment on this network become final. */
async function settleOn(network: NetworkCode) {
  await readTo(world, network, { height: 200 });
  await settle(world);
}

const events = async () => {
  const rows = await world.db.selectFrom('outbox').select(['type', 'data']).orderBy('id').execute();
  return rows.map(({ type, data }) => [type, JSON.parse(data).network]);
};

describe.each(['first', 'second'])('a transfer of the %s amount', which => {
  const asked = () => (which === 'first' ? first : second);
  const network = which === 'first' ? 'TRC-20' : 'ERC-20';

  test('settles the invoice, which then is asked in what was paid', async () => {
    expect(await judged(asked())).toBe('matched');
    expect(await current()).toMatchObject({ status: 'confirming', method: asked().method });
    await settleOn(network);
    expect(await current()).toMatchObject({ status: 'completed', method: asked().method });
    expect(await events()).toEqual([['paid', network]]);
    const held = await world.db.selectFrom('reservations').select('held_until').execute();
    expect(held.map(row => row.held_until)).toEqual([
      world.clock.now() + 24 * HOUR,
      world.clock.now() + 24 * HOUR,
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('found after the invoice expired completes it', async () => {
    world.clock.time = deadline + HOUR;
    for (const code of ['TRC-20', 'ERC-20'] as const) await readTo(world, code, { height: 150 });
    expect(await expire(world)).toBe(1);
    expect(await judged(asked(), { time: deadline })).toBe('matched');
    // What is being paid is what its page and its row say from now on.
    expect(await current()).toMatchObject({ status: 'expired', method: asked().method });
    await settleOn(network);
    expect(await current()).toMatchObject({ status: 'completed', method: asked().method });
    expect(await events()).toEqual([
      ['expired', 'ERC-20'],
      ['paid', network],
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts from when that amount was chosen, whichever is current', async () => {
    const since = methodOf(asked()).since;
    expect(await judged(asked(), { time: since - 120 * SECOND - 1 })).toBe('before_invoice');
    expect(await judged(asked(), { time: since - 120 * SECOND })).toBe('matched');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts until the one deadline', async () => {
    expect(await judged(asked(), { time: deadline + 1 })).toBe('after_deadline');
    expect(await judged(asked(), { time: deadline })).toBe('matched');
  });

  test('counts for a cancelled invoice when it was made before', async () => {
    await put(world, second, 'cancelled');
    expect(await judged(asked(), { time: world.clock.now() + 1 })).toBe('after_deadline');
    expect(await judged(asked(), { time: world.clock.now() })).toBe('matched');
    await settleOn(network);
    expect(await current()).toMatchObject({ status: 'completed', method: asked().method });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that leaves the chain lets the invoice wait again, for any of its amounts', async () => {
    await judged(asked());
    await orphan(network);
    await settle(world);
    expect(await current()).toMatchObject({ status: 'new', method: asked().method });
    const other = which === 'first' ? second : first;
    expect(await judged(other)).toBe('matched');
    expect(await current()).toMatchObject({ status: 'confirming', method: other.method });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that counts makes one of the other amount a second one, until it leaves the chain', async () => {
    const other = which === 'first' ? second : first;
    await judged(asked());
    const later = await pay(world, other);
    await match(world);
    expect(await fate(later)).toBe('second_transfer');
    await orphan(network);
    await settle(world);
    await match(world);
    expect(await fate(later)).toBe('matched');
    expect(await current()).toMatchObject({ status: 'confirming', method: other.method });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that waits to be judged keeps the invoice open, for a person too', async () => {
    await pay(world, asked(), { time: deadline });
    const cancelled = await cancelInvoice(world, { merchantId: merchant.id, invoiceId: first.id });
    expect(cancelled).toMatchObject({ ok: false, fault: 'payment_seen' });
    world.clock.time = deadline + HOUR;
    for (const code of ['TRC-20', 'ERC-20'] as const) await readTo(world, code, { height: 150 });
    expect(await expire(world)).toBe(0);
    await match(world);
    expect((await current())?.status).toBe('confirming');
  });
});

test('one transfer of each amount in one batch: the one that is judged first counts', async () => {
  const paid = [await pay(world, first), await pay(world, second)];
  await match(world);
  expect([await fate(paid[0]!), await fate(paid[1]!)]).toEqual(['matched', 'second_transfer']);
  expect(await current()).toMatchObject({ status: 'confirming', method: first.method });
  await settleOn('TRC-20');
  expect(await findViolations(world.db)).toEqual([]);
});

test('a replaced amount is nobody else’s, while the invoice is open and for its hold', async () => {
  const other = await makeMerchant(world);
  for (const network of ['TRC-20', 'ERC-20'] as const)
    await makeWallet(world, other, { network, account: ACCOUNT, maxTail: 1 });
  const ask = (network: NetworkCode) => makeInvoice(world, other, { network });
  const both = async () => {
    for (const network of ['TRC-20', 'ERC-20'] as const)
      await expect(ask(network)).rejects.toThrow('no_free_amount');
  };
  await both();
  await put(world, second, 'cancelled');
  await both();
  world.clock.advance(24 * HOUR + 3 * MINUTE);
  for (const network of ['TRC-20', 'ERC-20'] as const) {
    await readTo(world, network, { height: 150 });
    expect(methodOf(await ask(network)).final).toEqual(methodOf(network === 'TRC-20' ? first : second).final);
  }
  expect(await findViolations(world.db)).toEqual([]);
});

describe('an invoice that nobody paid expires', () => {
  test.each([
    ['neither', 0, 0, 0],
    ['the first one alone', SECOND, 0, 0],
    ['the second one alone', 0, SECOND, 0],
    ['both', SECOND, SECOND, 1],
  ])('when of its networks %s was read past its deadline: %#', async (_, tron, ethereum, expired) => {
    world.clock.time = deadline + 1;
    await readTo(world, 'TRC-20', { height: 150, time: deadline + tron });
    await readTo(world, 'ERC-20', { height: 150, time: deadline + ethereum });
    expect(await expire(world)).toBe(expired);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('unseen, when the one it was asked on before is out of use and was not read past its deadline', async () => {
    await setRetired(world.db, 'TRC-20', world.clock.now());
    world.clock.time = deadline + HOUR;
    await readTo(world, 'ERC-20', { height: 150 });
    expect(await expire(world)).toBe(1);
    expect(await current()).toMatchObject({ status: 'expired', exception: 'expired_blind' });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('never, while a network it holds an amount on was never read', async () => {
    await world.db.deleteFrom('cursors').where('network', '=', 'TRC-20').execute();
    world.clock.time = deadline + HOUR;
    await readTo(world, 'ERC-20', { height: 150 });
    expect(await expire(world)).toBe(0);
  });

  test('and is awaited on each of its networks', async () => {
    expect(await nextDeadline(world.db, 'TRC-20')).toBe(deadline);
    expect(await nextDeadline(world.db, 'ERC-20')).toBe(deadline);
    expect(await nextDeadline(world.db, 'BEP-20')).toBeNull();
    await put(world, second, 'cancelled');
    expect(await nextDeadline(world.db, 'TRC-20')).toBeNull();
  });
});
