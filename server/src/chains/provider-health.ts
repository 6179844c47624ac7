/**
 * What is remembered of one provider: how often it fails, how long it takes, how far it is, and whether it is believed.
 * Decisions only; failover.ts feeds it and asks it. All of it is a hint that dies with the process, but for a quarantine,
 * which flow/note-providers.ts carries into the database and back.
 */
import type { Distrust } from './chain.ts';

/** So many failures in a row, and a provider is left alone for this long; then one try decides. */
const FAILURES_TO_BREAK = 5;
const BROKEN_FOR = 30_000;
/** The share of each new answer in what is remembered. */
const WEIGHT = 0.2;
/** A quarantine, doubled each time, up to a day. */
const FIRST_QUARANTINE = 10 * 60_000;
const LONGEST_QUARANTINE = 24 * 3_600_000;
/** More failures than this, and a provider that answers now and then is called degraded. */
const MANY_ERRORS = 0.5;
/** What an answer is taken to cost before one was measured, in ms. */
const UNKNOWN_LATENCY = 1000;

/** Times in ms. */
export type Quarantine = { reason: string; since: number; until: number };

export type Health = {
  /** Share of failed answers, newest counting most; 0 to 1. */
  errors: number;
  /** Mean time of an answer in ms, newest counting most; null before the first. */
  latency: number | null;
  failuresInRow: number;
  /** Until when it is left alone; null unless it failed too often in a row. */
  brokenUntil: number | null;
  /** The newest block it told of. */
  head: number | null;
  /** By how many blocks it was behind the others when they were last compared; 0 within what is usual. */
  behind: number;
  /** It told nothing new when something new was due, and has not since. */
  stalled: boolean;
  quarantine: Quarantine | null;
  /** How often it was quarantined. */
  strikes: number;
};

export const unknownHealth = (): Health => ({
  errors: 0,
  latency: null,
  failuresInRow: 0,
  brokenUntil: null,
  head: null,
  behind: 0,
  stalled: false,
  quarantine: null,
  strikes: 0,
});

const mean = (before: number, now: number) => before + WEIGHT * (now - before);

export function noteSuccess(health: Health): void {
  health.errors = mean(health.errors, 0);
  health.failuresInRow = 0;
  health.brokenUntil = null;
}

export function noteFailure(health: Health, now: number): void {
  health.errors = mean(health.errors, 1);
  health.failuresInRow++;
  if (health.failuresInRow >= FAILURES_TO_BREAK) health.brokenUntil = now + BROKEN_FOR;
}

export function noteHead(health: Health, head: number, milliseconds: number): void {
  if (head > (health.head ?? -1)) health.stalled = false;
  health.head = head;
  health.latency = health.latency === null ? milliseconds : mean(health.latency, milliseconds);
}

const reasons: Record<Distrust, string> = {
  contradiction: 'contradicts itself',
  wrong_chain: 'serves another chain',
  forked: 'is on another fork',
};

/**
 * Not asked again for a while; each time is twice as long, and every whole day that it was believed since takes one time
 * back. `words` must not hold a key.
 */
export function quarantine(health: Health, distrust: Distrust, words: string, now: number): void {
  const goodDays = Math.floor((now - (health.quarantine?.until ?? now)) / LONGEST_QUARANTINE);
  health.strikes = Math.max(0, health.strikes - Math.max(0, goodDays));
  const length = Math.min(FIRST_QUARANTINE * 2 ** health.strikes, LONGEST_QUARANTINE);
  health.strikes++;
  health.quarantine = { reason: `${reasons[distrust]}: ${words}`, since: now, until: now + length };
}

/** The quarantine that lasts, if any. */
export const lasting = (health: Health, now: number): Quarantine | null =>
  health.quarantine && health.quarantine.until > now ? health.quarantine : null;

const isBroken = (health: Health, now: number) => health.brokenUntil !== null && health.brokenUntil > now;

/** 0: as good as any; 1: behind the others or silent; 2: left alone. Whoever is in quarantine has no rank at all. */
export function rank(health: Health, now: number): number {
  if (isBroken(health, now)) return 2;
  return health.behind > 0 || health.stalled ? 1 : 0;
}

/** What an answer costs, less is better: its time, and many times that where it often fails. */
export const cost = (health: Health): number => (health.latency ?? UNKNOWN_LATENCY) * (1 + 9 * health.errors);

export type Standing =
  | { state: 'ok' }
  | { state: 'degraded'; reason: string }
  | ({ state: 'quarantined' } & Quarantine);

/** How a provider stands, in the words that operators read. */
export function standing(health: Health, now: number): Standing {
  const kept = lasting(health, now);
  if (kept) return { state: 'quarantined', ...kept };
  if (isBroken(health, now)) return { state: 'degraded', reason: 'does not answer' };
  if (health.behind > 0) return { state: 'degraded', reason: `is ${health.behind} blocks behind the others` };
  if (health.errors > MANY_ERRORS) return { state: 'degraded', reason: 'fails often' };
  return { state: 'ok' };
}

/** Blocks a provider may be behind the others before it counts as one that lags. */
const USUAL_LAG = 3;
/** Providers are not asked at the same instant: on fast chains this much time is several blocks. */
const USUAL_LAG_MS = 5000;

/** Compares providers that were asked at about the same time. Of two the one that is further is the measure. */
export function compareHeads(all: readonly Health[], blockTime: number): void {
  const heads = all.flatMap(({ head }) => head ?? []).sort((a, b) => a - b);
  const median = heads[Math.floor(heads.length / 2)] ?? 0;
  const usual = Math.max(USUAL_LAG, Math.ceil(USUAL_LAG_MS / blockTime));
  for (const health of all) {
    const behind = health.head === null ? 0 : median - health.head;
    health.behind = behind > usual ? behind : 0;
  }
}
