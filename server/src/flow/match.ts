/**
 * transfers → payments. Judges transfers that nobody has judged yet by the reservation of their exact amount; where nobody
 * holds it, or it came late, by what the shop accepts.
 */
import type { AssetCode, Network, NetworkCode } from '../domain/asset.ts';
import { isEnded } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import { covers } from '../domain/parts.ts';
import type { Clock } from '../lib/clock.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { tellUnmatched } from '../store/notices.ts';
import { closePayments, openPayments } from '../store/payments.ts';
import { askRests } from '../store/remainders.ts';
import { saveInvoices } from '../store/save-invoices.ts';
import { type Judgement, judgeTransfers, lockPending } from '../store/transfers.ts';
import { notify } from '../store/wake.ts';
import { changesOf, type Judged } from './changes-of.ts';
import { judgeAll, type Verdicts } from './judge-all.ts';
import { lockHolders } from './known.ts';

export type MatchDeps = {
  db: Db;
  clock: Clock;
  networks: ReadonlyMap<NetworkCode, Network>;
  webhookId: WebhookIds;
  /** Uniform in 0..n-1; draws the tails of rests. */
  random: (n: number) => number;
  /** How many units of a currency one dollar is now, as an invoice would be priced; null where that is not known. */
  rateOf: (currency: string, now: number) => Decimal | null;
  /** How many units of a coin one dollar is now, as an amount in it would be; null as before. */
  coinRateOf: (coin: AssetCode, now: number) => Decimal | null;
};

const TRANSFERS_PER_TICK = 200;

/** Judges one batch of transfers in one transaction. Answers how many. */
export async function match(deps: MatchDeps): Promise<number> {
  const now = deps.clock.now();
  return transact(deps.db, async tx => {
    const transfers = await lockPending(tx, TRANSFERS_PER_TICK);
    if (transfers.length === 0) return 0;
    const known = await lockHolders(tx, transfers);
    const verdicts = judgeAll(transfers, known, ({ source, method }) => ({
      source: source && deps.rateOf(source.currency, now),
      coin: method && deps.coinRateOf(method.asset, now),
    }));
    await write(deps, tx, verdicts, now);
    return transfers.length;
  });
}

async function write(
  deps: MatchDeps,
  tx: Tx,
  { judged, released, received }: Verdicts,
  now: number,
): Promise<void> {
  const changes = changesOf(deps, judged, now);
  await saveInvoices(tx, changes, { now, webhookId: deps.webhookId });
  await closePayments(
    tx,
    released.map(({ id }) => ({ id, state: 'released' })),
    now,
  );
  const counted = judged.flatMap(({ transfer, invoice, verdict }) =>
    verdict.kind === 'counts' && invoice
      ? [{ transferId: transfer.id, invoiceId: invoice.id, kind: verdict.as }]
      : [],
  );
  await openPayments(tx, counted, now);
  const judgements = judged.map(judgement);
  await judgeTransfers(tx, judgements);
  // A late payment that the shop has said it does not accept is nobody's task.
  const stray = judgements.filter(({ state, reason }) => state === 'unmatched' && reason !== 'late_rejected');
  await tellUnmatched(
    tx,
    stray.map(({ id }) => id),
    now,
  );
  const shorts = changes.flatMap(({ after: invoice }) => {
    const sum = received.get(invoice.id) ?? 0n;
    const isShort = invoice.method && sum > 0n && !covers(sum, invoice.method) && !isEnded(invoice.status);
    return isShort ? [{ invoice, received: sum }] : [];
  });
  await askRests(tx, shorts, { now, random: deps.random });
  if (counted.length > 0) await notify(tx, 'settle');
}

function judgement({ transfer, invoice, verdict }: Judged): Judgement {
  const { id } = transfer;
  switch (verdict.kind) {
    case 'counts':
      return { id, state: 'matched', reason: null, invoiceId: invoice?.id ?? null };
    case 'unmatched':
      return {
        id,
        state: 'unmatched',
        reason: verdict.reason,
        invoiceId: verdict.belongs ? (invoice?.id ?? null) : null,
      };
    case 'ignored':
      return { id, state: 'ignored', reason: verdict.reason, invoiceId: null };
  }
}
