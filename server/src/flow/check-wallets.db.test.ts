/** What was changed in the database is found, whichever column it was, wallet or invoice. */
import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import {
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
  type TestWallet,
} from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { chooseMethod } from '../commands/choose-method.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Logger } from '../lib/logger.ts';
import { invoiceById } from '../store/invoices.ts';
import { checkWallets } from './check-wallets.ts';
import { match } from './match.ts';

const world = useWorld();
let merchant: TestMerchant;
let wallet: TestWallet;
let alarmed: Set<string>;
let said: Record<string, unknown>[];

beforeEach(async () => {
  ({ merchant, wallet } = await makeShop(world));
  alarmed = new Set();
  said = [];
});

async function check() {
  said = [];
  const say = (line: Record<string, unknown>) => said.push(line);
  const logger = { ...world.logger, error: say, info: say } as unknown as Logger;
  await checkWallets({ ...world, logger, alarmed });
  return said;
}

test.each([
  ['merchant', 'merchant_id = (select max(id) from merchants)'],
  ['network', "network = 'ERC-20'"],
  ['coin', "asset = 'DAI'"],
  ['address that is shown', "address = 'T' || repeat('a', 33)"],
  ['address that is watched', "address_key = '41' || repeat('a', 40)"],
])('a wallet with another %s is told of, and once', async (_, change) => {
  await makeMerchant(world);
  expect(await check()).toEqual([]);
  await sql`update wallets set ${sql.raw(change)}`.execute(world.db);
  expect(await check()).toMatchObject([{ alarm: 'wallet_integrity', wallet: wallet.id }]);
  expect(await check()).toEqual([]);
});

const swapIn = (table: 'invoices' | 'replaced_methods') =>
  sql`update ${sql.table(table)} set address_key = '41' || repeat('a', 40) where network = 'TRC-20'`.execute(
    world.db,
  );

test.each<[string, (invoice: Invoice) => Promise<unknown>, boolean]>([
  ['new', async () => undefined, true],
  ['confirming', async invoice => (await pay(world, invoice)) && match(world), true],
  ['cancelled', invoice => put(world, invoice, 'cancelled'), false],
])('an invoice with another address is told of while it is open: %s', async (status, become, isToldOf) => {
  const invoice = await makeInvoice(world, merchant);
  await become(invoice);
  expect(await invoiceById(world.db, invoice.id)).toMatchObject({ status });
  await swapIn('invoices');
  expect(await check()).toMatchObject(isToldOf ? [{ alarm: 'wallet_integrity', invoice: invoice.id }] : []);
});

test('an invoice is told of whose other address, that it asked for before, was changed', async () => {
  await makeWallet(world, merchant, { network: 'ERC-20' });
  await readTo(world, 'ERC-20', { height: 100 });
  const page = { id: world.chance.uuid(), description: null, backUrl: null, cancelUrl: null, lang: null };
  const { id } = await makeInvoice(world, merchant, { method: null, page });
  let from: Invoice['method'] = null;
  for (const network of ['TRC-20', 'ERC-20'] as const) {
    const command = { pageId: page.id, from, method: { network, asset: 'USDT' as const } };
    from = methodOf(must(await chooseMethod(world, command)));
  }
  expect(await check()).toEqual([]);
  await swapIn('replaced_methods');
  expect(await check()).toMatchObject([{ alarm: 'wallet_integrity', invoice: id, network: 'TRC-20' }]);
});
