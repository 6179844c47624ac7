/**
 * What the process has learned of a network's providers goes to the table where operators see it, and what the table
 * says of quarantines, ended by hand or begun by another process, comes back. Alarms are raised here, once a change.
 */
import type { Member, Providers } from '../chains/failover.ts';
import { lasting, type Standing, standing } from '../chains/provider-health.ts';
import type { Network } from '../domain/asset.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { findCursor } from '../store/cursors.ts';
import type { Db } from '../store/db.ts';
import { listProviders, type ProviderRow, saveProviders } from '../store/providers.ts';

/** When the providers were last compared (ms), and what the network was last said to be. */
export type NoteMemory = { comparedAt: number; isBehind: boolean };
export const noteMemory = (): NoteMemory => ({ comparedAt: Number.NEGATIVE_INFINITY, isBehind: false });

export type NoteDeps = {
  db: Db;
  clock: Clock;
  logger: Logger;
  network: Network;
  providers: Providers;
  memory: NoteMemory;
};

/** Every provider is asked for its head this often, in ms: seldom, because each such question is paid for. */
const COMPARE_EVERY = 60_000;

/** Compares and notes once. Answers 0: there is never a backlog. */
export async function noteProviders(deps: NoteDeps, signal: AbortSignal): Promise<number> {
  const { db, clock, network, providers, memory, logger } = deps;
  const rows = new Map((await listProviders(db, network.code)).map(row => [row.provider, row]));
  for (const member of providers.members) learn(member, rows.get(member.name), clock.now());
  if (providers.members.length > 1 && clock.now() - memory.comparedAt >= COMPARE_EVERY) {
    memory.comparedAt = clock.now();
    await providers.compare(signal);
  }
  const now = clock.now();
  const noted = providers.members.map(member => ({ member, now: standing(member.health, now) }));
  for (const { member, now: stands } of noted)
    tell(logger, { network, name: member.name, before: rows.get(member.name)?.state ?? 'ok', now: stands });
  await saveProviders(
    db,
    network.code,
    noted.map(({ member, now: stands }) => toRow(member, stands, now)),
  );
  await tellLag(deps);
  return 0;
}

/** The newer word counts. */
function learn({ health }: Pick<Member, 'health'>, row: ProviderRow | undefined, now: number): void {
  if (!row) return;
  const kept = lasting(health, now);
  if (row.state !== 'quarantined') {
    if (!kept || row.since <= kept.since) return;
    health.quarantine = null;
    health.strikes = row.strikes;
    return;
  }
  const { reason, since, until, strikes } = row;
  if (until === null || until <= now || (health.quarantine && health.quarantine.since >= since)) return;
  health.quarantine = { reason: reason ?? '', since, until };
  health.strikes = Math.max(health.strikes, strikes);
}

function toRow({ name, health }: Member, stands: Standing, now: number): Omit<ProviderRow, 'network'> {
  return {
    provider: name,
    state: stands.state,
    reason: stands.state === 'ok' ? null : stands.reason,
    since: stands.state === 'quarantined' ? stands.since : now,
    until: stands.state === 'quarantined' ? stands.until : null,
    strikes: health.strikes,
    head: health.head,
    latency_ms: health.latency === null ? null : Math.round(health.latency),
    errors_percent: Math.round(health.errors * 100),
    seen_at: now,
  };
}

function tell(
  logger: Logger,
  change: { network: Network; name: string; before: ProviderRow['state']; now: Standing },
): void {
  const { before, now } = change;
  if (before === now.state) return;
  const provider = { network: change.network.code, provider: change.name };
  if (now.state === 'ok') logger.info(provider, 'a provider is well again');
  else {
    const alarm = now.state === 'degraded' ? 'provider_degraded' : 'provider_quarantined';
    logger.error({ alarm, ...provider, reason: now.reason }, `a provider is ${now.state}`);
  }
}

/** A network that is not read any more takes no new invoices by itself; somebody has to know why. */
async function tellLag({ db, clock, network, memory, logger }: NoteDeps): Promise<void> {
  const cursor = await findCursor(db, network.code);
  if (!cursor) return;
  const progress = { scannedAt: cursor.block_time, caughtUpAt: cursor.caught_up_at };
  const behind = lag(progress, clock.now(), network.onDemand ?? false);
  const isBehind = behind > MAX_LAG;
  if (isBehind === memory.isBehind) return;
  memory.isBehind = isBehind;
  const what = { network: network.code, seconds: Math.round(behind / 1000) };
  if (isBehind)
    logger.error({ alarm: 'network_behind', ...what }, 'a network lags: no invoices are made on it');
  else logger.info(what, 'a network is read up to date again');
}
