import { beforeEach, describe, expect, test } from 'vitest';
import {
  asked,
  makeInvoice,
  makeShop,
  must,
  pay,
  type TestMerchant,
  type TestWallet,
} from '../../../test/factories.ts';
import { fateOf, orphanAbove } from '../../../test/fate.ts';
import { warm } from '../../../test/pg.ts';
import { useWorld } from '../../../test/use-world.ts';
import { createInvoices } from '../commands/create-invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { storeTransfers } from '../store/transfers.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
let merchant: TestMerchant;
let wallet: TestWallet;
let invoice: Invoice;

beforeEach(async () => {
  ({ merchant, wallet } = await makeShop(world));
  invoice = await makeInvoice(world, merchant);
});

const fate = (txId: string) => fateOf(world, txId);

const statusOf = async ({ id }: Invoice) => (await invoiceById(world.db, id))?.status;
const payments = () =>
  world.db.selectFrom('payments').select(['invoice_id', 'state']).orderBy('id').execute();

const orphan = (above: number) => orphanAbove(world, above);

/** The same transfer in a block of another fork. */
async function storeAgain(txId: string, height: number, time = world.clock.now()) {
  await pay(world, invoice, { txId, height, time, fork: 1 });
}

describe('of two equal transfers', () => {
  test('in one transaction the first one counts', async () => {
    const txId = 'ab'.repeat(32);
    await pay(world, invoice, { txId, ordinal: 0 });
    await pay(world, invoice, { txId, ordinal: 1 });
    expect(await match(world)).toBe(2);
    const rows = await world.db
      .selectFrom('transfers')
      .select(['ordinal', 'state', 'reason'])
      .orderBy('ordinal')
      .execute();
    expect(rows).toEqual([
      { ordinal: 0, state: 'matched', reason: null },
      { ordinal: 1, state: 'unmatched', reason: 'second_transfer' },
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('the one in the lower block counts, whichever was stored first', async () => {
    const late = await pay(world, invoice, { height: 100 });
    const early = await pay(world, invoice, { height: 99 });
    await match(world);
    expect(await fate(early)).toEqual(['matched', null, invoice.id]);
    expect(await fate(late)).toEqual(['unmatched', 'second_transfer', invoice.id]);
  });

  test('the second stays as it is where a person has dealt with it, whatever leaves the chain or moves', async () => {
    await pay(world, invoice, { height: 99 });
    await match(world);
    const second = await pay(world, invoice, { height: 98 });
    await match(world);
    const resolved = { resolution: 'refunded' as const, resolved_at: new Date(), resolved_by: 'anna' };
    await world.db.updateTable('transfers').set(resolved).where('tx_id', '=', second).execute();
    await orphan(98);
    await settle(world);
    const kept = ['unmatched', 'second_transfer', invoice.id];
    expect(await fate(second)).toEqual(kept);
    await storeAgain(second, 97);
    expect(await fate(second)).toEqual(kept);
  });

  test('the second counts once the first has left the chain, though its own block is the same', async () => {
    const first = await pay(world, invoice, { height: 99 });
    await match(world);
    const second = await pay(world, invoice, { height: 98 });
    await match(world);
    expect((await fate(second))[1]).toBe('second_transfer');
    await orphan(98);
    await settle(world);
    expect(await fate(second)).toEqual(['pending', null, null]);
    await match(world);
    expect([await fate(first), await fate(second)]).toEqual([
      ['pending', null, null],
      ['matched', null, invoice.id],
    ]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('the second counts in a new block once the first has left the chain', async () => {
    const second = await pay(world, invoice, { height: 99 });
    const first = await pay(world, invoice, { height: 98 });
    await match(world);
    expect((await fate(second))[1]).toBe('second_transfer');
    await orphan(98 - 1);
    await storeAgain(second, 99);
    await settle(world);
    expect(await fate(first)).toEqual(['pending', null, null]);
    await match(world);
    expect(await fate(second)).toEqual(['matched', null, invoice.id]);
    expect((await invoiceById(world.db, invoice.id))?.seen?.transactionId).toBe(second);
    expect(await findViolations(world.db)).toEqual([]);
    await storeAgain(first, 100);
    await match(world);
    expect(await fate(first)).toEqual(['unmatched', 'second_transfer', invoice.id]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a transfer found in another block', () => {
  test('is judged again when it had not counted, since the block has another time', async () => {
    const txId = await pay(world, invoice, { time: invoice.expireAt + 121_000 });
    await match(world);
    expect((await fate(txId))[1]).toBe('after_deadline');
    await storeAgain(txId, 99, invoice.expireAt + 119_000);
    await match(world);
    expect(await fate(txId)).toEqual(['matched', null, invoice.id]);
  });

  test('is not judged again when it is the same block', async () => {
    const txId = await pay(world, invoice, { units: 1n });
    await match(world);
    await pay(world, invoice, { txId, units: 1n });
    expect(await match(world)).toBe(0);
  });

  test('keeps its state when it counts', async () => {
    const txId = await pay(world, invoice, { height: 99 });
    await match(world);
    await orphan(98);
    await storeAgain(txId, 100);
    expect(await match(world)).toBe(0);
    expect(await fate(txId)).toEqual(['matched', null, invoice.id]);
    expect(await payments()).toEqual([{ invoice_id: invoice.id, state: 'pending' }]);
  });
});

describe('many transfers', () => {
  test('are judged 200 at a time, in the order of the chain', async () => {
    const transfers = Array.from({ length: 450 }, (_, index) => ({
      txId: `tx${index}`,
      asset: 'USDT' as const,
      from: 'payer',
      to: wallet.key,
      units: 1n,
      ordinal: 0,
      block: { height: 1000 - index, hash: 'x', time: world.clock.now() },
    }));
    await transact(world.db, tx =>
      storeTransfers(tx, { network: 'TRC-20', epoch: 1 }, transfers, world.clock.now()),
    );
    expect(await match(world)).toBe(200);
    const judgedFirst = await world.db
      .selectFrom('transfers')
      .select(eb => eb.fn.max('height').as('highest'))
      .where('state', '=', 'unmatched')
      .executeTakeFirstOrThrow();
    expect(judgedFirst.highest).toBe(551 + 199);
    expect([await match(world), await match(world), await match(world)]).toEqual([200, 50, 0]);
  });

  test('of many invoices are judged by several processes at once, each once', async () => {
    const commands = Array.from({ length: 60 }, () => asked(world, merchant));
    const invoices = (await createInvoices(world, commands)).map(must);
    for (const one of invoices) await pay(world, one);
    for (const one of invoices.slice(0, 30)) await pay(world, one);
    await warm(world.db);
    const counts = await Promise.all(Array.from({ length: 6 }, () => match(world)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(90);
    expect(await payments()).toHaveLength(60);
    for (const one of invoices) expect(await statusOf(one)).toBe('confirming');
    expect(await findViolations(world.db)).toEqual([]);
  });
});
