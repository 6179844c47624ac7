/** Parts whose blocks change, and parts beside other payments of their invoice. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  type Payment,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { chooseMethod } from '../commands/choose-method.ts';
import type { MerchantSettings } from '../commands/merchant-settings.ts';
import type { AssetCode } from '../domain/asset.ts';
import { type Invoice, optInTypes } from '../domain/invoice.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { receivedInParts } from '../store/part-payments.ts';
import { orphanTransfers } from '../store/transfers.ts';
import { expire } from './expire.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
const GRACE = 2 * MINUTE;
let merchant: TestMerchant;
let invoice: Invoice;

/** A shop that asks for the rest and wants to hear of everything, with an invoice over 10.0xx USDT. */
async function shop(given: Partial<MerchantSettings> = {}): Promise<void> {
  const settings = { optInEvents: [...optInTypes], remainder: true, ...given };
  ({ merchant } = await makeShop(world, { merchant: settings }));
  invoice = await makeInvoice(world, merchant);
}

beforeEach(() => shop());

const current = async () => (await invoiceById(world.db, invoice.id))!;
const standing = async () => {
  const { status, exception } = await current();
  return [status, exception];
};
const due = () => methodOf(invoice).final.units;
const fate = (txId: string) => fateOf(world, txId);
const orphan = (above: number) => orphanAbove(world, above);
const counts = () => ['matched', null, invoice.id];
const second = () => ['unmatched', 'second_transfer', invoice.id];
const nobodys = ['unmatched', 'no_reservation', null];

async function paid(payment: Payment, as = invoice): Promise<string> {
  const txId = await pay(world, as, payment);
  await match(world);
  return txId;
}

/** Moves a transfer to another block, and lets that be seen. */
async function moved(txId: string, payment: Payment): Promise<void> {
  await orphan((payment.height ?? 0) - 2);
  await pay(world, invoice, { txId, fork: 1, ...payment });
  await settle(world);
  await match(world);
}

const rests = async () => {
  const rows = await world.db.selectFrom('remainders').selectAll().orderBy('asked_at').execute();
  return rows.map(({ received, units, asset }) => ({
    received: BigInt(received),
    units: BigInt(units),
    asset,
  }));
};
const types = async () => {
  const rows = await world.db.selectFrom('outbox').select('type').orderBy('id').execute();
  return rows.map(({ type }) => type);
};
const lastRest = async () => (await rests()).at(-1)!.units;

async function makeFinal(height = 130): Promise<void> {
  await readTo(world, 'TRC-20', { height, final: height - 5 });
  while ((await settle(world)) + (await match(world)) > 0);
}

async function makeExpired(): Promise<void> {
  world.clock.advance(invoice.expireAt - world.clock.now() + 3 * MINUTE);
  await readTo(world, 'TRC-20', { height: 110 });
  await expire(world);
}

describe('a part that is found in another block does not count any more', () => {
  const units = 4_000_000n;

  test.each([
    ['after the deadline', () => invoice.expireAt + GRACE],
    ['before the invoice', () => invoice.createdAt - GRACE],
  ])('%s', async (which, border) => {
    const part = await paid({ units, height: 90 });
    await moved(part, { units, height: 91, time: border() });
    expect(await fate(part)).toEqual(counts());
    await moved(part, { units, height: 92, fork: 2, time: border() + (which.startsWith('after') ? 1 : -1) });
    expect(await fate(part)).toEqual(nobodys);
    expect(await standing()).toEqual(['new', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('after the cancellation, which it had come before; nor is a rest asked for then', async () => {
    world.clock.advance(MINUTE);
    await put(world, invoice, 'cancelled');
    const time = world.clock.now();
    const part = await paid({ units, height: 90, time });
    expect(await fate(part)).toEqual(counts());
    expect([await standing(), await rests()]).toEqual([['cancelled', 'underpaid'], []]);
    expect(await types()).toEqual(['cancelled', 'underpaid']);
    await moved(part, { units, height: 91, time: time + 1 });
    expect(await fate(part)).toEqual(nobodys);
    expect(await standing()).toEqual(['cancelled', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('before its amount was asked for the rest', async () => {
    world.clock.advance(10 * MINUTE);
    const askedAt = world.clock.now();
    await paid({ units, height: 80 });
    const rest = await lastRest();
    const txId = await paid({ units: rest, height: 90 });
    await moved(txId, { units: rest, height: 91, time: askedAt - GRACE });
    expect(await standing()).toEqual(['confirming', null]);
    await moved(txId, { units: rest, height: 92, fork: 2, time: askedAt - GRACE - 1 });
    expect(await standing()).toEqual(['new', 'underpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a rest that leaves the chain', () => {
  test('counts when it comes back late, where its shop accepts that, though another part has gone meanwhile', async () => {
    await shop({ late: 'accept' });
    await paid({ units: 4_000_000n, height: 90 });
    const units = await lastRest();
    const txId = await paid({ units, height: 100 });
    await moved(txId, { units, height: 101, time: invoice.expireAt + GRACE + 1 });
    expect(await fate(txId)).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'paid_late']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and comes late is no payment of the whole: the part before it still counts when it is back', async () => {
    await shop({ late: 'accept' });
    const units = 4_000_000n;
    const time = world.clock.now();
    const part = await paid({ units, height: 100 });
    const rest = await lastRest();
    await orphan(99);
    await settle(world);
    await makeExpired();
    const late = await paid({ units: rest, height: 110 });
    expect(await fate(late)).toEqual(counts());
    await paid({ units, txId: part, height: 111, fork: 1, time });
    expect(await fate(part)).toEqual(counts());
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'paid_late']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('parts that cover the amount', () => {
  test.each(['in one batch', 'one after the other'])(
    'leave whatever comes then to be a second one, %s, and the invoice says so when it is paid',
    async how => {
      const ids: string[] = [];
      for (const units of [4_000_000n, 7_000_000n, 5_000_000n, due()]) {
        ids.push(await pay(world, invoice, { units, height: 90 + ids.length }));
        if (how === 'one after the other') await match(world);
      }
      await match(world);
      const [part, completing, more, whole] = await Promise.all(ids.map(fate));
      expect([part, completing, more, whole]).toEqual([counts(), counts(), second(), second()]);
      await makeFinal();
      expect(await standing()).toEqual(['completed', 'duplicate']);
      expect(await types()).toEqual(['detected', 'underpaid', 'duplicate', 'paid', 'overpaid']);
      expect(await findViolations(world.db)).toEqual([]);
    },
  );

  test('are told by the one that comes last in the chain, whichever was seen first', async () => {
    const last = await paid({ units: 7_000_000n, height: 99 });
    await paid({ units: 4_000_000n, height: 90 });
    await makeFinal();
    expect((await current()).seen?.transactionId).toBe(last);
    const [event] = await world.db.selectFrom('outbox').select('data').where('type', '=', 'paid').execute();
    expect(JSON.parse(event!.data)).toMatchObject({ transaction_id: last });
  });

  test('without one that has gone show the last of the others', async () => {
    const shown = await paid({ units: 4_000_000n, height: 98 });
    await paid({ units: 4_000_000n, height: 99 });
    await paid({ units: 7_000_000n, height: 90 });
    await orphan(98);
    await settle(world);
    expect(await current()).toMatchObject({ status: 'confirming', seen: { transactionId: shown } });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and are more, are so again when they left the chain for good and came back', async () => {
    const first = await paid({ units: 4_000_000n, height: 90 });
    await paid({ units: 7_000_000n, height: 80 });
    await makeFinal();
    expect(await standing()).toEqual(['completed', 'overpaid']);
    await orphan(89);
    await settle(world);
    expect(await standing()).toEqual(['completed', 'reversed']);
    await pay(world, invoice, { units: 4_000_000n, txId: first, height: 91, fork: 1 });
    await settle(world);
    expect(await standing()).toEqual(['completed', 'overpaid']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('make room for the whole that came second to them when they have gone', async () => {
    await paid({ units: 4_000_000n, height: 97 });
    await paid({ units: 7_000_000n, height: 98 });
    const whole = await paid({ units: due(), height: 90 });
    expect(await fate(whole)).toEqual(second());
    await orphan(96);
    await settle(world);
    await match(world);
    expect(await fate(whole)).toEqual(counts());
    expect(await current()).toMatchObject({
      status: 'confirming',
      exception: null,
      seen: { transactionId: whole },
    });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and a second payment leave no mark when all of them have gone', async () => {
    await paid({ units: 4_000_000n, height: 97 });
    await paid({ units: 7_000_000n, height: 98 });
    await paid({ units: due(), height: 99 });
    expect(await standing()).toEqual(['confirming', 'duplicate']);
    await orphan(96);
    await settle(world);
    expect(await standing()).toEqual(['new', null]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('what is asked for the rest is less than the whole, whatever tails the wallet may use', async () => {
  const wallet = { digits: 2, maxTail: 99 };
  ({ merchant } = await makeShop(world, { merchant: { remainder: true }, wallet }));
  invoice = await makeInvoice(world, merchant, { amount: '5' });
  world.random = n => n - 1;
  await paid({ units: due() / 10n + 1n });
  expect(await lastRest()).toBeLessThan(due());
  expect(await findViolations(world.db)).toEqual([]);
});

describe('an invoice whose payer changed the coin after a part had gone', () => {
  let usdt: Invoice;
  let usdc: Invoice;

  const choose = async (pageId: string, from: Invoice['method'], asset: AssetCode) =>
    must(await chooseMethod(world, { pageId, from, method: { network: 'ERC-20', asset } }));

  const received = async () => receivedInParts(world.db, await current());

  beforeEach(async () => {
    const account = 'ab'.repeat(20);
    for (const asset of ['USDT', 'USDC'] as const)
      await makeWallet(world, merchant, { network: 'ERC-20', asset, account });
    await readTo(world, 'ERC-20', { height: 100 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    invoice = await makeInvoice(world, merchant, { method: null, page });
    usdt = await choose(page.id, null, 'USDT');
  });

  const change = async () => {
    usdc = await choose(invoice.page?.id ?? '', usdt.method, 'USDC');
  };

  test('asks for the rest in that coin, and takes the other one’s for a second payment', async () => {
    await paid({ units: 4_000_000n, height: 100 }, usdt);
    await transact(world.db, tx => orphanTransfers(tx, { network: 'ERC-20', epoch: 1 }, 0));
    await settle(world);
    world.clock.advance(1);
    await change();
    expect(await fate(await paid({ units: 4_000_000n }, usdc))).toEqual(counts());
    const [before, now] = await rests();
    expect([before?.asset, now?.asset]).toEqual(['USDT', 'USDC']);
    expect(before?.received).toBe(now?.received);
    expect(await received()).toMatchObject({ sum: 4_000_000n, rest: now?.units });
    expect(await fate(await paid({ units: before!.units }, usdt))).toEqual(second());
    expect(await fate(await paid({ units: now!.units }, usdc))).toEqual(counts());
    expect(await current()).toMatchObject({ status: 'confirming', method: usdc.method });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('counts parts of one batch in one of its coins only', async () => {
    await change();
    const first = await pay(world, usdt, { units: 6_000_000n, height: 98 });
    const other = await pay(world, usdc, { units: 6_000_000n, height: 99 });
    await match(world);
    expect([await fate(first), await fate(other)]).toEqual([counts(), nobodys]);
    expect(await received()).toMatchObject({ sum: 6_000_000n });
    expect(await findViolations(world.db)).toEqual([]);
  });
});
