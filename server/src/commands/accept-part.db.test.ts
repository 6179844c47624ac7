/** A person says that a transfer which settled nothing is a part of an open invoice. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  methodOf,
  must,
  type Payment,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf, idOfTransfer, orphanAbove } from '../../../test/fate.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { type Invoice, optInTypes } from '../domain/invoice.ts';
import { MOST_PARTS, MOST_RESTS } from '../domain/parts.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { listAudit } from '../store/audit-log.ts';
import { findViolations } from '../store/invariants.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { acceptPart, partFaults } from './accept-part.ts';
import { markTransfer } from './mark-transfer.ts';

const world = useWorld();
const ACCOUNT = 'ab'.repeat(20);
let merchant: TestMerchant;
let invoice: Invoice;
let userId: number;

beforeEach(async () => {
  const settings = { optInEvents: [...optInTypes] };
  ({ merchant } = await makeShop(world, { merchant: settings, wallet: { account: ACCOUNT } }));
  invoice = await makeInvoice(world, merchant);
  userId = (await userOfMerchant(world.db, merchant.id)) ?? 0;
});

const due = (of = invoice) => methodOf(of).final.units;

/** A transfer to the wallet of the invoice, judged; its id. */
async function sent(payment: Payment = {}, of = invoice): Promise<number> {
  const txId = await pay(world, of, { units: 4_000_000n, ...payment });
  await match(world);
  return idOfTransfer(world, txId);
}

const accept = (transferId: number, of = invoice, by: number | null = userId) =>
  acceptPart(world, {
    userId: by,
    transferId,
    invoiceId: of.id,
    acting: { kind: 'command_line' },
    note: 'as the payer says',
  });

const faultOf = async (...given: Parameters<typeof accept>) => {
  const answer = await accept(...given);
  return answer.ok ? answer.value.status : answer.fault;
};

const rests = async () => {
  const rows = await world.db
    .selectFrom('remainders')
    .select(['received', 'units'])
    .orderBy('asked_at')
    .execute();
  return rows.map(({ received, units }) => ({ received: BigInt(received), units: BigInt(units) }));
};
const events = async () => {
  const rows = await world.db.selectFrom('outbox').select('type').orderBy('id').execute();
  return rows.map(({ type }) => type);
};

test('it counts: the invoice asks for the rest, the shop is told, and it stands in the audit log', async () => {
  const id = await sent();
  expect(must(await accept(id))).toMatchObject({ status: 'new', exception: 'underpaid' });
  const [rest] = await rests();
  expect(rest?.received).toBe(4_000_000n);
  expect(rest!.units + 4_000_000n).toBeGreaterThanOrEqual(due());
  expect(await events()).toEqual(['detected', 'underpaid']);
  const log = await listAudit(world.db, { userId, before: null, limit: 10 });
  expect(log.map(({ action, target }) => [action, target])).toContainEqual([
    'transfer.accepted_as_part',
    `invoice ${invoice.id}`,
  ]);
  expect(JSON.parse(log.find(({ action }) => action.endsWith('_part'))?.after ?? '')).toMatchObject({
    transfer: id,
    units: '4000000',
    note: 'as the payer says',
  });
  expect(await findViolations(world.db)).toEqual([]);
});

test('with others it adds up: the one that completes the amount pays the invoice', async () => {
  const [first, second, third] = [await sent(), await sent({ units: 3_000_000n }), await sent()];
  must(await accept(first));
  must(await accept(second));
  expect((await rests()).map(({ received }) => received)).toEqual([4_000_000n, 7_000_000n]);
  expect(must(await accept(third))).toMatchObject({ status: 'confirming', exception: null });
  expect(await rests()).toHaveLength(2);
  await readTo(world, 'TRC-20', { height: 120 });
  expect(await settle(world)).toBe(1);
  expect(await events()).toEqual(['detected', 'underpaid', 'paid', 'overpaid']);
  expect(await findViolations(world.db)).toEqual([]);
});

describe('refused is', () => {
  test('transfer_unknown: none, or one on the wallets of another account', async () => {
    const stranger = await makeShop(world);
    const other = (await userOfMerchant(world.db, stranger.merchant.id)) ?? 0;
    const id = await sent();
    expect(await faultOf(id, invoice, other)).toBe('transfer_unknown');
    expect(await faultOf(id + 1)).toBe('transfer_unknown');
    expect(await faultOf(id + 1, invoice, null)).toBe('transfer_unknown');
  });

  test('invoice_unknown: none, or one of another account, though it asks at the same address', async () => {
    const other = await makeShop(world, { wallet: { account: ACCOUNT } });
    const theirs = await makeInvoice(world, other.merchant);
    expect(methodOf(theirs).addressKey).toBe(methodOf(invoice).addressKey);
    const id = await sent();
    expect(await faultOf(id, theirs)).toBe('invoice_unknown');
    expect(await faultOf(id, { ...invoice, id: theirs.id + 1 })).toBe('invoice_unknown');
    expect(await faultOf(id, theirs, null)).toBe('new');
  });

  test('transfer_settled: it counts already, was given back, or went from the wallet to itself', async () => {
    expect(await faultOf(await sent({ units: due() }))).toBe('transfer_settled');
    const other = await makeInvoice(world, merchant);
    const id = await sent();
    must(await markTransfer(world, id, { resolution: 'refunded', refundId: null, memo: null, by: 'x' }));
    expect(await faultOf(id, other)).toBe('transfer_settled');
    expect(await faultOf(await sent({ from: methodOf(invoice).addressKey }), other)).toBe('transfer_settled');
  });

  test('transfer_not_seen: it has left the chain', async () => {
    const id = await sent({ height: 100 });
    await orphanAbove(world, 99);
    expect(await faultOf(id)).toBe('transfer_not_seen');
  });

  test('invoice_not_open: it has ended, is being paid, or asks for nothing yet', async () => {
    const id = await sent();
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    expect(await faultOf(id, await makeInvoice(world, merchant, { method: null, page }))).toBe(
      'invoice_not_open',
    );
    await put(world, invoice, 'cancelled');
    expect(await faultOf(id)).toBe('invoice_not_open');
    const paid = await makeInvoice(world, merchant);
    await sent({ units: due(paid) }, paid);
    expect(await faultOf(id, paid)).toBe('invoice_not_open');
  });

  test('transaction_foreign: it is in another coin, on another network, or went to another wallet', async () => {
    const id = await sent();
    const account = 'cd'.repeat(20);
    for (const way of [
      { asset: 'USDC', account: ACCOUNT },
      { network: 'ERC-20', account: ACCOUNT },
    ] as const) {
      const elsewhere = await makeShop(world, { merchant: { userId }, wallet: way });
      const { network, asset } = elsewhere.wallet;
      expect(await faultOf(id, await makeInvoice(world, elsewhere.merchant, { network, asset }))).toBe(
        'transaction_foreign',
      );
    }
    const { merchant: own } = await makeShop(world, { merchant: { userId }, wallet: { account } });
    const there = await makeInvoice(world, own);
    expect(methodOf(there).addressKey).toBe(keyOn('TRC-20', account));
    expect(await faultOf(id, there)).toBe('transaction_foreign');
  });

  test('transaction_taken: another invoice asks for this very amount', async () => {
    const other = await makeInvoice(world, merchant, { amount: '4' });
    await sent({ units: due(other) }, other);
    expect(await faultOf(await sent({ units: due(other) }, other))).toBe('transaction_taken');
  });

  test('not_in_time: before the invoice, or after its deadline, by the block or by when it was first seen', async () => {
    const grace = 2 * MINUTE;
    expect(await faultOf(await sent({ time: invoice.createdAt - grace - 1 }))).toBe('not_in_time');
    expect(await faultOf(await sent({ time: invoice.expireAt + grace + 1 }))).toBe('not_in_time');
    const seen = await sent();
    world.clock.advance(1);
    const later = await makeInvoice(world, merchant);
    expect(await faultOf(seen, later)).toBe('not_in_time');
    expect(await faultOf(await sent({ time: invoice.createdAt - grace }))).toBe('new');
    expect(await faultOf(await sent({ units: 3_000_000n, time: invoice.expireAt + grace }))).toBe('new');
  });

  test('not_a_part: it is more than the whole', async () => {
    expect(await faultOf(await sent({ units: due() + 1n }))).toBe('not_a_part');
  });

  test('too_many_parts: it has ten', async () => {
    for (let n = 0; n < MOST_PARTS; n++)
      expect(await faultOf(await sent({ units: 10_000n, height: 91 + n }))).toBe('new');
    expect(await faultOf(await sent({ units: 10_000n, height: 100 }))).toBe('too_many_parts');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('never a rest too many: however often parts go and others come, ten amounts are held for it at most', async () => {
    for (let n = 0; n < MOST_RESTS; n++)
      expect(await faultOf(await sent({ units: 10_000n, height: 91 + n }))).toBe('new');
    await orphanAbove(world, 99);
    expect(await settle(world)).toBe(1);
    expect(await faultOf(await sent({ units: 10_001n }))).toBe('new');
    expect(await rests()).toHaveLength(MOST_RESTS);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('in no other way', async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL(import.meta.url), 'utf8');
    for (const fault of Object.keys(partFaults)) expect(text).toContain(`'${fault}'`);
  });
});

test('it is one again, though the shop takes none, when the chain takes it away and brings it back', async () => {
  const id = await sent({ units: 10_000n, height: 90 });
  must(await accept(id));
  await orphanAbove(world, 89);
  expect(await settle(world)).toBe(1);
  const { tx_id: txId } = await world.db.selectFrom('transfers').select('tx_id').executeTakeFirstOrThrow();
  await pay(world, invoice, { units: 10_000n, txId, height: 91, fork: 1 });
  await match(world);
  expect(await fateOf(world, txId)).toEqual(['matched', null, invoice.id]);
  expect(await findViolations(world.db)).toEqual([]);
});

test('it is no rest though that is as much by now, nor when the chain takes it away and brings it back', async () => {
  const [first, units] = [await sent(), due() - 4_000_000n + 7000n];
  const txId = await pay(world, invoice, { units, height: 90 });
  await match(world);
  world.clock.advance(3 * MINUTE);
  world.random = () => 6;
  must(await accept(first));
  expect(await rests()).toEqual([{ received: 4_000_000n, units }]);
  expect(must(await accept(await idOfTransfer(world, txId)))).toMatchObject({ status: 'confirming' });
  expect(await settle(world)).toBe(0);
  await orphanAbove(world, 89);
  await settle(world);
  await pay(world, invoice, { units, txId, height: 91, fork: 1, time: invoice.createdAt });
  await match(world);
  expect(await fateOf(world, txId)).toEqual(['matched', null, invoice.id]);
  await readTo(world, 'TRC-20', { height: 120 });
  expect(await settle(world)).toBe(0);
  expect(await findViolations(world.db)).toEqual([]);
});

test('asked for twice at the same moment it is one part', async () => {
  const id = await sent();
  const faults = await Promise.all([1, 2, 3].map(() => faultOf(id)));
  expect(faults.toSorted()).toEqual(['new', 'transfer_settled', 'transfer_settled']);
  expect(await rests()).toHaveLength(1);
  const txId = await world.db.selectFrom('transfers').select('tx_id').executeTakeFirstOrThrow();
  expect(await fateOf(world, txId.tx_id)).toEqual(['matched', null, invoice.id]);
});

test('asked for at the same moment for several invoices it is a part of one', async () => {
  const invoices = [invoice];
  for (let n = 0; n < 5; n++) invoices.push(await makeInvoice(world, merchant));
  const id = await sent();
  await warm(world.db);
  const faults = await Promise.all(invoices.map(one => faultOf(id, one)));
  expect(faults.toSorted()).toEqual(['new', ...Array(5).fill('transfer_settled')]);
  expect(await findViolations(world.db)).toEqual([]);
});
