import { beforeEach, describe, expect, test } from 'vitest';
import { keyOn, makeInvoice, makeShop, methodOf, pay, type TestMerchant } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { addressText } from '../chains/registry.ts';
import { networks } from '../domain/asset.ts';
import { match } from '../flow/match.ts';
import { searchInvoices } from './search-invoices.ts';

const world = useWorld();
let merchant: TestMerchant;
let other: TestMerchant;

beforeEach(async () => {
  merchant = (await makeShop(world)).merchant;
  other = (await makeShop(world)).merchant;
});

const find = async (query: string, given: { before?: number; limit?: number; of?: TestMerchant } = {}) => {
  const { before = null, limit = 100, of = merchant } = given;
  const found = await searchInvoices(world.db, { merchantId: of.id, query, before, limit });
  return found.map(({ clientReferenceId }) => clientReferenceId);
};

const make = (clientReferenceId: string, metadata: string | null = null, of = merchant) =>
  makeInvoice(world, of, { clientReferenceId, metadata });

describe('is found by', () => {
  test('its id, and by nothing that only looks like it', async () => {
    const { id } = await make('a');
    expect(await find(String(id))).toEqual(['a']);
    for (const text of [`0${id}`, ` ${id}`, `${id}.0`, `+${id}`, `${id}e0`])
      expect(await find(text)).toEqual([]);
  });

  test('the beginning of its reference or of its metadata', async () => {
    await make('order-17', '{"user":5}');
    for (const text of ['order-17', 'ord', 'o', '{"user":5}', '{"us'])
      expect(await find(text)).toEqual(['order-17']);
    for (const text of ['rder', 'ORDER-17', 'order-171', 'user']) expect(await find(text)).toEqual([]);
  });

  test('metadata longer than its index holds, to the last character', async () => {
    const long = 'ж'.repeat(300);
    await make('a', `${long}x`);
    await make('b', `${long}y`);
    expect(await find(`${long}x`)).toEqual(['a']);
    expect(await find(long)).toEqual(['b', 'a']);
    expect(await find(`${long}z`)).toEqual([]);
  });

  test('its wallet, its payer and its transaction', async () => {
    const invoice = await make('paid');
    const from = keyOn('TRC-20', 'd'.repeat(40));
    const txId = await pay(world, invoice, { from });
    await match(world);
    expect(await find(txId)).toEqual(['paid']);
    expect(await find(addressText(networks['TRC-20'], from))).toEqual(['paid']);
    expect(await find(methodOf(invoice).address)).toEqual(['paid']);
    expect(await find(txId.slice(0, -1))).toEqual([]);
  });
});

test('%, _ and \\ are plain characters', async () => {
  await make('100%', '_x');
  await make('100 percent', '\\x');
  await make('1000', 'ax');
  expect(await find('100%')).toEqual(['100%']);
  expect(await find('%')).toEqual([]);
  expect(await find('_')).toEqual(['100%']);
  expect(await find('\\')).toEqual(['100 percent']);
  expect(await find("'; drop table invoices; --")).toEqual([]);
  expect(await find('\0')).toEqual([]);
  expect(await find('\u{1F9FE}'.repeat(1000))).toEqual([]);
});

test('an invoice that several fields lead to is there once, the newest first, a page at a time', async () => {
  for (let n = 1; n <= 5; n++) await make(`r${n}`, `r${n}`);
  expect(await find('r')).toEqual(['r5', 'r4', 'r3', 'r2', 'r1']);
  const [, second] = await searchInvoices(world.db, {
    merchantId: merchant.id,
    query: 'r',
    before: null,
    limit: 2,
  });
  expect(await find('r', { limit: 2 })).toEqual(['r5', 'r4']);
  expect(await find('r', { before: second!.id, limit: 2 })).toEqual(['r3', 'r2']);
});

test('another merchant’s invoices are as if they were not there', async () => {
  const theirs = await make('theirs', 'secret', other);
  for (const text of ['theirs', 'secret', String(theirs.id), methodOf(theirs).address]) {
    expect(await find(text)).toEqual([]);
    expect(await find(text, { of: other })).toEqual(['theirs']);
  }
});
