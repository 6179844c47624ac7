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

/** When each waiting payment was first asked about, or last alarmed for (ms). A hint: it dies with the process. */
type AgreeMemory = Map<number, number>;

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

/** Asks about one batch. Answers how many two providers agreed on. */
export async function agree(deps: AgreeDeps, signal: AbortSignal): Promise<number> {
  const waiting = await waitingForAgreement(deps.db, largeAmounts([deps.network]), PAYMENTS_PER_TICK);
  const agreed: WaitingPayment[] = [];
  for (const payment of waiting) if (await isAgreed(deps, payment, signal)) agreed.push(payment);
  alarm(
    deps,
    waiting.filter(payment => !agreed.includes(payment)),
  );
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

function alarm({ clock, logger, network, memory }: AgreeDeps, waiting: readonly WaitingPayment[]): void {
  const now = clock.now();
  for (const id of memory.keys()) if (!waiting.some(payment => payment.id === id)) memory.delete(id);
  for (const { id, tx_id: transaction } of waiting) {
    const since = memory.get(id) ?? now;
    if (now - since < ALARM_AFTER) memory.set(id, since);
    else {
      memory.set(id, now);
      const what = { alarm: 'no_agreement', network: network.code, payment: id, transaction };
      logger.error(what, 'a large payment waits: fewer than two providers show it');
    }
  }
}
