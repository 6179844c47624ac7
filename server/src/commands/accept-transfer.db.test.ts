import { describe, expect, test } from 'vitest';
import {
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
import { useWorld } from '../../../test/use-world.ts';
import { networks } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match } from '../flow/match.ts';
import { findForgedAudit, listAudit } from '../store/audit-log.ts';
import { type DailyRow, dailyReport } from '../store/daily-report.ts';
import { findViolations } from '../store/invariants.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { inSnapshot } from '../store/read-rows.ts';
import { reconcile } from '../store/reconcile.ts';
import { findStrayTransfer, listStrayTransfers, type StrayFilter } from '../store/stray-transfers.ts';
import { acceptTransfer, candidatesOf } from './accept-transfer.ts';
import { confirmManually } from './confirm-manually.ts';
import { resolveStray } from './resolve-stray.ts';

const world = useWorld();
const all: StrayFilter = { state: 'all', reason: null, network: null, merchantId: null };

const deps = () => ({
  ...world,
  confirmInvoice: (command: Parameters<typeof confirmManually>[1]) =>
    confirmManually(
      {
        ...world,
        lookUp: () => {
          throw new Error('the chain is not asked about what the watcher has stored');
        },
      },
      command,
    ),
});

const ownerOf = async ({ id }: TestMerchant): Promise<number> => (await userOfMerchant(world.db, id)) ?? 0;

/** A transfer to the wallet of an invoice that settles nothing, final; its id. */
async function stray(invoice: Invoice, given: Parameters<typeof pay>[2]): Promise<number> {
  const txId = await pay(world, invoice, { height: 50, ...given });
  await match(world);
  const row = await world.db
    .selectFrom('transfers')
    .select(['id', 'state'])
    .where('tx_id', '=', txId)
    .executeTakeFirstOrThrow();
  expect(row.state).toBe('unmatched');
  return row.id;
}

const list = (userId: number, filter: Partial<StrayFilter> = {}, before: number | null = null, limit = 50) =>
  listStrayTransfers(world.db, userId, { filter: { ...all, ...filter }, before, limit });

async function candidates(userId: number, transferId: number) {
  const row = await findStrayTransfer(world.db, userId, transferId);
  if (!row) throw new Error('it is not theirs');
  return candidatesOf(world, userId, row);
}

const accept = (userId: number, transferId: number, invoiceId: number) =>
  acceptTransfer(deps(), {
    userId,
    transferId,
    invoiceId,
    acting: { kind: 'command_line' },
    note: 'as asked',
  });

async function eventsOf(id: number): Promise<string[]> {
  const rows = await world.db
    .selectFrom('outbox')
    .select('type')
    .where('invoice_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ type }) => type);
}

describe('the list', () => {
  test('has every transfer that settled nothing on the wallets of the account, in pages, and nobody else’s', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const first = await stray(invoice, { units: 9_000_000n });
    const second = await stray(invoice, { units: 7n });
    const other = await makeShop(world);
    await stray(await makeInvoice(world, other.merchant), { units: 8n });
    expect((await list(userId)).map(({ id }) => id)).toEqual([second, first]);
    expect((await list(userId, {}, null, 1)).map(({ id }) => id)).toEqual([second]);
    expect((await list(userId, {}, second, 1)).map(({ id }) => id)).toEqual([first]);
    expect(await list(userId, {}, first)).toEqual([]);
    expect(await list(userId, { network: 'BEP-20' })).toEqual([]);
    expect(await list(userId, { reason: 'after_deadline' })).toEqual([]);
    expect(await list(userId, { merchantId: other.merchant.id })).toEqual([]);
    expect(await findStrayTransfer(world.db, await ownerOf(other.merchant), first)).toBeNull();
  });

  test('shows what was given back or set aside apart from what waits', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const [waiting, done] = [await stray(invoice, { units: 5n }), await stray(invoice, { units: 6n })];
    await world.db
      .updateTable('transfers')
      .set({ resolution: 'refunded', resolved_at: new Date(world.clock.now()), resolved_by: 'somebody' })
      .where('id', '=', done)
      .execute();
    expect((await list(userId, { state: 'open' })).map(({ id }) => id)).toEqual([waiting]);
    expect((await list(userId, { state: 'closed' })).map(({ id }) => id)).toEqual([done]);
    expect(await accept(userId, done, invoice.id)).toEqual({ ok: false, fault: 'transfer_settled' });
  });
});

describe('candidates', () => {
  test('are the invoices it may have been meant for, of the merchants at this wallet alone', async () => {
    const { merchant, wallet } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const meant = await makeInvoice(world, merchant, { amount: '10' });
    await makeInvoice(world, merchant, { amount: '20' });
    const neighbour = await makeMerchant(world, { userId });
    await makeWallet(world, neighbour, { account: 'd'.repeat(40) });
    await makeInvoice(world, neighbour, { amount: '10' });
    const transferId = await stray(meant, { units: 10_000_000n });
    const found = await candidates(userId, transferId);
    expect(found.map(({ invoice, evidence }) => [invoice.id, evidence])).toEqual([
      [meant.id, ['without_tail', 'in_time']],
    ]);
    expect(wallet.key).toBe(methodOf(meant).addressKey);
  });

  test('are of the account alone, and at this wallet on this network, whoever else has the same address', async () => {
    const account = 'ab'.repeat(20);
    const own = await makeShop(world, { wallet: { network: 'BEP-20', account } });
    const userId = await ownerOf(own.merchant);
    const mine = await makeInvoice(world, own.merchant, { network: 'BEP-20' });
    const other = await makeShop(world, { wallet: { network: 'BEP-20', account } });
    const theirs = await makeInvoice(world, other.merchant, { network: 'BEP-20' });
    const elsewhere = await makeShop(world, { merchant: { userId }, wallet: { network: 'ERC-20', account } });
    await makeInvoice(world, elsewhere.merchant, { network: 'ERC-20' });
    const near = await stray(mine, { units: 10n ** 19n });
    expect((await candidates(userId, near)).map(({ invoice }) => invoice.id)).toEqual([mine.id]);
    // It is the very amount of the other account's invoice, and known to be.
    world.clock.advance(theirs.expireAt - world.clock.now() + 3 * MINUTE);
    await readTo(world, 'BEP-20', { height: 120 });
    const late = await stray(theirs, {});
    await expect(candidates(userId, late)).rejects.toThrow('it is not theirs');
    const all = { state: 'all', reason: null, network: null, merchantId: null } as const;
    const listed = await listStrayTransfers(world.db, userId, { filter: all, before: null, limit: 10 });
    expect(listed.map(({ id, is_shared }) => [id, is_shared])).toEqual([[near, true]]);
    const mark = { resolution: 'refunded' as const, refundId: null, memo: null, by: 'somebody' };
    const acting = { kind: 'command_line' } as const;
    expect(await resolveStray(world, { userId, transferId: late, acting, mark })).toMatchObject({
      fault: 'transfer_unknown',
    });
    expect(await accept(userId, late, mine.id)).toMatchObject({ fault: 'transfer_unknown' });
    const strangers = await candidates(await ownerOf(other.merchant), late);
    expect(strangers.map(({ invoice }) => invoice.id)).toEqual([theirs.id]);
  });

  test('know who has paid with the same metadata before', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const before = await makeInvoice(world, merchant, { metadata: 'customer 7' });
    await put(world, before, 'confirmed_manually', {
      transactionId: 'aa'.repeat(32),
      payerWallet: 'TZJozAg1ruapycCicgz31GxvYJ1FraLjZa',
      paidAt: world.clock.now(),
    });
    const [mine, others] = [
      await makeInvoice(world, merchant, { metadata: 'customer 7' }),
      await makeInvoice(world, merchant, { metadata: 'customer 8' }),
    ];
    // Another shop at the same wallet has customers of its own.
    const account = methodOf(mine).addressKey.slice(2);
    const second = await makeShop(world, { merchant: { userId }, wallet: { account } });
    const elsewhere = await makeInvoice(world, second.merchant, { metadata: 'customer 7' });
    const found = await candidates(userId, await stray(mine, { units: 10_000_000n }));
    expect(found.map(({ invoice }) => invoice.id)).toEqual([mine.id, elsewhere.id, others.id, before.id]);
    expect(found[0]?.evidence).toContain('same_payer');
    expect(found[1]?.evidence).not.toContain('same_payer');
    expect(found[2]?.evidence).not.toContain('same_payer');
  });
});

describe('accepting', () => {
  test('makes it the payment of the invoice, tells the shop once, and keeps the evidence', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const transferId = await stray(invoice, { units: methodOf(invoice).final.units - 1_000_000n });
    const answers = await Promise.all([1, 2, 3].map(() => accept(userId, transferId, invoice.id)));
    for (const answer of answers) expect(must(answer).status).toBe('paid_manually');
    expect(await eventsOf(invoice.id)).toEqual(['paid_manually']);
    expect(await list(userId)).toEqual([]);
    const log = await listAudit(world.db, { userId, before: null, limit: 10 });
    const accepted = log.filter(({ action }) => action === 'transfer.accepted');
    expect(accepted.map(({ target }) => target)).toEqual([`invoice ${invoice.id}`]);
    expect(JSON.parse(accepted[0]?.after ?? '')).toMatchObject({
      transfer: transferId,
      evidence: ['exchange_fee', 'in_time'],
      note: 'as asked',
    });
    expect(await findForgedAudit(world.db, world.vault)).toEqual([]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('takes a payment on another network, where the merchant has a wallet there', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    await makeWallet(world, merchant, { network: 'BEP-20' });
    await readTo(world, 'BEP-20', { height: 100 });
    const invoice = await makeInvoice(world, merchant);
    const elsewhere = await makeInvoice(world, merchant, { network: 'BEP-20', amount: '500' });
    const units = methodOf(invoice).final.units * 10n ** 12n;
    expect(networks['BEP-20'].tokens[0]?.decimals).toBe(18);
    const transferId = await stray(elsewhere, { units });
    expect((await candidates(userId, transferId))[0]?.evidence).toEqual([
      'exact',
      'in_time',
      'other_network',
    ]);
    const paid = must(await accept(userId, transferId, invoice.id));
    expect(paid).toMatchObject({ status: 'paid_manually', exception: null });
    expect(paid.seen?.payerWallet).toMatch(/^0x/);
    expect(await findViolations(world.db)).toEqual([]);
    const filter = { merchantId: merchant.id, userId, from: null, to: null, timeZone: 'UTC' };
    const found = await inSnapshot(world.db, tx => reconcile(tx, filter));
    expect(found.differences).toEqual([]);
    const rows = await inSnapshot(world.db, async tx => {
      const all: DailyRow[] = [];
      for await (const batch of dailyReport(tx, filter, 'created')) all.push(...batch);
      return all;
    });
    expect(rows.find(({ paid_manually }) => paid_manually === 1)).toMatchObject({
      network: 'BEP-20',
      received_units: units.toString(),
    });
  });

  test('takes no transfer that could be undone, that somebody else has, or that nothing speaks for', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const [one, two] = [await makeInvoice(world, merchant), await makeInvoice(world, merchant)];
    const fresh = await stray(one, { units: 10_000_000n, height: 95 });
    expect(await accept(userId, fresh, one.id)).toEqual({ ok: false, fault: 'transfer_not_final' });
    const far = await stray(one, { units: 77_000_000n });
    expect(await accept(userId, far, one.id)).toEqual({ ok: false, fault: 'no_candidate' });
    const taken = await stray(one, { units: 10_000_000n });
    must(await accept(userId, taken, one.id));
    expect(await accept(userId, taken, two.id)).toEqual({ ok: false, fault: 'transaction_taken' });
    const second = await stray(one, { units: 10_000_000n });
    expect(await accept(userId, second, one.id)).toEqual({ ok: false, fault: 'invoice_settled' });
    const own = await pay(world, two, { units: 10_000_000n, height: 50, from: methodOf(two).addressKey });
    await match(world);
    const ignored = (await list(userId, { state: 'closed' })).find(({ tx_id }) => tx_id === own);
    expect(ignored?.state).toBe('ignored');
    expect(await accept(userId, ignored?.id ?? 0, two.id)).toEqual({ ok: false, fault: 'transfer_settled' });
    const stranger = await makeShop(world);
    const strangers = await ownerOf(stranger.merchant);
    expect(await accept(strangers, second, two.id)).toEqual({ ok: false, fault: 'transfer_unknown' });
  });

  test('is refused where another transfer of the same transaction has paid the invoice', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const txId = 'ab'.repeat(32);
    const ids: number[] = [];
    for (const ordinal of [0, 1]) {
      await pay(world, invoice, { txId, ordinal, units: 10_000_000n, height: 50 });
      await match(world);
      const { id } = await world.db
        .selectFrom('transfers')
        .select('id')
        .where('ordinal', '=', ordinal)
        .executeTakeFirstOrThrow();
      ids.push(id);
    }
    const [first = 0, second = 0] = ids;
    must(await accept(userId, first, invoice.id));
    expect(await accept(userId, second, invoice.id)).toEqual({ ok: false, fault: 'invoice_settled' });
    expect(must(await accept(userId, first, invoice.id)).status).toBe('paid_manually');
    expect((await list(userId, { state: 'open' })).map(({ id }) => id)).toEqual([second]);
  });

  test('leaves the invoice as it is when somebody gives the transfer back at the same moment', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const transferId = await stray(invoice, { units: 10_000_000n });
    const given = deps();
    const answer = await acceptTransfer(
      {
        ...given,
        confirmInvoice: async command => {
          await world.db
            .updateTable('transfers')
            .set({ resolution: 'dismissed', resolved_at: new Date(world.clock.now()), resolved_by: 'x' })
            .where('id', '=', transferId)
            .execute();
          return given.confirmInvoice(command);
        },
      },
      { userId, transferId, invoiceId: invoice.id, acting: { kind: 'command_line' }, note: null },
    );
    expect(answer).toEqual({ ok: false, fault: 'transfer_settled' });
    expect(await eventsOf(invoice.id)).toEqual([]);
    expect((await findStrayTransfer(world.db, userId, transferId))?.state).toBe('unmatched');
  });
});

describe('resolving', () => {
  test('says once what was done, in the audit log, and only to whoever has the wallet', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const transferId = await stray(invoice, { units: 10_000_000n });
    const mark = { resolution: 'refunded', refundId: 'ab', memo: 'sent back', by: 'me@example.com' } as const;
    const resolve = (user: number) =>
      resolveStray(world, { userId: user, transferId, acting: { kind: 'command_line' }, mark });
    const stranger = await ownerOf((await makeShop(world)).merchant);
    expect(await resolve(stranger)).toEqual({ ok: false, fault: 'transfer_unknown' });
    const answers = await Promise.all([resolve(userId), resolve(userId)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await list(userId, { state: 'closed' })).map(({ id }) => id)).toEqual([transferId]);
    const log = await listAudit(world.db, { userId, before: null, limit: 10 });
    expect(log.filter(({ action }) => action === 'transfer.refunded')).toHaveLength(1);
    expect(await accept(userId, transferId, invoice.id)).toEqual({ ok: false, fault: 'transfer_settled' });
  });

  test('is not for what an invoice was paid by', async () => {
    const { merchant } = await makeShop(world);
    const userId = await ownerOf(merchant);
    const invoice = await makeInvoice(world, merchant);
    const transferId = await stray(invoice, { units: 10_000_000n });
    must(await accept(userId, transferId, invoice.id));
    const mark = { resolution: 'dismissed', refundId: null, memo: null, by: 'x' } as const;
    const answer = await resolveStray(world, { userId, transferId, acting: { kind: 'program' }, mark });
    expect(answer).toEqual({ ok: false, fault: 'transfer_settled' });
  });
});
