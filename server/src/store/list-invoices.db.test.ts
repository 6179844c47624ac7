import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  price,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { Chance } from '../../../test/seeded.ts';
import { useWorld } from '../../../test/use-world.ts';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { InvoiceFilter } from './invoice-filter.ts';
import { type Bounds, listInvoices } from './list-invoices.ts';

const world = useWorld();
let one: TestMerchant;
let two: TestMerchant;
let stranger: TestMerchant;

beforeEach(async () => {
  one = (await makeShop(world)).merchant;
  two = (await makeShop(world)).merchant;
  stranger = (await makeShop(world)).merchant;
});

const everything: Omit<InvoiceFilter, 'merchantIds'> = {
  statuses: [],
  exception: null,
  network: null,
  asset: null,
  createdFrom: null,
  createdTo: null,
  amountFrom: null,
  amountTo: null,
  text: null,
};

/** Page after page, as a person turns them. */
async function list(given: Partial<InvoiceFilter> = {}, limit = 2, bounds?: Bounds): Promise<string[]> {
  const filter = { ...everything, merchantIds: [one.id, two.id], ...given };
  const found: Invoice[] = [];
  let before: number | null = null;
  do {
    const page = await listInvoices(world.db, { filter, before, limit }, bounds);
    expect(page.invoices.length).toBeLessThanOrEqual(limit);
    found.push(...page.invoices);
    before = page.next;
  } while (before !== null);
  return found.map(({ clientReferenceId }) => clientReferenceId);
}

async function later(ms: number) {
  world.clock.advance(ms);
  await readTo(world, 'TRC-20', { height: 100 + world.next() });
}

const make = (clientReferenceId: string, of = one, more: Parameters<typeof makeInvoice>[2] = {}) =>
  makeInvoice(world, of, { clientReferenceId, ...more });

test('are listed newest first, those of all merchants asked for and of no other', async () => {
  for (const name of ['a', 'c', 'e']) {
    await make(name);
    await make(`${name}2`, two);
    await make(`${name}3`, stranger);
  }
  expect(await list()).toEqual(['e2', 'e', 'c2', 'c', 'a2', 'a']);
  expect(await list({ merchantIds: [two.id] })).toEqual(['e2', 'c2', 'a2']);
  expect(await list({ merchantIds: [] })).toEqual([]);
});

describe('are narrowed', () => {
  test('by status, in any number of them', async () => {
    const cancelled = await make('cancelled');
    await make('open');
    await cancelInvoice(world, { merchantId: one.id, invoiceId: cancelled.id });
    expect(await list({ statuses: ['cancelled'] })).toEqual(['cancelled']);
    expect(await list({ statuses: ['new'] })).toEqual(['open']);
    expect(await list({ statuses: ['new', 'cancelled'] })).toEqual(['open', 'cancelled']);
    expect(await list({ statuses: ['expired'] })).toEqual([]);
  });

  test('by coin, network and exception', async () => {
    await make('a');
    expect(await list({ network: 'TRC-20' })).toEqual(['a']);
    expect(await list({ asset: 'USDT' })).toEqual(['a']);
    expect(await list({ network: 'ERC-20' })).toEqual([]);
    expect(await list({ network: 'TRC-20', asset: 'USDC' })).toEqual([]);
    expect(await list({ exception: 'any' })).toEqual([]);
    await world.db.updateTable('invoices').set({ exception: 'reversed' }).execute();
    expect(await list({ exception: 'any' })).toEqual(['a']);
    expect(await list({ exception: 'unverified_manual' })).toEqual([]);
  });

  test('by the time of creation, the first moment in, the last not', async () => {
    const times: number[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      times.push(world.clock.now());
      await make(name);
      await later(2 * HOUR);
    }
    const [, b, c] = times as [number, number, number, number];
    expect(await list({ createdFrom: b })).toEqual(['d', 'c', 'b']);
    expect(await list({ createdTo: c })).toEqual(['b', 'a']);
    expect(await list({ createdFrom: b, createdTo: c })).toEqual(['b']);
    expect(await list({ createdFrom: b + 1, createdTo: c + 1 })).toEqual(['c']);
  });

  test('by the amount requested, both ends in', async () => {
    for (const amount of ['10', '20.5', '30']) await make(amount, one, { amount });
    expect(await list({ amountFrom: price('20.5') })).toEqual(['30', '20.5']);
    expect(await list({ amountTo: price('20.5') })).toEqual(['20.5', '10']);
    expect(await list({ amountFrom: price('20.5'), amountTo: price('20.5') })).toEqual(['20.5']);
    expect(await list({ amountFrom: price('20.51'), amountTo: price('29') })).toEqual([]);
    expect(await list({ merchantIds: [one.id], amountTo: price('10') })).toEqual(['10']);
    expect(await list({ merchantIds: [two.id], amountTo: price('10') })).toEqual([]);
  });

  test('by a text as a search finds it, together with the rest', async () => {
    const first = await make('order-1');
    await make('order-2', two);
    await make('order-3', stranger);
    await cancelInvoice(world, { merchantId: one.id, invoiceId: first.id });
    expect(await list({ text: 'order-' })).toEqual(['order-2', 'order-1']);
    expect(await list({ text: 'order-', statuses: ['cancelled'] })).toEqual(['order-1']);
    expect(await list({ text: String(first.id) })).toEqual(['order-1']);
    expect(await list({ text: 'rder' })).toEqual([]);
  });
});

test('everything that fits is listed once, however it is narrowed and however small the pages are', async () => {
  const chance = new Chance(5);
  const all: Invoice[] = [];
  for (let n = 0; n < 40; n++) {
    const amount = `${1 + chance.below(9)}`;
    const invoice = await make(`o-${n}`, chance.below(2) === 0 ? one : two, { amount });
    if (chance.below(2) === 0)
      await cancelInvoice(world, { merchantId: invoice.merchantId, invoiceId: invoice.id });
    all.push(invoice);
    await later(20 * MINUTE);
  }
  const now = await listInvoices(world.db, {
    filter: { ...everything, merchantIds: [one.id, two.id] },
    before: null,
    limit: 100,
  });
  const [low, high] = [price('3'), price('6')];
  const from = (all[7] as Invoice).createdAt;
  for (const statuses of [[], ['new'], ['cancelled', 'new']] as const)
    for (const network of [null, 'TRC-20'] as const)
      for (const byAmount of [false, true])
        for (const createdFrom of [null, from]) {
          const expected = now.invoices.filter(
            ({ status, createdAt, requested: { units } }) =>
              (statuses.length === 0 || (statuses as readonly string[]).includes(status)) &&
              (!byAmount || (units >= low.units && units <= high.units)) &&
              createdAt >= (createdFrom ?? 0),
          );
          const given = {
            statuses,
            network,
            createdFrom,
            ...(byAmount && { amountFrom: low, amountTo: high }),
          };
          const names = expected.map(invoice => invoice.clientReferenceId);
          expect(await list(given, 3)).toEqual(names);
          const bounds = { walked: 2, few: 2, searched: 4, arms: 64 };
          for (const arms of [64, 1]) {
            expect(await list(given, 3, { ...bounds, arms })).toEqual(names);
            expect(await list({ ...given, text: 'o-' }, 3, { ...bounds, arms })).toEqual(names);
          }
        }
});
