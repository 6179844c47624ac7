import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  MINUTE,
  makeInvoice,
  makeMerchant,
  makeShop,
  makeWallet,
  methodOf,
  pay,
  put,
  readTo,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { match } from '../flow/match.ts';
import { countAccountTasks, listAccountTasks } from './account-tasks.ts';
import { transact } from './db.ts';
import { listTasks, resolveException, resolveTransfer, taskCounts } from './tasks.ts';

const world = useWorld();

const tasks = async (merchantIds: number[] | null = null) =>
  (await listTasks(world.db, { merchantIds, limit: 10 })).map(
    ({ kind, merchant_id }) => `${kind} ${merchant_id}`,
  );
const resolve = (invoiceId: number) =>
  transact(world.db, tx => resolveException(tx, invoiceId, world.clock.now()));

describe('money that counts for nothing', () => {
  test('is a task for each merchant who has its address on that network, once', async () => {
    const { merchant, wallet } = await makeShop(world, { wallet: { network: 'ERC-20' } });
    const account = wallet.key.slice(2);
    const [both, elsewhere] = [await makeMerchant(world), await makeMerchant(world)];
    for (const asset of ['USDT', 'USDC'] as const)
      await makeWallet(world, both, { network: 'ERC-20', asset, account });
    await makeWallet(world, elsewhere, { network: 'BEP-20', account });
    await pay(world, await makeInvoice(world, merchant, { network: 'ERC-20' }), { units: 3n });
    expect(await tasks()).toEqual([]);
    await match(world);
    expect(await tasks()).toEqual([`no_reservation ${merchant.id}`, `no_reservation ${both.id}`]);
    expect(await tasks([both.id])).toEqual([`no_reservation ${both.id}`]);
    expect(await tasks([elsewhere.id])).toEqual([]);
    expect(await taskCounts(world.db, 10)).toEqual({ no_reservation: 2 });
  });

  test('is none when it has left the chain, or a person has said what became of it', async () => {
    const { merchant } = await makeShop(world);
    const invoice = await makeInvoice(world, merchant);
    await readTo(world, 'TRC-20', { height: 102 });
    await pay(world, invoice, { units: 3n, height: 101 });
    const say = (id: number) =>
      transact(world.db, tx => {
        const said = { resolution: 'dismissed', refundId: null, memo: null, by: 'a test' } as const;
        return resolveTransfer(tx, id, said, world.clock.now());
      });
    // Nothing can be said of what nobody has judged yet.
    expect(await say(1)).toBe(false);
    await match(world);
    world.clock.advance(MINUTE);
    await pay(world, invoice, { units: 4n, height: 102 });
    await match(world);
    const all = await listTasks(world.db, { merchantIds: null, limit: 10 });
    expect(all.map(({ transfer_id }) => transfer_id)).toEqual([1, 2]);
    await orphanAbove(world, 101);
    expect(await tasks()).toHaveLength(1);
    expect(await say(1)).toBe(true);
    expect(await tasks()).toEqual([]);
  });
});

describe('a paid invoice', () => {
  test.each([
    'reversed',
    'unverified_manual',
    'underpaid',
    'overpaid',
    'paid_late',
    'paid_after_cancel',
  ] as const)('that is %s is a task until a person has dealt with that', async exception => {
    const { merchant } = await makeShop(world);
    const { id } = await makeInvoice(world, merchant);
    await put(world, { id }, 'confirmed_manually');
    expect(await resolve(id)).toBe(false);
    expect(await tasks()).toEqual([]);
    await world.db.updateTable('invoices').set({ exception }).execute();
    expect(await tasks()).toEqual([`${exception} ${merchant.id}`]);
    expect(await resolve(id)).toBe(true);
    expect(await tasks()).toEqual([]);
  });
});

test('an invoice that expired unseen is a task until its networks are read, or a person has dealt with it', async () => {
  const { merchant } = await makeShop(world);
  const invoice = await makeInvoice(world, merchant);
  world.clock.time = invoice.expireAt + 2 * MINUTE;
  await put(world, invoice, 'deadline_passed');
  await world.db.updateTable('invoices').set({ exception: 'expired_blind' }).execute();
  expect(await tasks()).toEqual([`expired_blind ${merchant.id}`]);
  await readTo(world, 'TRC-20', { height: 101 });
  expect(await tasks()).toHaveLength(1);
  await readTo(world, 'TRC-20', { height: 102, time: world.clock.now() + 1 });
  expect(await tasks()).toEqual([]);
  // It was asked on another network before, which nobody has read so far.
  await sql`
    insert into replaced_methods (invoice_id, network, asset, wallet_id, address, address_key, final_units, final_decimals,
      commission, method_at, replaced_at)
    select id, 'ERC-20', asset, wallet_id, address, address_key, final_units, final_decimals, 0, method_at, method_at
      from invoices`.execute(world.db);
  expect(await tasks()).toHaveLength(1);
  await resolve(invoice.id);
  expect(await tasks()).toEqual([]);
});

test('a part is a task where the rest is not asked for, or not any more', async () => {
  const { merchant } = await makeShop(world, { merchant: { remainder: true } });
  const invoice = await makeInvoice(world, merchant);
  await pay(world, invoice, { units: methodOf(invoice).final.units / 2n });
  await match(world);
  expect(await tasks()).toEqual([]);
  const { units } = await world.db.selectFrom('remainders').select('units').executeTakeFirstOrThrow();
  const task = [`rest_missing ${merchant.id}`];
  await world.db.updateTable('remainders').set({ units: '1' }).execute();
  expect(await tasks()).toEqual(task);
  await world.db.updateTable('remainders').set({ units, asset: 'USDC' }).execute();
  expect(await tasks()).toEqual(task);
  await world.db.updateTable('remainders').set({ asset: 'USDT' }).execute();
  expect(await tasks()).toEqual([]);
  for (const status of ['cancelled', 'expired'] as const) {
    const ended_at = new Date(world.clock.now());
    await world.db.updateTable('invoices').set({ status, ended_at }).execute();
    expect(await tasks()).toEqual(task);
  }
  await resolve(invoice.id);
  expect(await tasks()).toEqual([]);
});

describe('the list of an account', () => {
  const shown = async (
    merchantIds: number[],
    before: { since: number; ref: string } | null = null,
    limit = 10,
  ) =>
    (await listAccountTasks(world.db, { merchantIds, before, limit })).map(
      ({ since: _, decimals: __, ...task }) => task,
    );

  /** One transfer for two merchants, and two invoices that are not as they should be; each newer than the one before. */
  async function three() {
    const { merchant, wallet } = await makeShop(world, { wallet: { network: 'ERC-20' } });
    const both = await makeMerchant(world, { name: 'Both' });
    await makeWallet(world, both, { network: 'ERC-20', account: wallet.key.slice(2) });
    const [first, second] = [
      await makeInvoice(world, merchant, { network: 'ERC-20' }),
      await makeInvoice(world, merchant, { network: 'ERC-20' }),
    ];
    await pay(world, first, { units: 3n });
    await match(world);
    for (const [{ id }, exception] of [
      [first, 'overpaid'],
      [second, 'unverified_manual'],
    ] as const) {
      world.clock.advance(MINUTE);
      await put(world, { id }, 'confirmed_manually');
      await world.db.updateTable('invoices').set({ exception }).where('id', '=', id).execute();
    }
    return { merchant, both, first, second };
  }

  test('has what waits once, the newest first, with what it is about', async () => {
    const { merchant, both, first, second } = await three();
    const about = { network: 'ERC-20', asset: 'USDT' };
    const stray = {
      ...about,
      ref: 't1',
      kind: 'no_reservation',
      invoice_id: null,
      client_reference_id: null,
      transfer_id: 1,
      units: '3',
    };
    const unusual = (invoice: typeof first, kind: string) => ({
      ...about,
      ref: `i${invoice.id}`,
      kind,
      invoice_id: invoice.id,
      client_reference_id: invoice.clientReferenceId,
      transfer_id: null,
      units: String(methodOf(invoice).final.units),
    });
    const own = { merchants: ['A shop'] };
    expect(await shown([merchant.id, both.id])).toEqual([
      { ...unusual(second, 'unverified_manual'), ...own },
      { ...unusual(first, 'overpaid'), ...own },
      { ...stray, merchants: ['A shop', 'Both'] },
    ]);
    expect(await shown([both.id])).toEqual([{ ...stray, merchants: ['Both'] }]);
    expect(await shown([])).toEqual([]);
    expect(await countAccountTasks(world.db, [merchant.id, both.id], 10)).toBe(3);
    expect(await countAccountTasks(world.db, [merchant.id, both.id], 2)).toBe(2);
    expect(await countAccountTasks(world.db, [both.id], 10)).toBe(1);
  });

  test('goes on where a page has ended', async () => {
    const { merchant } = await three();
    const all = await listAccountTasks(world.db, { merchantIds: [merchant.id], before: null, limit: 10 });
    expect(all).toHaveLength(3);
    for (const [index, { since, ref }] of all.entries())
      expect(await shown([merchant.id], { since, ref }, 1)).toMatchObject(
        all.slice(index + 1, index + 2).map(({ ref: next }) => ({ ref: next })),
      );
  });
});
