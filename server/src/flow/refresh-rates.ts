/**
 * Asks every source at its own pace and keeps what it says, for all processes and across restarts. One process does this at
 * a time; nobody waits for it. What a source gets wrong, and which sources stand apart from the others, is told once.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { fail, type Result } from '../lib/result.ts';
import type { FetchAnswer } from '../rates/fetch-answer.ts';
import type { RateBook } from '../rates/rate-book.ts';
import type { OpenSource } from '../rates/registry.ts';
import type { Answer } from '../rates/source.ts';
import { type Db, transact } from '../store/db.ts';
import { lastFetches, storeReadings } from '../store/rates.ts';
import { notify } from '../store/wake.ts';
import { READ_RATES, readRates } from './read-rates.ts';

/** After a fault a source is asked again sooner than its pace, but not at once. */
const LONGEST_RETRY = 5 * 60_000;

/** What one process remembers between ticks: when each source is due, and what was told already. */
export type RefreshMemory = {
  dueAt: Map<string, number>;
  told: Map<string, string>;
  alarms: Set<string>;
};

export function refreshMemory(): RefreshMemory {
  return { dueAt: new Map(), told: new Map(), alarms: new Set() };
}

export type RefreshDeps = {
  db: Db;
  clock: Clock;
  logger: Logger;
  sources: readonly OpenSource[];
  book: RateBook;
  memory: RefreshMemory;
  fetch: FetchAnswer;
};

/** Asks the sources that are due; answers how many gave rates. */
export async function refreshRates(deps: RefreshDeps, signal: AbortSignal): Promise<number> {
  const due = await dueSources(deps);
  if (due.length === 0) return 0;
  // All are waited for before a failure goes on, so that no two rounds are ever under way.
  const kept = await Promise.allSettled(due.map(open => refresh(deps, open, signal)));
  const failed = kept.find(one => one.status === 'rejected');
  if (failed) throw failed.reason;
  const count = kept.filter(one => one.status === 'fulfilled' && one.value).length;
  if (count > 0) await readRates(deps);
  raiseAlarms(deps);
  return count;
}

/** A source this process has not asked yet is due a pace after anybody has last asked it. */
async function dueSources({ db, clock, sources, memory }: RefreshDeps): Promise<OpenSource[]> {
  if (sources.some(({ source }) => !memory.dueAt.has(source.name))) {
    const fetched = await lastFetches(db);
    for (const { source } of sources) {
      const last = fetched.get(source.name);
      const dueAt = last === undefined ? 0 : last + source.every;
      if (!memory.dueAt.has(source.name)) memory.dueAt.set(source.name, dueAt);
    }
  }
  const now = clock.now();
  return sources.filter(({ source }) => (memory.dueAt.get(source.name) ?? 0) <= now);
}

async function refresh(deps: RefreshDeps, open: OpenSource, signal: AbortSignal): Promise<boolean> {
  const { clock, db, memory } = deps;
  const { source } = open;
  const answer = await ask(deps, open, signal);
  const fetchedAt = clock.now();
  memory.dueAt.set(source.name, fetchedAt + Math.min(source.every, LONGEST_RETRY));
  tell(deps, source.name, answer);
  if (!answer.ok) return false;
  await transact(db, async tx => {
    await storeReadings(tx, { source: source.name, fetchedAt }, answer.value.quoted);
    await notify(tx, READ_RATES);
  });
  memory.dueAt.set(source.name, fetchedAt + source.every);
  return true;
}

async function ask(
  { clock, fetch }: RefreshDeps,
  { source, url, headers }: OpenSource,
  signal: AbortSignal,
): Promise<Result<Answer>> {
  const body = await fetch({ url, headers }, signal);
  if (!body.ok) return fail(body.fault);
  return source.read(body.value, clock.now());
}

/** A source's faults are told when they change, not at every round. */
function tell({ logger, memory }: RefreshDeps, source: string, answer: Result<Answer>): void {
  const fault = answer.ok ? answer.value.refused.join('; ') : answer.fault;
  if ((memory.told.get(source) ?? '') === fault) return;
  memory.told.set(source, fault);
  if (fault === '') logger.info({ source }, 'a rate source works again');
  else if (answer.ok) logger.warn({ source, fault }, 'a rate source gave rates that cannot be');
  else logger.warn({ source, fault }, 'a rate source gave no rates');
}

/** Told when it begins: a source that stands apart, a currency on which they contradict each other or that left its band. */
function raiseAlarms({ logger, clock, book, memory }: RefreshDeps): void {
  const alarms = new Map<string, object>();
  for (const state of book.list(clock.now())) {
    const { currency } = state;
    for (const { source, inverted } of state.off)
      alarms.set(`${source} ${currency}`, { source, currency, inverted });
    if (state.status === 'disabled' && (state.why === 'contradictory' || state.why === 'off_peg'))
      alarms.set(`${state.why} ${currency}`, { currency, why: state.why });
  }
  for (const [alarm, what] of alarms) {
    if (memory.alarms.has(alarm)) continue;
    const isSource = 'source' in what;
    logger.warn(what, isSource ? 'a rate stands apart from the others' : 'a currency has no rate');
  }
  memory.alarms = new Set(alarms.keys());
}
