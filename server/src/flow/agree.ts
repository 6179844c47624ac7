/**
 * payments → payments. A payment above its network's limit settles only when two providers show its transfer in the same
 * block, as final: one that lies cannot make an invoice paid. Settling waits for the mark that is written here.
 */
import type { Chain, ChainTransfer, TransactionReport } from '../chains/chain.ts';
import { ChainError } from '../chains/chain.ts';
import type { Providers } from '../chains/failover.ts';
import { largeAmounts } from '../domain/agreement.ts';
import type { Network } from '../domain/asset.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { noteAgreed, type WaitingPayment, waitingForAgreement } from '../store/agreements.ts';
import { type Db, transact } from '../store/db.ts';
import { verifyProvider } from './verify-provider.ts';

/**
 * When each waiting payment was first asked about, or last alarmed for (ms), and up to which id they have been asked about. A hint:
 * it dies with the process.
 */
export type AgreeMemory = { since: Map<number, number>; after: number };
export const agreeMemory = (): AgreeMemory => ({ since: new Map(), after: 0 });

export type AgreeDeps = {
  db: Db;
  clock: Clock;
  logger: Logger;
  network: Network;
  providers: Providers;
  memory: AgreeMemory;
};

const PAYMENTS_PER_TICK = 20;
const ENOUGH = 2;
/** After this long without a second word somebody has to look. */
const ALARM_AFTER = 10 * 60_000;

/**
 * Asks about one batch, of those behind the last one, and after the last of all from the first one on: payments on which nobody
 * agrees hold up no other. Answers how many two providers agreed on.
 */
export async function agree(deps: AgreeDeps, signal: AbortSignal): Promise<number> {
  const { after } = deps.memory;
  const limit = PAYMENTS_PER_TICK;
  const waiting = await waitingForAgreement(deps.db, largeAmounts([deps.network]), { after, limit });
  const agreed: WaitingPayment[] = [];
  for (const payment of waiting) if (await isAgreed(deps, payment, signal)) agreed.push(payment);
  const isLast = waiting.length < limit;
  alarm(
    deps,
    waiting.filter(payment => !agreed.includes(payment)),
    isLast ? Number.POSITIVE_INFINITY : (waiting.at(-1)?.id ?? after),
  );
  deps.memory.after = isLast ? 0 : (waiting.at(-1)?.id ?? 0);
  return transact(deps.db, tx => noteAgreed(tx, agreed, deps.clock.now()));
}

async function isAgreed(deps: AgreeDeps, payment: WaitingPayment, signal: AbortSignal): Promise<boolean> {
  let showing = 0;
  for (const { chain } of deps.providers.usable()) {
    if (await shows(deps, { chain, payment }, signal)) showing++;
    if (showing === ENOUGH) return true;
  }
  return false;
}

async function shows(
  deps: AgreeDeps,
  { chain, payment }: { chain: Chain; payment: WaitingPayment },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await verifyProvider(deps, chain, signal);
    const { final } = await chain.head(signal);
    if (final < payment.height) return false;
    return holds(await chain.transaction(payment.tx_id, signal), payment);
  } catch (error) {
    if (!(error instanceof ChainError) || signal.aborted) throw error;
    return false;
  }
}

const holds = (report: TransactionReport, payment: WaitingPayment): boolean =>
  report.kind === 'found' &&
  report.block.hash === payment.block_hash &&
  report.transfers.some(transfer => isSame(transfer, payment));

const isSame = (transfer: ChainTransfer, payment: WaitingPayment) =>
  transfer.asset === payment.asset &&
  transfer.from === payment.from_key &&
  transfer.to === payment.to_key &&
  transfer.units === BigInt(payment.units) &&
  transfer.ordinal === payment.ordinal;

/** `waiting` are all of those up to the id `last` that are not asked about later. */
function alarm(
  { clock, logger, network, memory: { since: times, after } }: AgreeDeps,
  waiting: readonly WaitingPayment[],
  last: number,
): void {
  const now = clock.now();
  for (const id of times.keys())
    if (id > after && id <= last && !waiting.some(payment => payment.id === id)) times.delete(id);
  for (const { id, tx_id: transaction } of waiting) {
    const since = times.get(id) ?? now;
    if (now - since < ALARM_AFTER) times.set(id, since);
    else {
      times.set(id, now);
      const what = { alarm: 'no_agreement', network: network.code, payment: id, transaction };
      logger.error(what, 'a large payment waits: fewer than two providers show it');
    }
  }
}
