/** Invoices that were confirmed by hand by what a provider showed, and the chain does not keep. */
import { beforeEach, expect, test } from 'vitest';
import {
  keyOn,
  MINUTE,
  makeInvoice,
  makeShop,
  methodOf,
  must,
  pay,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { orphanAbove } from '../../../test/fate.ts';
import { useWorld } from '../../../test/use-world.ts';
import { confirmManually } from '../commands/confirm-manually.ts';
import { NO_TERMS } from '../domain/commission.ts';
import type { Invoice } from '../domain/invoice.ts';
import { createLogger } from '../lib/logger.ts';
import { findViolations } from '../store/invariants.ts';
import { invoiceById } from '../store/invoices.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
const TX = 'ab'.repeat(32);
let merchant: TestMerchant;
let invoice: Invoice;
let alarms: string[];

beforeEach(async () => {
  alarms = [];
  world.logger = createLogger('silent');
  world.logger.error = ({ alarm }: { alarm: string }) => alarms.push(alarm);
  world.terms = { ...NO_TERMS, percent: { units: 1n, scale: 0 } };
  ({ merchant } = await makeShop(world, { merchant: { optInEvents: ['reversed'] } }));
  invoice = await makeInvoice(world, merchant);
});

const due = () => methodOf(invoice).final.units;

async function confirm(units = due()) {
  const block = { height: 101, hash: '0x1', time: world.clock.now() };
  const { addressKey: to, asset } = methodOf(invoice);
  const from = keyOn('TRC-20', 'f'.repeat(40));
  const transfers = [{ asset, from, to, units, ordinal: 0, txId: TX, block }];
  const lookUp = async () => ({ kind: 'found' as const, block, transfers });
  const command = { merchantId: merchant.id, invoiceId: invoice.id, transactionId: TX, verifiedOnly: false };
  must(await confirmManually({ ...world, lookUp }, command));
}

/** The network is read on, and final up to a block of this time. */
async function finalAt(height: number, time: number) {
  await readTo(world, 'TRC-20', { height, time, final: height });
  await settle(world);
}

const mark = async () => (await invoiceById(world.db, invoice.id))?.exception;

const commission = async () => {
  const rows = await world.db.selectFrom('journal_entries').select('kind').orderBy('id').execute();
  return rows.map(({ kind }) => kind);
};

test('what was never on the chain is reversed once that is final past the confirmation', async () => {
  await confirm();
  const confirmed = world.clock.now();
  await finalAt(110, confirmed + 2 * MINUTE);
  expect(await mark()).toBe(null);
  await finalAt(111, confirmed + 2 * MINUTE + 1000);
  expect(await mark()).toBe('reversed');
  expect(alarms).toEqual(['payment_reversed']);
  expect(await commission()).toEqual(['commission', 'commission_reversal']);
  const told = await world.db.selectFrom('outbox').select('type').orderBy('id').execute();
  expect(told.map(({ type }) => type)).toEqual(['paid_manually', 'reversed']);
  await finalAt(112, confirmed + 9 * MINUTE);
  expect(alarms).toHaveLength(1);
  expect(await findViolations(world.db)).toEqual([]);
});

test.each([
  ['exact', 0n, null],
  ['less', -1n, 'underpaid'],
] as const)('what a fork has taken away is reversed until it is back: %s', async (_, more, exception) => {
  await confirm(due() + more);
  await readTo(world, 'TRC-20', { height: 101, final: 90 });
  await pay(world, invoice, { txId: TX, units: due() + more, height: 101 });
  await match(world);
  await orphanAbove(world, 100);
  await settle(world);
  expect(await mark()).toBe(exception);
  world.clock.advance(MINUTE);
  await finalAt(120, world.clock.now() + 5 * MINUTE);
  expect(await mark()).toBe('reversed');
  await pay(world, invoice, { txId: TX, units: due() + more, height: 120, fork: 1 });
  await match(world);
  await settle(world);
  expect(await mark()).toBe(exception);
  expect(await commission()).toEqual(['commission', 'commission_reversal', 'commission_restored']);
  expect(await findViolations(world.db)).toEqual([]);
});

test('what is on the chain stays, however far it is read', async () => {
  await confirm();
  await readTo(world, 'TRC-20', { height: 101, final: 90 });
  await pay(world, invoice, { txId: TX, height: 101 });
  await match(world);
  await finalAt(200, world.clock.now() + 60 * MINUTE);
  expect(await mark()).toBe(null);
  expect(alarms).toEqual([]);
});
