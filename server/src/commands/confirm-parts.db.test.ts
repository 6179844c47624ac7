/** Confirming an invoice by hand when parts of its amount have come. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  methodOf,
  must,
  pay,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { fateOf } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import type { NetworkCode } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import { match } from '../flow/match.ts';
import { settle } from '../flow/settle.ts';
import { findViolations } from '../store/invariants.ts';
import { chooseMethod } from './choose-method.ts';
import { confirmManually } from './confirm-manually.ts';

const world = useWorld();
let merchant: TestMerchant;

beforeEach(async () => {
  ({ merchant } = await makeShop(world, { merchant: { remainder: true } }));
});

const due = (invoice: Invoice) => methodOf(invoice).final.units;

async function part(of: Invoice, units = 4_000_000n): Promise<string> {
  const txId = await pay(world, of, { units });
  await match(world);
  expect(await fateOf(world, txId)).toEqual(['matched', null, of.id]);
  return txId;
}

/** Confirms by a transaction of so much to the wallet of the invoice, as it is given, that the chain has at this time. */
async function confirm(invoice: Invoice, units: bigint, time = world.clock.now()) {
  const { network, asset, addressKey: to } = methodOf(invoice);
  const id = world.next().toString(16).padStart(64, 'a');
  const txId = network === 'TRC-20' ? id : `0x${id}`;
  const block = { height: 100, hash: '0x1', time };
  const from = keyOn(network, 'f'.repeat(40));
  const lookUp = async (asked: NetworkCode) =>
    asked === network
      ? { kind: 'found' as const, block, transfers: [{ asset, from, to, units, ordinal: 0, txId, block }] }
      : null;
  const command = { merchantId: merchant.id, invoiceId: invoice.id, verifiedOnly: false, transactionId: id };
  const { status, exception } = must(await confirmManually({ ...world, lookUp }, command));
  return [status, exception];
}

const payments = async () => {
  const rows = await world.db.selectFrom('payments').select(['kind', 'state']).orderBy('id').execute();
  return rows.map(({ kind, state }) => `${kind} ${state}`);
};

describe('by less than its amount', () => {
  test.each([
    ['and the parts with it are the amount', -4_000_000n, 0, null],
    ['and the parts with it are too little', -4_000_001n, 0, 'underpaid'],
    ['and the parts with it are more than was ever asked', -1n, 0, 'overpaid'],
    ['and it came after the deadline', -4_000_000n, HOUR, 'paid_late'],
  ])('all of them pay it, %s', async (_, more, later, exception) => {
    const invoice = await makeInvoice(world, merchant);
    await part(invoice);
    world.clock.advance(later);
    expect(await confirm(invoice, due(invoice) + more)).toEqual(['paid_manually', exception]);
    expect(await payments()).toEqual(['part settled', 'manual settled']);
    expect(await settle(world)).toBe(0);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('in another coin than its parts, they do not pay it together', async () => {
    await makeWallet(world, merchant, { network: 'ERC-20' });
    await readTo(world, 'ERC-20', { height: 100 });
    const page = { id: crypto.randomUUID(), description: null, backUrl: null, cancelUrl: null, lang: null };
    await makeInvoice(world, merchant, { method: null, page });
    const choose = async (network: NetworkCode, from: Invoice['method']) =>
      must(await chooseMethod(world, { pageId: page.id, from, method: { network, asset: 'USDT' } }));
    const first = await choose('TRC-20', null);
    const second = await choose('ERC-20', first.method);
    const txId = await part(first);
    expect(await confirm(second, due(second) - 4_000_000n)).toEqual(['paid_manually', 'underpaid']);
    expect(await payments()).toEqual(['part pending', 'manual settled']);
    await settle(world);
    await match(world);
    expect(await fateOf(world, txId)).toEqual(['unmatched', 'second_transfer', first.id]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});

test('by its whole amount, its parts came second', async () => {
  const invoice = await makeInvoice(world, merchant);
  const txId = await part(invoice);
  expect(await confirm(invoice, due(invoice))).toEqual(['paid_manually', null]);
  expect(await payments()).toEqual(['part pending', 'manual settled']);
  await settle(world);
  await match(world);
  expect(await fateOf(world, txId)).toEqual(['unmatched', 'second_transfer', invoice.id]);
  expect(await findViolations(world.db)).toEqual([]);
});

test('what another invoice asks for its rest is that one’s, but not from before it was asked', async () => {
  const asking = await makeInvoice(world, merchant);
  const before = world.clock.now();
  world.clock.advance(10 * MINUTE);
  await part(asking);
  const other = await makeInvoice(world, merchant);
  const { units } = await world.db.selectFrom('remainders').select('units').executeTakeFirstOrThrow();
  await expect(confirm(other, BigInt(units))).rejects.toThrow('transaction_taken');
  expect(await confirm(other, BigInt(units), before)).toEqual(['paid_manually', 'underpaid']);
  expect(await findViolations(world.db)).toEqual([]);
});
