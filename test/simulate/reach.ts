/**
 * What a run must have met, or it would prove little: each of these in one history of a hundred at least. A history that
 * meets one many times counts once.
 */
import type { HistoryResult } from './history.ts';

/** Any of the names that stand for it is enough. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'paid in the very last moment': ['paid in the very last moment'],
  'late payment accepted': ['accepted late'],
  'late payment left to a person': ['transfer unmatched after_deadline'],
  'payment in time, found after expiry': ['expired → completed', 'cancelled → completed'],
  'reorganisation while confirming': ['confirming → new', 'confirming → expired'],
  'reorganisation after completed': [
    'ended completed reversed',
    'told reversed',
    'booked commission_reversal',
  ],
  'included again in another block': ['included elsewhere'],
  'paid twice': ['ended completed duplicate', 'told duplicate'],
  'no free amount left': ['create refused: no_free_amount', 'choose refused: no_free_amount'],
  'coin changed while it was paid': ['choose refused: payment_seen', 'paid a replaced amount'],
  'killed between COMMIT and reply': ['killed between COMMIT and reply'],
  'tenth request fails': ['delivery exhausted after several'],
  'providers disagree': [
    'alarm found_late',
    'alarm not_shown',
    'alarm provider_quarantined',
    'alarm final_undone',
  ],
  'invented transfer': ['lied: forge', 'lied: double'],
  'invented part': ['lied: forge part'],
  'hidden transfer': ['lied: hide', 'lied: empty', 'lied: half'],
  'provider on another chain or fork': ['lied: another chain', 'lied: fork'],
  'other times told': ['alarm time_differs'],
  'called final too early': ['lied: final'],
  'large payment agreed on by two': ['settled by agreement'],
  'confirmed unseen, verified later': ['verified later'],
  'confirmed by hand': ['confirmed and seen', 'confirmed unverified_manual'],
  'local chain begun anew': ['new epoch'],
  'part seen': ['part pending', 'part settled', 'part released'],
  'rest asked for': ['rest asked for'],
  'settled by parts': ['part settled'],
  'part gone from the chain': ['part gone from the chain'],
  'whole paid after parts': ['whole after parts'],
  'late part': ['late part settled', 'late part released'],
  'part given by hand': ['given as a part'],
  'money dealt with by hand': ['refunded unmatched', 'dismissed unmatched'],
  'part given back': ['refunded part', 'dismissed part', 'refunded late_part', 'dismissed late_part'],
  'shop answered late': ['answered late'],
  'webhook asked for again': ['sent again answered 200'],
  'address changed in the database': ['address changed in wallets', 'address changed in invoices'],
  'network retired': ['network retired'],
  'expired unseen': ['expired unseen'],
  'network fell silent': ['network fell silent'],
  'payment undone and done again': ['reversed and back'],
};

const SHARE = 0.01;
/** From here on the share is held as it stands; of fewer histories a little less may be chance. */
const MANY = 10_000;

export class Reach {
  #histories = 0;
  readonly #times = new Map<string, number>();
  readonly #met = new Map(Object.keys(wanted).map(name => [name, 0]));

  add({ reached }: Pick<HistoryResult, 'reached'>): void {
    this.#histories++;
    for (const [name, times] of reached) this.#times.set(name, (this.#times.get(name) ?? 0) + times);
    for (const [name, any] of Object.entries(wanted))
      if (any.some(one => reached.has(one))) this.#met.set(name, (this.#met.get(name) ?? 0) + 1);
  }

  /** How often everything was met, and in how many histories each of those that must be. */
  toJSON() {
    const sorted = (map: ReadonlyMap<string, number>) => Object.fromEntries([...map].sort());
    return { histories: this.#histories, met: sorted(this.#met), times: sorted(this.#times) };
  }

  static from({ histories, met, times }: ReturnType<Reach['toJSON']>): Reach {
    const reach = new Reach();
    reach.#histories = histories;
    for (const [name, n] of Object.entries(met)) reach.#met.set(name, n);
    for (const [name, n] of Object.entries(times)) reach.#times.set(name, n);
    return reach;
  }

  /** What was met too seldom, in words. */
  missed(): string[] {
    const mean = this.#histories * SHARE;
    const least = this.#histories < MANY ? Math.floor(mean - 3 * Math.sqrt(mean)) : Math.floor(mean);
    return [...this.#met]
      .filter(([, times]) => times < least)
      .map(([name, times]) => `${name}: in ${times} of ${this.#histories} histories, ${least} are wanted`);
  }

  table(): string {
    const line = (map: ReadonlyMap<string, number>) =>
      [...map].sort().map(([name, times]) => `  ${String(times).padStart(7)}  ${name}`);
    return [
      `met in so many of ${this.#histories} histories:`,
      ...line(this.#met),
      'met so many times:',
      ...line(this.#times),
    ].join('\n');
  }
}
