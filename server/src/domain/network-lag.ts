/** How far behind a network may be read before new invoices on it are refused. */

/** Beyond this nobody should be asked to pay: the payment could stay unseen past its deadline. */
export const MAX_LAG = 30 * 60_000;

/** How far a network has been read: the time of the last block read, and when the reader last stood at the tip (ms). */
export type Progress = { scannedAt: number; caughtUpAt: number };

/**
 * Milliseconds by which our view of a network is behind. A chain that makes blocks on demand only (a local one) is as
 * fresh as the last time we stood at its tip; on any other, a tip that does not move is itself a fault of the node.
 */
export function lag(progress: Progress, now: number, onDemand: boolean): number {
  return Math.max(0, now - (onDemand ? progress.caughtUpAt : progress.scannedAt));
}
