/** Confirming by a transaction that nobody shows, and what becomes of it when it is seen. */
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  type Payment,
  pay,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf, idOfTransfer, orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Looked } from '../chains/chain.ts';
import { networks } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { listTasks } from '../store/tasks.ts';
import { acceptTransfer } from './accept-transfer.ts';
import { confirmManually } from './confirm-manually.ts';
import { markTransfer } from './mark-transfer.ts';

const world = useWorld();
let merchant: TestMerchant;
let invoice: Invoice;

const TX = 'ab'.repeat(32);
const PAYER_TEXT = 'TZJozAg1ruapycCicgz31GxvYJ1FraLjZa';

beforeEach(async () => {
  ({ merchant } = await makeShop(world));
  invoice = await makeInvoice(world, merchant);
});

/** No provider answers, unless the test says what one says. */
const confirm = (of: Invoice, transactionId = TX, says: Looked | null = null) =>
  confirmManually(
    { ...world, lookUp: async () => says },
    { merchantId: merchant.id, invoiceId: of.id, transactionId, verifiedOnly: false },
  );

const outcomeOf = async (...asking: Parameters<typeof confirm>) => {
  const answer = await confirm(...asking);
  return answer.ok ? answer.value.exception : answer.fault;
};

/** The watcher finds a transfer by this transaction, and it is judged. */
async function found(of: Invoice, given: Payment = {}) {
  await pay(world, of, { txId: TX, height: 100, ...given });
  await match(world);
}

async function becomesFinal() {
  await readTo(world, 'TRC-20', { height: 200 });
  await settle(world);
}

const standing = async ({ id }: Invoice) => {
  const { status, exception, seen } = (await invoiceById(world.db, id)) ?? {};
  return { status, exception, payer: seen?.payerWallet };
};

const payments = async () => {
  const rows = await world.db
    .selectFrom('payments')
    .select(['invoice_id', 'kind', 'state'])
    .orderBy('id')
    .execute();
  return rows.map(({ invoice_id, kind, state }) => `${invoice_id} ${kind} ${state}`);
};

const tasks = async () => {
  const all = await listTasks(world.db, { merchantIds: [merchant.id], limit: 10 });
  return all.map(({ kind }) => kind);
};

const eventsOf = async ({ id }: Invoice) => {
  const rows = world.db.selectFrom('outbox').select('type').where('invoice_id', '=', id).orderBy('id');
  return (await rows.execute()).map(({ type }) => type);
};

describe('a transaction that is seen after it was confirmed', () => {
  test('is the payment of its invoice, which is verified once it is final, and nobody’s task', async () => {
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    const { paidAt } = (await invoiceById(world.db, invoice.id))?.seen ?? {};
    world.clock.advance(MINUTE);
    await found(invoice);
    expect(await fateOf(world, TX)).toEqual(['matched', null, invoice.id]);
    expect(await payments()).toEqual([`${invoice.id} manual pending`]);
    expect(await tasks()).toEqual(['unverified_manual']);
    await becomesFinal();
    expect(await standing(invoice)).toEqual({
      status: 'paid_manually',
      exception: null,
      payer: PAYER_TEXT,
    });
    expect((await invoiceById(world.db, invoice.id))?.seen?.paidAt).toBe(paidAt);
    expect(await payments()).toEqual([`${invoice.id} manual settled`]);
    expect(await tasks()).toEqual([]);
    expect(await eventsOf(invoice)).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test.each([
    ['less', -1n, 'underpaid'],
    ['more', 1n, 'overpaid'],
  ])('is so if it is of %s, and marked with that', async (_, more, exception) => {
    await outcomeOf(invoice);
    await found(invoice, { units: methodOf(invoice).final.units + more });
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception, payer: PAYER_TEXT });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('verifies by its exact transfer where it has several', async () => {
    await outcomeOf(invoice);
    await pay(world, invoice, { txId: TX, units: 5n, height: 100 });
    await found(invoice);
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception: null });
    expect(await tasks()).toEqual(['no_reservation']);
  });

  test('verifies it although another payment was waiting then, which comes second', async () => {
    await pay(world, invoice, { height: 100 });
    await match(world);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    await found(invoice, { units: 5n });
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception: 'underpaid', payer: PAYER_TEXT });
    expect(await payments()).toEqual([`${invoice.id} exact released`, `${invoice.id} manual settled`]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('verifies nothing while it could be undone, and when it is back and final it does', async () => {
    await outcomeOf(invoice);
    await found(invoice);
    await settle(world);
    expect(await standing(invoice)).toMatchObject({ exception: 'unverified_manual' });
    await orphanAbove(world, 99);
    await settle(world);
    expect(await payments()).toEqual([`${invoice.id} manual released`]);
    expect(await findViolations(world.db)).toEqual([]);
    await found(invoice, { fork: 1 });
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception: null });
    expect(await payments()).toEqual([`${invoice.id} manual settled`]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is the other invoice’s whose exact amount it is, and the one it was named for stays as it is', async () => {
    const other = await makeInvoice(world, merchant);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    await found(other);
    await becomesFinal();
    expect(await standing(other)).toMatchObject({ status: 'completed' });
    expect(await standing(invoice)).toMatchObject({ exception: 'unverified_manual', payer: null });
    expect(await tasks()).toEqual(['unverified_manual']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('to a wallet the invoice never asked for verifies nothing', async () => {
    const elsewhere = await makeWallet(world, merchant);
    await outcomeOf(invoice);
    await found({ ...invoice, method: { ...methodOf(invoice), addressKey: elsewhere.key } });
    expect(await fateOf(world, TX)).toEqual(['unmatched', 'no_reservation', null]);
  });

  test('from the wallet to itself verifies nothing', async () => {
    await outcomeOf(invoice);
    await found(invoice, { from: methodOf(invoice).addressKey });
    expect(await fateOf(world, TX)).toEqual(['ignored', 'self_transfer', null]);
  });

  test('pays a widget on which nothing was chosen, on whichever network it is', async () => {
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 100 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    const widget = await makeInvoice(world, merchant, { method: null, page });
    expect(await outcomeOf(widget)).toBe('unverified_manual');
    const there = await makeInvoice(world, merchant, { network: 'ERC-20' });
    await pay(world, there, { txId: `0x${TX}`, units: 7n });
    await match(world);
    await readTo(world, 'ERC-20', { height: 200 });
    await settle(world);
    const { exception, seen } = (await invoiceById(world.db, widget.id)) ?? {};
    expect({ exception, id: seen?.transactionId }).toEqual({ exception: null, id: `0x${TX}` });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that is large verifies only what two providers agree on', async () => {
    const row = { ...networks['TRC-20'], agreeAbove: 9 };
    world.networks = new Map([...world.networks, ['TRC-20', row]]);
    await outcomeOf(invoice);
    // A transfer of nearly nothing, for an invoice of more.
    await found(invoice, { units: 1n });
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception: 'unverified_manual' });
    await world.db
      .updateTable('payments')
      .set({ agreed_at: new Date(world.clock.now()) })
      .execute();
    await settle(world);
    expect(await standing(invoice)).toMatchObject({ exception: 'underpaid' });
  });
});

describe('a transaction that no provider shows and the watcher has stored', () => {
  test('is the payment of the invoice it confirms already', async () => {
    await found(invoice);
    expect(await standing(invoice)).toMatchObject({ status: 'confirming' });
    expect(must(await confirm(invoice))).toMatchObject({
      status: 'paid_manually',
      exception: null,
      seen: { payerWallet: PAYER_TEXT },
    });
    await becomesFinal();
    expect(await payments()).toEqual([`${invoice.id} manual settled`]);
    expect(await tasks()).toEqual([]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('waits for two providers where it is large, and nothing is to be given back meanwhile', async () => {
    const row = { ...networks['TRC-20'], agreeAbove: 9 };
    world.networks = new Map([...world.networks, ['TRC-20', row]]);
    await found(invoice);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    await becomesFinal();
    expect(await payments()).toEqual([`${invoice.id} manual pending`]);
    expect(await tasks()).toEqual(['unverified_manual']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('and that left the chain is believed, and marked', async () => {
    await found(invoice);
    await orphanAbove(world, 99);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    await settle(world);
    await found(invoice, { fork: 1 });
    await becomesFinal();
    expect(await standing(invoice)).toMatchObject({ exception: null, payer: PAYER_TEXT });
    expect(await payments()).toEqual([`${invoice.id} manual settled`]);
  });

  test('is refused where it pays somebody else', async () => {
    const elsewhere = await makeWallet(world, merchant);
    await found({ ...invoice, method: { ...methodOf(invoice), addressKey: elsewhere.key } });
    expect(await outcomeOf(invoice)).toBe('transaction_foreign');
  });

  test.each([true, false])('is refused once it was given back, on its block or off it: %s', async isOn => {
    await found(invoice, { units: 5n });
    const mark = { resolution: 'refunded' as const, refundId: null, memo: null, by: 'a person' };
    must(await markTransfer(world, await idOfTransfer(world, TX), mark));
    if (!isOn) await orphanAbove(world, 99);
    expect(await outcomeOf(invoice)).toBe('transaction_refunded');
  });

  test.each([true, false])(
    'is refused while it is a part of another, on its block or off it: %s',
    async isOn => {
      const account = methodOf(invoice).addressKey.slice(2);
      const userId = (await userOfMerchant(world.db, merchant.id)) ?? 0;
      const { merchant: other } = await makeShop(world, {
        merchant: { remainder: true, userId },
        wallet: { account },
      });
      const parted = await makeInvoice(world, other, { amount: '100' });
      await found(parted, { units: 80_000_000n });
      expect(await payments()).toEqual([`${parted.id} part pending`]);
      if (!isOn) await orphanAbove(world, 99);
      expect(await outcomeOf(invoice)).toBe('transaction_taken');
    },
  );
});

describe('one transaction', () => {
  const shown = (of: Invoice, units = methodOf(of).final.units): Looked => {
    const block = { height: 100, hash: '0x1', time: world.clock.now() };
    const { addressKey: to } = methodOf(of);
    const from = keyOn('TRC-20', 'f'.repeat(40));
    return {
      kind: 'found',
      block,
      transfers: [{ asset: 'USDT', from, to, units, ordinal: 0, txId: TX, block }],
    };
  };

  test('that one invoice was confirmed by, unseen, does not confirm another when it is found', async () => {
    const other = await makeInvoice(world, merchant);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    expect(await outcomeOf(other, TX, shown(other))).toBe('transaction_taken');
    expect(await eventsOf(other)).toEqual([]);
  });

  test('confirms one of two that name it at once, one of them unseen', async () => {
    const other = await makeInvoice(world, merchant);
    const outcomes = await Promise.all([outcomeOf(invoice), outcomeOf(other, TX, shown(other, 5n))]);
    expect(outcomes).toContain('transaction_taken');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that pays another wallet too confirms what asks there', async () => {
    const elsewhere = await makeShop(world);
    const other = await makeInvoice(world, elsewhere.merchant);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    const answer = await confirmManually(
      { ...world, lookUp: async () => shown(other) },
      { merchantId: elsewhere.merchant.id, invoiceId: other.id, transactionId: TX, verifiedOnly: false },
    );
    expect(must(answer).exception).toBe(null);
  });
});

describe('a transaction that one of two providers shows', () => {
  const says = (shownBy: number): Looked => {
    const block = { height: 100, hash: '0x1', time: world.clock.now() };
    const { addressKey: to } = methodOf(invoice);
    const transfer = { asset: 'USDT', from: keyOn('TRC-20', 'f'.repeat(40)), to, units: 1n } as const;
    const transfers = [{ ...transfer, ordinal: 0, txId: TX, block }];
    return { kind: 'found', block, transfers, shownBy, asked: 2 };
  };

  test.each([
    [1, 'unverified_manual'],
    [2, 'underpaid'],
  ])('is believed no more than if nobody did, for a large invoice: %i', async (shownBy, exception) => {
    const row = { ...networks['TRC-20'], agreeAbove: 9 };
    world.networks = new Map([...world.networks, ['TRC-20', row]]);
    expect(await outcomeOf(invoice, TX, says(shownBy))).toBe(exception);
  });

  test.each([
    [1, 'transaction_unseen'],
    [2, 'underpaid'],
  ])('is not seen for whoever takes only what is: %i', async (shownBy, outcome) => {
    const answer = await confirmManually(
      { ...world, lookUp: async () => says(shownBy) },
      { merchantId: merchant.id, invoiceId: invoice.id, transactionId: TX, verifiedOnly: true },
    );
    expect(answer.ok ? answer.value.exception : answer.fault).toBe(outcome);
  });
});

describe('what was taken for a second payment before', () => {
  /** As it stands where an earlier version has judged it. */
  async function takenForSecond() {
    await outcomeOf(invoice);
    await pay(world, invoice, { txId: TX, height: 50 });
    await sql`update transfers set state = 'unmatched', reason = 'second_transfer', invoice_id = ${invoice.id}`.execute(
      world.db,
    );
    expect(await tasks()).toContain('second_transfer');
  }

  test('verifies the invoice when that is confirmed by it again', async () => {
    await takenForSecond();
    expect(await outcomeOf(invoice)).toBe(null);
    expect(await tasks()).toEqual([]);
    expect(await eventsOf(invoice)).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('verifies the invoice when it is accepted for that', async () => {
    await takenForSecond();
    const userId = (await userOfMerchant(world.db, merchant.id)) ?? 0;
    const confirmInvoice = (command: Parameters<typeof confirmManually>[1]) =>
      confirmManually({ ...world, lookUp: async () => null }, command);
    const transferId = await idOfTransfer(world, TX);
    const accept = () =>
      acceptTransfer(
        { ...world, confirmInvoice },
        { userId, transferId, invoiceId: invoice.id, acting: { kind: 'command_line' }, note: null },
      );
    expect(must(await accept()).exception).toBe(null);
    expect(must(await accept()).exception).toBe(null);
    expect(await tasks()).toEqual([]);
    expect(await eventsOf(invoice)).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('still cannot be seen, and is answered as before', async () => {
    must(await confirm(invoice));
    const before = await invoiceById(world.db, invoice.id);
    expect(must(await confirm(invoice))).toEqual(before);
    const { kind, block } = { kind: 'failed' as const, block: { height: 1, hash: '0x', time: 0 } };
    expect(await outcomeOf(invoice, TX, { kind, block })).toBe('unverified_manual');
    expect(await invoiceById(world.db, invoice.id)).toEqual(before);
    expect(await eventsOf(invoice)).toEqual(['paid_manually']);
  });
});
