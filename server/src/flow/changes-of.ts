/** From judged transfers to what changes of the invoices they belong to: one change an invoice, however many there are. */
import type { Network, NetworkCode } from '../domain/asset.ts';
import { type Told, tellsOf } from '../domain/event.ts';
import { graver, type PaymentKind } from '../domain/exception.ts';
import { apply, type Invoice, isEnded, isSameMethod } from '../domain/invoice.ts';
import type { Verdict } from '../domain/match.ts';
import { afterPart, isPart } from '../domain/parts.ts';
import { markOf } from '../domain/policy.ts';
import type { InvoiceChange } from '../store/save-invoices.ts';
import type { TransferRow } from '../store/transfers.ts';
import { aboutOf, seenOf } from './seen-of.ts';

/** What of a transfer an invoice and its events show. */
type Sighting = Pick<TransferRow, 'id' | 'network' | 'tx_id' | 'from_key' | 'units' | 'detected_at'>;

/** `before` is the invoice as it stands, `invoice` the same as it was asked in the amount of the transfer. */
export type Judged = {
  transfer: Sighting;
  before: Invoice | null;
  invoice: Invoice | null;
  verdict: Verdict;
};

type Deps = { networks: ReadonlyMap<NetworkCode, Network> };
type Change = InvoiceChange & { tells: Told[] };
/** A judged transfer with its invoice, as it was asked there. */
type Sent = { transfer: Sighting; invoice: Invoice };

/** The changes, in the order in which the invoices first appear. `now` in ms. */
export function changesOf(deps: Deps, judged: readonly Judged[], now: number): InvoiceChange[] {
  const changes = new Map<number, Change>();
  for (const { transfer, before, invoice, verdict } of judged) {
    if (!before || !invoice) continue;
    const standing = changes.get(before.id) ?? { before, after: before, emits: null, tells: [] };
    const sent = { transfer, invoice };
    const next =
      verdict.kind === 'counts'
        ? changeOf(verdict.as)(deps, standing, { ...sent, verdict }, now)
        : marked(deps, standing, sent, verdict);
    if (next) changes.set(before.id, next);
  }
  return [...changes.values()];
}

const changeOf = (kind: PaymentKind) => (kind === 'manual' ? verified : isPart(kind) ? partCounted : counted);

/** What a person has confirmed is asked from now on in what was paid; settling verifies it. */
function verified(_: Deps, standing: Change, { invoice: { method } }: Counted): Change | null {
  const isOther = !isSameMethod(standing.before.method, method);
  return isOther ? { ...standing, after: { ...standing.after, method } } : null;
}

type Counted = Sent & { verdict: Verdict & { kind: 'counts' } };

function counted(deps: Deps, standing: Change, { transfer, invoice }: Counted, now: number): Change | null {
  const asked = { ...standing.after, method: invoice.method };
  const changed = apply(asked, 'transfer_seen', { now, seen: seenOf(deps, transfer) });
  if (changed === 'refuse') throw new Error(`a transfer counts for invoice ${invoice.id}, which refuses it`);
  const { exception } = asked;
  // What was a part before has come second.
  const unmarked = { exception: exception === 'underpaid' ? null : exception };
  if (changed !== 'stay') {
    const detected: Told = { type: 'detected', about: aboutOf(deps, invoice, transfer) };
    const after = { ...changed.after, ...unmarked };
    return { ...standing, after, emits: changed.emits, tells: [...standing.tells, detected] };
  }
  // An ended one stays so until the transfer is final, but is asked from now on in what is being paid.
  const isOther = !isSameMethod(standing.before.method, invoice.method) || exception === 'underpaid';
  return isOther ? { ...standing, after: { ...asked, ...unmarked } } : null;
}

function partCounted(
  deps: Deps,
  standing: Change,
  { transfer, invoice, verdict }: Counted,
  now: number,
): Change {
  const completes = verdict.completes ?? false;
  const asked = { ...standing.after, method: invoice.method };
  const about = aboutOf(deps, invoice, transfer);
  const detected: Told[] = isEnded(asked.status) ? [] : [{ type: 'detected', about }];
  const underpaid: Told[] = completes ? [] : [{ type: 'underpaid', about }];
  const after = afterPart(asked, { completes, seen: seenOf(deps, transfer) }, now);
  return { ...standing, after, tells: [...standing.tells, ...detected, ...underpaid] };
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
