import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  asked,
  HOUR,
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { FakeChain, type FakeTransfer } from '../../../test/fake-chain.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { Looked, Position, TransactionReport } from '../chains/chain.ts';
import { type NetworkCode, networks } from '../domain/asset.ts';
import { confirmFaults } from '../domain/errors.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match as matchStage } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { findInvoice } from '../store/invoices.ts';
import { chooseMethod } from './choose-method.ts';
import { confirmManually } from './confirm-manually.ts';
import { createInvoices } from './create-invoice.ts';
import { markTransfer } from './mark-transfer.ts';

const world = useWorld();

const TX = 'ab'.repeat(32);
const PAYER = keyOn('TRC-20', 'f'.repeat(40));
const PAYER_TEXT = 'TZJozAg1ruapycCicgz31GxvYJ1FraLjZa';

/** What each network says of the named transaction; null where none could be asked. */
type Says = Partial<Record<NetworkCode, Looked | null>>;

const confirm = (
  { merchantId, id }: { merchantId: number; id: number },
  says: Says = {},
  given: { transactionId?: string; verifiedOnly?: boolean } = {},
) =>
  confirmManually(
    { ...world, lookUp: async network => says[network] ?? null },
    { merchantId, invoiceId: id, transactionId: TX, verifiedOnly: false, ...given },
  );

const UNKNOWN = { kind: 'unknown' } as const;

function found(
  transfers: (Partial<FakeTransfer> & { to: string; units: bigint; block?: Position & { time: number } })[],
  txId = TX,
): TransactionReport {
  const block = { height: 100, hash: '0x1', time: world.clock.now() };
  const whole = transfers.map((transfer, ordinal) => ({
    asset: 'USDT' as const,
    from: PAYER,
    ordinal,
    txId,
    block,
    ...transfer,
  }));
  return { kind: 'found', block, transfers: whole };
}

const toInvoice = (invoice: Invoice, units = methodOf(invoice).final.units) => ({
  to: methodOf(invoice).addressKey,
  units,
});

/** An invoice as its payer chose it on Tron, and as they changed it to Ethereum. */
async function changeNetwork(merchant: TestMerchant): Promise<[Invoice, Invoice]> {
  await makeWallet(world, merchant, { network: 'ERC-20' });
  await readTo(world, 'ERC-20', { height: 100 });
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  await makeInvoice(world, merchant, { method: null, page });
  const choose = async (network: NetworkCode, from: Invoice['method']) =>
    must(await chooseMethod(world, { pageId: page.id, from, method: { network, asset: 'USDT' } }));
  const first = await choose('TRC-20', null);
  world.clock.advance(10 * MINUTE);
  return [first, await choose('ERC-20', first.method)];
}

const eventsOf = async (id: number) => {
  const rows = world.db.selectFrom('outbox').select('type').where('invoice_id', '=', id).orderBy('id');
  return (await rows.execute()).map(({ type }) => type);
};

const outcomeOf = async (...asking: Parameters<typeof confirm>) => {
  const answer = await confirm(...asking);
  if (!answer.ok) return answer.fault;
  const { exception, status } = answer.value;
  return exception === 'unverified_manual' ? exception : status;
};

describe('a transaction that pays the invoice', () => {
  test('confirms it, names the payer, and tells the shop once', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    world.clock.advance(5 * MINUTE);
    const says = { 'TRC-20': found([toInvoice(invoice)]) };
    const first = await confirm(invoice, says);
    expect(first).toMatchObject({
      ok: true,
      value: {
        status: 'paid_manually',
        exception: null,
        seen: { transactionId: TX, payerWallet: PAYER_TEXT, paidAt: world.clock.now() },
      },
    });
    world.clock.advance(MINUTE);
    const { version: _, ...same } = must(first);
    expect(must(await confirm(invoice, says))).toMatchObject(same);
    expect(await findInvoice(world.db, merchant.id, invoice.id)).toMatchObject(same);
    expect(await eventsOf(invoice.id)).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('may be of another amount than was due', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    expect(await outcomeOf(invoice, { 'TRC-20': found([toInvoice(invoice, 1n)]) })).toBe('paid_manually');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test.each(['expired', 'cancelled', 'confirming'] as const)(
    'confirms an invoice that is %s',
    async status => {
      const { merchant } = await makeShop(world);
      const invoice = await makeInvoice(world, merchant);
      if (status === 'confirming') {
        const txId = await pay(world, invoice);
        await matchStage(world);
        const says = { 'TRC-20': found([toInvoice(invoice)], txId) };
        expect(await outcomeOf(invoice, says, { transactionId: txId })).toBe('paid_manually');
      } else {
        if (status === 'expired') world.clock.advance(120 * MINUTE);
        await put(world, invoice, status === 'expired' ? 'deadline_passed' : 'cancelled');
        expect(await outcomeOf(invoice, { 'TRC-20': found([toInvoice(invoice)]) })).toBe('paid_manually');
      }
      expect((await eventsOf(invoice.id)).at(-1)).toBe('paid_manually');
      expect(await findViolations(world.db)).toEqual([]);
    },
  );

  test('while another payment waits for its final block, lets that one go', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    await pay(world, invoice);
    await matchStage(world);
    expect(await outcomeOf(invoice, { 'TRC-20': found([toInvoice(invoice)]) })).toBe('paid_manually');
    await readTo(world, 'TRC-20', { height: 200 });
    await settle(world);
    expect((await findInvoice(world.db, merchant.id, invoice.id))?.status).toBe('paid_manually');
    expect(await eventsOf(invoice.id)).toEqual(['paid_manually']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('on a widget where nothing was chosen is looked for on every network of the merchant', async () => {
    const { merchant, wallet } = await makeShop(world, { merchant: { compat: false } });
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 100 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    const [made] = await createInvoices(world, [asked(world, merchant, { method: null, page })]);
    const invoice = made?.ok ? made.value : null;
    if (!invoice) throw new Error('no invoice');
    const says = { 'ERC-20': UNKNOWN, 'TRC-20': found([{ to: wallet.key, units: 5n }]) };
    const answer = await confirm(invoice, says);
    expect(answer).toMatchObject({
      ok: true,
      value: { status: 'paid_manually', method: null, exception: null },
    });
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a transaction that cannot be seen', () => {
  test.each([
    ['no network knows it', { 'TRC-20': UNKNOWN }],
    ['no provider answers', {}],
  ])('is believed, and marked: %s', async (_, says: Says) => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    const answer = await confirm(invoice, says);
    expect(answer).toMatchObject({
      ok: true,
      value: {
        status: 'paid_manually',
        exception: 'unverified_manual',
        seen: { transactionId: TX, payerWallet: null },
      },
    });
    expect(await outcomeOf(invoice, says)).toBe('unverified_manual');
    expect(await eventsOf(invoice.id)).toEqual(['paid_manually']);
  });

  test('is refused by a merchant who takes only what can be seen', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    expect(await outcomeOf(invoice, {}, { verifiedOnly: true })).toBe('transaction_unseen');
    expect(await eventsOf(invoice.id)).toEqual([]);
  });

  test.each(['confirming', 'completed', 'paid_manually'])(
    'is not believed when another invoice that is %s shows it as its own',
    async status => {
      const { merchant } = await makeShop(world);
      const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
      const txId = await pay(world, one);
      await matchStage(world);
      if (status === 'completed') {
        await readTo(world, 'TRC-20', { height: 200 });
        await settle(world);
      }
      const given = { transactionId: txId };
      if (status === 'paid_manually')
        expect(await outcomeOf(one, { 'TRC-20': found([toInvoice(one)], txId) }, given)).toBe(status);
      expect((await findInvoice(world.db, merchant.id, one.id))?.status).toBe(status);
      expect(await outcomeOf(two, {}, given)).toBe('transaction_taken');
      expect(await eventsOf(two.id)).toEqual([]);
    },
  );

  test('is believed for one invoice only, of ten that name it at once too', async () => {
    const { merchant } = await makeShop(world);
    const invoices = await Promise.all(Array.from({ length: 10 }, () => makeInvoice(world, merchant)));
    const outcomes = await Promise.all(invoices.map(invoice => outcomeOf(invoice)));
    expect(outcomes.toSorted()).toEqual([...Array(9).fill('transaction_taken'), 'unverified_manual']);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('refused is', () => {
  test.each([
    [
      'transaction_failed',
      (): Says => ({ 'TRC-20': { kind: 'failed', block: { height: 1, hash: '0x', time: 0 } } }),
    ],
    [
      'transaction_foreign',
      () => ({ 'TRC-20': found([{ to: keyOn('TRC-20', 'e'.repeat(40)), units: 5n }]) }),
    ],
    ['transaction_foreign', () => ({ 'TRC-20': found([]) })],
  ] as const)('%s', async (fault, says) => {
    const { merchant } = await makeShop(world);
    expect(await outcomeOf(await makeInvoice(world, merchant), says())).toBe(fault);
  });

  test('the right wallet in another coin', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    const says = { 'TRC-20': found([{ ...toInvoice(invoice), asset: 'USDC' }]) };
    expect(await outcomeOf(invoice, says)).toBe('transaction_foreign');
  });

  test.each(['', 'abc', '0x', `${TX}ab`, 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir', 'g'.repeat(64)])(
    'what is no transaction id: %j',
    async transactionId => {
      const { merchant } = await makeShop(world);
      expect(await outcomeOf(await makeInvoice(world, merchant), {}, { transactionId })).toBe(
        'transaction_malformed',
      );
    },
  );

  test('an invoice of another merchant, and one that is not there', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    expect(await outcomeOf({ ...invoice, merchantId: merchant.id + 1 })).toBe('invoice_unknown');
    expect(await outcomeOf({ ...invoice, id: invoice.id + 1 })).toBe('invoice_unknown');
  });

  test('an invoice that another transaction has settled', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    expect(await outcomeOf(invoice)).toBe('unverified_manual');
    expect(await outcomeOf(invoice, {}, { transactionId: 'cd'.repeat(32) })).toBe('invoice_settled');
  });
});

describe('a confirmed invoice is marked with what was found', () => {
  test.each([
    ['exact', 0n, 0, null],
    ['less', -1n, 0, 'underpaid'],
    ['more', 1n, 0, 'overpaid'],
    ['exact, but late', 0n, HOUR, 'paid_late'],
    ['less and late', -1n, HOUR, 'underpaid'],
  ])('%s', async (_, more, later, exception) => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    world.clock.advance(later);
    const says = { 'TRC-20': found([toInvoice(invoice, methodOf(invoice).final.units + more)]) };
    expect(must(await confirm(invoice, says)).exception).toBe(exception);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('of several transfers of the transaction to the wallet the exact one is its payment', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  const says = { 'TRC-20': found([toInvoice(invoice, 5n), toInvoice(invoice), toInvoice(invoice, 7n)]) };
  expect(must(await confirm(invoice, says)).exception).toBe(null);
});

test('an amount that came after the cancellation says so', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  await put(world, invoice, 'cancelled');
  world.clock.advance(MINUTE);
  const says = { 'TRC-20': found([toInvoice(invoice)]) };
  expect(must(await confirm(invoice, says)).exception).toBe('paid_after_cancel');
});

describe('an invoice whose payer changed the coin', () => {
  test.each([0, 1])('is confirmed by what pays either wallet, and asked in that then: %i', async which => {
    const { merchant } = await makeShop(world);
    const changed = await changeNetwork(merchant);
    const paid = changed[which]!;
    const { network } = methodOf(paid);
    const from = keyOn(network, 'f'.repeat(40));
    // Not of the exact amount, nor in its time: a person vouches for it.
    const says = {
      [network]: found([{ ...toInvoice(paid, 7n), from }], network === 'TRC-20' ? TX : `0x${TX}`),
    };
    const confirmed = must(await confirm(changed[1], says, { transactionId: TX }));
    expect(confirmed).toMatchObject({
      status: 'paid_manually',
      exception: 'underpaid',
      method: paid.method,
    });
    expect((await findInvoice(world.db, merchant.id, paid.id))?.method).toEqual(paid.method);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('while the chain is asked, is not confirmed by what pays a wallet it did not ask for', async () => {
    const { merchant, wallet } = await makeShop(world);
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 100 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    const { id: invoiceId } = await makeInvoice(world, merchant, { method: null, page });
    const lookUp = async (network: NetworkCode) => {
      if (network !== 'TRC-20') return null;
      must(
        await chooseMethod(world, {
          pageId: page.id,
          from: null,
          method: { network: 'ERC-20', asset: 'USDT' },
        }),
      );
      return found([{ to: wallet.key, units: 5n }]);
    };
    const command = { merchantId: merchant.id, invoiceId, transactionId: TX, verifiedOnly: false };
    expect(await confirmManually({ ...world, lookUp }, command)).toEqual({
      ok: false,
      fault: 'transaction_foreign',
    });
    expect(await eventsOf(invoiceId)).toEqual([]);
  });

  test('is not confirmed by what went to an address that was changed in the database', async () => {
    const { merchant } = await makeShop(world);
    const [, second] = await changeNetwork(merchant);
    const thief = keyOn('TRC-20', 'e'.repeat(40));
    await world.db.updateTable('replaced_methods').set({ address_key: thief, address: 'TThief' }).execute();
    const says = { 'ERC-20': found([{ to: thief, units: 5n }]), 'TRC-20': found([{ to: thief, units: 5n }]) };
    expect(await outcomeOf(second, says, { transactionId: `0x${TX}` })).toBe('transaction_foreign');
  });

  test('is not confirmed by what pays the wallet in a coin it never asked for', async () => {
    const { merchant } = await makeShop(world);
    const [first, second] = await changeNetwork(merchant);
    const says = { 'TRC-20': found([{ ...toInvoice(first), asset: 'USDC' }]) };
    expect(await outcomeOf(second, says)).toBe('transaction_foreign');
  });
});

describe('a transfer is one invoice’s only', () => {
  test('what has settled one invoice cannot confirm another', async () => {
    const { merchant } = await makeShop(world);
    const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    const says = { 'TRC-20': found([toInvoice(one)]) };
    expect(await outcomeOf(one, says)).toBe('paid_manually');
    expect(await outcomeOf(two, says)).toBe('transaction_taken');
  });

  test('the exact amount that another open invoice holds is that one’s', async () => {
    const { merchant } = await makeShop(world);
    const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    expect(await outcomeOf(two, { 'TRC-20': found([toInvoice(one)]) })).toBe('transaction_taken');
    expect(await outcomeOf(one, { 'TRC-20': found([toInvoice(one)]) })).toBe('paid_manually');
  });

  test('so is the amount of one that has ended, for its hold', async () => {
    const { merchant } = await makeShop(world);
    const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    world.clock.advance(HOUR);
    await put(world, one, 'deadline_passed');
    expect(await outcomeOf(two, { 'TRC-20': found([toInvoice(one)]) })).toBe('transaction_taken');
    world.clock.advance(24 * HOUR + 1);
    expect(await outcomeOf(two, { 'TRC-20': found([toInvoice(one)]) })).toBe('paid_manually');
  });

  test('so is an amount that it held before its payer changed the coin', async () => {
    const { merchant } = await makeShop(world);
    const [first, second] = await changeNetwork(merchant);
    const other = await makeInvoice(world, merchant);
    const block = { height: 100, hash: '0x1', time: methodOf(first).since };
    const says = { 'TRC-20': found([{ ...toInvoice(first), block }]) };
    expect(await outcomeOf(other, says)).toBe('transaction_taken');
    expect(await outcomeOf(second, says)).toBe('paid_manually');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('what counted for one and does not any more may confirm another', async () => {
    const { merchant } = await makeShop(world, { merchant: { underpaidTolerance: '1' } });
    const one = await makeInvoice(world, merchant);
    const units = methodOf(one).final.units - 1n;
    const txId = await pay(world, one, { units, from: PAYER, height: 100 });
    await matchStage(world);
    const two = await makeInvoice(world, merchant);
    const says = { 'TRC-20': found([toInvoice(two, units)], txId) };
    expect(await outcomeOf(two, says, { transactionId: txId })).toBe('transaction_taken');
    await orphanAbove(world, 99);
    await settle(world);
    expect((await findInvoice(world.db, merchant.id, one.id))?.status).toBe('new');
    expect(await outcomeOf(two, says, { transactionId: txId })).toBe('paid_manually');
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('what was given back confirms none', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    const txId = await pay(world, invoice, { units: 5n, from: PAYER });
    await matchStage(world);
    const { id } = await world.db.selectFrom('transfers').select('id').executeTakeFirstOrThrow();
    const mark = { resolution: 'refunded' as const, refundId: null, memo: null, by: 'a person' };
    must(await markTransfer(world, id, mark));
    const says = { 'TRC-20': found([toInvoice(invoice, 5n)], txId) };
    expect(await outcomeOf(invoice, says, { transactionId: txId })).toBe('transaction_refunded');
  });

  test('of two equal transfers in one transaction each confirms one', async () => {
    const { merchant, wallet } = await makeShop(world);
    const invoices = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    const third = await makeInvoice(world, merchant);
    const says = {
      'TRC-20': found([
        { to: wallet.key, units: 3n },
        { to: wallet.key, units: 3n },
      ]),
    };
    const outcomes = await Promise.all([...invoices, third].map(invoice => outcomeOf(invoice, says)));
    expect(outcomes.toSorted()).toEqual(['paid_manually', 'paid_manually', 'transaction_taken']);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('on a chain that was begun anew it is one of that chain', async () => {
    const { merchant } = await makeShop(world);
    const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    const says = { 'TRC-20': found([toInvoice(one, 5n)]) };
    expect(await outcomeOf(one, says)).toBe('paid_manually');
    await world.db.updateTable('cursors').set({ epoch: 2 }).execute();
    expect(await outcomeOf(two, says)).toBe('paid_manually');
    const rows = await world.db.selectFrom('transfers').select('epoch').orderBy('id').execute();
    expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test.each([
    ['one of ours, is in its block', true],
    ['of another chain, is in none yet', false],
  ])('shown below a header that is %s', async (_, isOurs) => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    const { height, hash } = await world.db
      .selectFrom('blocks')
      .select(['height', 'hash'])
      .orderBy('height', 'desc')
      .executeTakeFirstOrThrow();
    const above = { height, hash: isOurs ? hash : '0xother' };
    const report = { ...found([toInvoice(invoice)]), above };
    expect(await outcomeOf(invoice, { 'TRC-20': report })).toBe('paid_manually');
    const [row] = await world.db.selectFrom('transfers').select(['state', 'block_hash']).execute();
    expect(row).toEqual({ state: 'matched', block_hash: isOurs ? '0x1' : null });
  });

  test('confirmed before its block was read, it is not matched again when the watcher gets there', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    const chain = new FakeChain(networks['TRC-20'], world.clock.now());
    const { id } = chain.send([{ asset: 'USDT', from: PAYER, ...toInvoice(invoice) }]);
    chain.mine(world.clock.now());
    const [transfer] = chain.transfers();
    if (!transfer) throw new Error('no transfer');
    const report = {
      kind: 'found',
      block: { ...transfer.block, height: 500 },
      transfers: [{ ...transfer, block: { ...transfer.block, height: 500 } }],
    } as const;
    expect(
      await outcomeOf(
        invoice,
        { 'TRC-20': { ...report, transfers: [...report.transfers] } },
        { transactionId: id },
      ),
    ).toBe('paid_manually');
    await readTo(world, 'TRC-20', { height: 600 });
    await pay(world, invoice, { txId: id, from: PAYER, height: 500 });
    await matchStage(world);
    await settle(world);
    expect(await eventsOf(invoice.id)).toEqual(['paid_manually']);
    const rows = await world.db.selectFrom('transfers').select(['state', 'height']).execute();
    expect(rows).toEqual([{ state: 'matched', height: 500 }]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('an address that was changed in the database is no wallet of the merchant', async () => {
  const { merchant, wallet } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  const thief = keyOn('TRC-20', 'e'.repeat(40));
  const says = { 'TRC-20': found([{ to: thief, units: methodOf(invoice).final.units }]) };
  await sql`update invoices set address_key = ${thief}, address = 'TThief' where id = ${invoice.id}`.execute(
    world.db,
  );
  await sql`update wallets set address_key = ${thief}, address = 'TThief' where id = ${wallet.id}`.execute(
    world.db,
  );
  expect(await outcomeOf(invoice, says)).toBe('wallet_integrity');
  const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const open = await makeInvoice(world, merchant, { method: null, page });
  expect(await outcomeOf(open, says)).toBe('transaction_malformed');
});

test('every way to refuse is tested here', async () => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(new URL(import.meta.url), 'utf8');
  for (const fault of confirmFaults) expect(text).toContain(`'${fault}'`);
});
