/**
 * The providers of one network, and which of them is asked: the best by failures, time and height, and the one that
 * worked last while it is about as good. One that is not believed any more is not asked at all. The same for every
 * family; no adapter knows of it.
 */
import type { Clock } from '../lib/clock.ts';
import { mapBounded } from './bounded.ts';
import { type Chain, ChainError, type Distrust, Untrusted } from './chain.ts';
import {
  compareHeads,
  cost,
  type Health,
  lasting,
  noteFailure,
  noteHead,
  noteSuccess,
  quarantine,
  rank,
  unknownHealth,
} from './provider-health.ts';

/** A provider: what it is called, what it answers, and what is remembered of it. */
export type Member = { readonly name: string; readonly chain: Chain; readonly health: Health };

export type ProviderOptions = {
  /** What each is called in logs and tables; without names they are numbered from 1. */
  names?: readonly string[];
  /** Without a clock nothing is remembered but which one worked last: no breaker, no quarantine. */
  clock?: Clock;
  /** Mean time between blocks in ms. */
  blockTime?: number;
};

/** Another provider takes over when it costs less than half, and at least this much less, in ms. */
const WORTH_CHANGING = 250;

/** When a provider last failed too often in a row: what it had proved of itself before counts no more. */
const brokenAt = new WeakMap<Chain, number>();
export const lastBroken = (chain: Chain): number => brokenAt.get(chain) ?? Number.NEGATIVE_INFINITY;

/** Holds no connection and no timer; it needs no closing. */
export class Providers {
  readonly #members: readonly Member[];
  readonly #clock: Clock | null;
  readonly #blockTime: number;
  #working = 0;

  constructor(chains: readonly Chain[], { names = [], clock, blockTime = 1000 }: ProviderOptions = {}) {
    if (chains.length === 0) throw new RangeError('a network needs at least one provider');
    this.#clock = clock ?? null;
    this.#blockTime = blockTime;
    this.#members = chains.map((chain, index) => {
      const health = unknownHealth();
      return { name: names[index] ?? String(index + 1), chain: observed(chain, health, clock), health };
    });
  }

  /** All of them, in the order they were given. */
  get members(): readonly Member[] {
    return this.#members;
  }

  /** Those that may be asked, the best first. */
  usable(): Member[] {
    return this.#order(this.#working);
  }

  /** Prefers the next provider from now on: the one that works does not fail, but tells nothing new either. */
  passOn(): void {
    const silent = this.#members[this.#working];
    if (silent) silent.health.stalled = true;
    this.#working = (this.#working + 1) % this.#members.length;
  }

  /**
   * Runs one piece of work on one provider, start to end: a head and what is read up to it must come from the same
   * node. On a retryable ChainError the whole work starts anew on the next one; each is tried once, and the last error
   * is thrown when all have failed. Every other error is thrown at once.
   */
  async use<T>(work: (chain: Chain) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { value, member } = await this.#tryEach(this.usable(), work, signal);
    this.#working = this.#members.indexOf(member);
    return value;
  }

  /**
   * Runs one piece of work on the two best providers, one after the other: what one of them leaves out the other one shows.
   * Fails where a second one is known and cannot be asked; one that is alone on its network is asked alone.
   */
  async useTwo<T>(work: (chain: Chain) => Promise<T>, signal: AbortSignal): Promise<T[]> {
    const usable = this.usable();
    const one = await this.#tryEach(usable, work, signal);
    if (this.#members.length === 1) return [one.value];
    const another = await this.#tryEach(usable.slice(usable.indexOf(one.member) + 1), work, signal);
    return [one.value, another.value];
  }

  /** Asks every provider for its head, those left alone too, and notes who lags. */
  async compare(signal: AbortSignal): Promise<void> {
    const asked = this.#members.filter(({ health }) => !lasting(health, this.#now()));
    const answered = await mapBounded(
      asked,
      async (member, linked) => {
        try {
          await this.#tryEach([member], chain => chain.head(linked), linked);
          return member.health;
        } catch (error) {
          if (error instanceof ChainError) return null;
          throw error;
        }
      },
      signal,
    );
    compareHeads(
      answered.filter(health => health !== null),
      this.#blockTime,
    );
  }

  /** Believes a provider no more, for a while. */
  distrust(member: Member, distrust: Distrust, words: string): void {
    if (this.#clock) quarantine(member.health, distrust, words, this.#clock.now());
  }

  #now(): number {
    return this.#clock?.now() ?? 0;
  }

  async #tryEach<T>(
    members: readonly Member[],
    work: (chain: Chain) => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ value: T; member: Member }> {
    let last: unknown = new ChainError('every provider of the network is in quarantine', { retryable: true });
    for (const member of members) {
      signal.throwIfAborted();
      try {
        const value = await work(member.chain);
        if (this.#clock) noteSuccess(member.health);
        return { value, member };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ChainError && error.retryable)) throw error;
        this.#noteFault(member, error);
        last = error;
      }
    }
    throw last;
  }

  #noteFault(member: Member, error: ChainError): void {
    if (!this.#clock) return;
    const now = this.#clock.now();
    if (error instanceof Untrusted) quarantine(member.health, error.distrust, error.message, now);
    noteFailure(member.health, now);
    if (member.health.brokenUntil !== null) brokenAt.set(member.chain, now);
  }

  /** Those not in quarantine: by rank, the preferred one first among its equals, then by what an answer costs. */
  #order(preferred: number): Member[] {
    const now = this.#now();
    const count = this.#members.length;
    const inTurn = Array.from(
      { length: count },
      (_, step) => this.#members[(preferred + step) % count],
    ).filter(member => member !== undefined);
    const asked = inTurn.filter(({ health }) => !lasting(health, now));
    const first = asked[0] === this.#members[preferred] ? asked[0] : undefined;
    const best = Math.min(...asked.map(({ health }) => cost(health)));
    const isDear = ({ health }: Member) =>
      health.latency !== null && cost(health) > 2 * best && cost(health) - best > WORTH_CHANGING;
    const turn = (member: Member) => (member === first && !isDear(member) ? 0 : 1);
    return asked.toSorted(
      (a, b) =>
        rank(a.health, now) - rank(b.health, now) || turn(a) - turn(b) || cost(a.health) - cost(b.health),
    );
  }
}

/** The same chain; how long it takes to tell its head is remembered, and how far that is. */
function observed(chain: Chain, health: Health, clock: Clock | undefined): Chain {
  return {
    identity: signal => chain.identity(signal),
    block: (height, signal) => chain.block(height, signal),
    read: (range, watched, signal) => chain.read(range, watched, signal),
    transaction: (txId, signal) => chain.transaction(txId, signal),
    balance: (key, at, signal) => chain.balance(key, at, signal),
    head: async signal => {
      const began = clock?.now() ?? 0;
      const head = await chain.head(signal);
      noteHead(health, head.tip.height, (clock?.now() ?? 0) - began);
      return head;
    },
  };
}
