/** From judged transfers to what changes of the invoices they belong to: one change an invoice, however many there are. */
import type { Network, NetworkCode } from '../domain/asset.ts';
import { type Told, tellsOf } from '../domain/event.ts';
import { graver } from '../domain/exception.ts';
import { apply, type Invoice, isSameMethod } from '../domain/invoice.ts';
import type { Verdict } from '../domain/match.ts';
import { markOf } from '../domain/policy.ts';
import type { InvoiceChange } from '../store/save-invoices.ts';
import type { TransferRow } from '../store/transfers.ts';
import { aboutOf, seenOf } from './seen-of.ts';

/** `before` is the invoice as it stands, `invoice` the same as it was asked in the amount of the transfer. */
export type Judged = {
  transfer: TransferRow;
  before: Invoice | null;
  invoice: Invoice | null;
  verdict: Verdict;
};

type Deps = { networks: ReadonlyMap<NetworkCode, Network> };
type Change = InvoiceChange & { tells: Told[] };
/** A judged transfer with its invoice, as it was asked there. */
type Sent = { transfer: TransferRow; invoice: Invoice };

/** The changes, in the order in which the invoices first appear. `now` in ms. */
export function changesOf(deps: Deps, judged: readonly Judged[], now: number): InvoiceChange[] {
  const changes = new Map<number, Change>();
  for (const { transfer, before, invoice, verdict } of judged) {
    if (!before || !invoice) continue;
    const standing = changes.get(before.id) ?? { before, after: before, emits: null, tells: [] };
    const sent = { transfer, invoice };
    const next =
      verdict.kind === 'counts' ? counted(deps, standing, sent, now) : marked(deps, standing, sent, verdict);
    if (next) changes.set(before.id, next);
  }
  return [...changes.values()];
}

function counted(deps: Deps, standing: Change, { transfer, invoice }: Sent, now: number): Change | null {
  const asked = { ...standing.after, method: invoice.method };
  const changed = apply(asked, 'transfer_seen', { now, seen: seenOf(deps, transfer) });
  if (changed === 'refuse') throw new Error(`a transfer counts for invoice ${invoice.id}, which refuses it`);
  if (changed !== 'stay') {
    const detected: Told = { type: 'detected', about: aboutOf(deps, invoice, transfer) };
    return { ...standing, ...changed, tells: [...standing.tells, detected] };
  }
  // An ended one stays so until the transfer is final, but is asked from now on in what is being paid.
  const isOther = !isSameMethod(standing.before.method, invoice.method);
  return isOther ? { ...standing, after: asked } : null;
}

function marked(deps: Deps, standing: Change, { transfer, invoice }: Sent, verdict: Verdict): Change | null {
  const mark = markOf(verdict, invoice);
  const type = tellsOf(mark);
  const exception = graver(standing.after.exception, mark);
  if (mark === null || type === null) return null;
  const about = aboutOf(deps, invoice, transfer);
  return {
    ...standing,
    after: { ...standing.after, exception },
    tells: [...standing.tells, { type, about }],
  };
}
