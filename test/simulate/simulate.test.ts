/** A sample of the simulator in every test run: 150 histories, the same ones on every machine. */
import { expect, it } from 'vitest';
import type { HistoryResult } from './history.ts';
import { runHistories } from './run.ts';

const HISTORIES = 150;
const FIRST_SEED = 1;

/**
 * Seeds that once broke a rule, run first. What a seed means changes with the actions and with how often providers are asked, as it
 * did for all of these: 1,000,422 chose a coin while a confirmation by hand was looked up; 42 and 59 expired what a nested step
 * took back; in 43 and 79 a provider that hid a payment read it both times; in 2,003,163 half of an amount settled an invoice whose
 * address had been changed in the database; in 3,004,634 and 4,001,163 the second reading stored what a fork had taken away, and what
 * only a fork had, in 1,000,540 a person named such a payment; in 4,001,970 two rests were the same amount;
 * in 1,000,471 a payment that one had hidden was shown with two times; in 4,003,817 no part counted while a wallet had another address; in
 * 8,002,726 a payment that waited moved to a block of which a lie about its time was read; in 2,002,509 and 2,007,723 the judges were wrong;
 * in 8,000,751 a story changed the address of an invoice that was settled before.
 */
const KEPT = [
  42, 43, 59, 79, 1_000_422, 1_000_471, 1_000_540, 2_002_509, 2_003_163, 2_007_723, 3_004_634, 4_001_163,
  4_001_970, 4_003_817, 8_000_751, 8_002_726,
];

/** What a sample of this size surely meets; what is rarer is asked of a longer run, by shares (reach.ts). */
const MUST_REACH = [
  'created',
  'create refused: reference_taken',
  'create refused: network_behind',
  'confirming → completed',
  'confirming → new',
  'expired → completed',
  'cancelled → completed',
  'cancelled → paid_manually',
  'confirming → paid_manually',
  'expired → paid_manually',
  'awaiting_method → new',
  'awaiting_method → paid_manually',
  'choose refused: invoice_ended',
  'choose refused: payment_seen',
  'changed the coin',
  'changed back',
  'ended paid_manually unverified_manual',
  'confirm refused: transaction_taken',
  'cancel refused: payment_seen',
  'process died',
  'reorganisation with payments',
  'new epoch',
  'delivery delivered after several',
  'transfer unmatched after_deadline',
  'transfer unmatched before_invoice',
  'transfer unmatched no_reservation',
  'transfer unmatched second_transfer',
  'transfer ignored self_transfer',
  'create refused: balance_low',
  'booked commission',
  'booked top_up',
  'accepted late',
  'accepted under',
  'accepted over',
  'ended completed underpaid',
  'ended completed overpaid',
  'ended completed paid_late',
  'ended completed duplicate',
  'ended expired paid_late',
  'ended cancelled paid_after_cancel',
  'confirmed underpaid',
  'transfer unmatched late_rejected',
  'told detected',
  'told underpaid',
  'told overpaid',
  'told late',
  'told duplicate',
  'delivery exhausted after several',
  'killed between COMMIT and reply',
  'included elsewhere',
  'settled by agreement',
  'lied: forge',
  'lied: hide',
  'lied: fork',
  'lied: another chain',
  'lied: time',
  'lied: final',
  'alarm time_differs',
  'refunded unmatched',
  'alarm found_late',
  'alarm not_shown',
  'alarm provider_quarantined',
];

function* seeds(): Generator<number> {
  yield* KEPT;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) if (!KEPT.includes(seed)) yield seed;
}

it('every history keeps every rule', { timeout: 1_500_000 }, async () => {
  const broken: string[] = [];
  const reached = new Set<string>();
  await runHistories({
    seeds: seeds(),
    lanes: 2,
    onHistory: result => {
      for (const name of result.reached.keys()) reached.add(name);
      if (result.violations.length > 0) broken.push(`seed ${result.seed}: ${result.violations.join('; ')}`);
      return broken.length === 0;
    },
  });
  expect(broken).toEqual([]);
  expect(MUST_REACH.filter(name => !reached.has(name))).toEqual([]);
});

it('a seed replays identically', { timeout: 120_000 }, async () => {
  const hashes = new Map<number, string[]>();
  const note = ({ seed, hash }: HistoryResult) => {
    hashes.set(seed, [...(hashes.get(seed) ?? []), hash]);
    return true;
  };
  const sample = [3, 17, 29, 1043];
  await runHistories({ seeds: [...sample, ...sample], lanes: 2, onHistory: note });
  for (const [first, second] of hashes.values()) expect(second).toBe(first);
});
