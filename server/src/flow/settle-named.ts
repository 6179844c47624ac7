/** What a person has confirmed an invoice by: when that is final though nobody had seen it then, and when it is back on the chain. */
import { coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { markOf } from '../domain/confirm.ts';
import type { Exception } from '../domain/exception.ts';
import type { Invoice } from '../domain/invoice.ts';
import { timingOf } from '../domain/match.ts';
import type { Decimal } from '../domain/money.ts';
import { covers, markOfParts, type Part, type Rest, sumOf } from '../domain/parts.ts';
import type { OpenPayment } from '../store/payments.ts';
import { seenOf } from './seen-of.ts';

type Deps = { networks: ReadonlyMap<NetworkCode, Network> };

/**
 * What nobody had seen is final: the invoice, which is asked in what was paid and was told of, is marked no longer as unverified, but with what
 * is unusual about the payment. Null where it was verified otherwise meanwhile.
 */
export function verifiedBy(deps: Deps, invoice: Invoice, payment: OpenPayment): Invoice | null {
  if (invoice.exception !== 'unverified_manual') return null;
  const seen = seenOf(deps, payment);
  return {
    ...invoice,
    seen: { ...seen, paidAt: invoice.seen?.paidAt ?? seen.paidAt },
    exception: markOf(invoice, sentAs(deps, invoice, payment)),
  };
}

type Sent = Pick<OpenPayment, 'network' | 'asset' | 'units' | 'block_time' | 'detected_at'>;

function sentAs({ networks }: Deps, { method }: Invoice, sent: Sent): { amount: Decimal; time: number } {
  const scale = coinOn(networks.get(sent.network), sent.asset)?.decimals ?? method?.final.scale ?? 0;
  return { amount: { units: BigInt(sent.units), scale }, time: sent.block_time ?? sent.detected_at };
}

/** The mark of an invoice that was confirmed by hand, together with these parts, once all of it is back on the chain. */
export function markAgain(
  deps: Deps,
  invoice: Invoice,
  sent: Sent,
  { parts, rests }: { parts: readonly Pick<Part, 'units' | 'kind'>[]; rests: readonly Rest[] },
): Exception | null {
  const { amount, time } = sentAs(deps, invoice, sent);
  const { method } = invoice;
  if (!method || parts.length === 0) return markOf(invoice, { amount, time });
  const isLate = timingOf(invoice, time) === 'after';
  const all = [...parts, { units: amount.units, kind: isLate ? ('late_part' as const) : ('part' as const) }];
  return covers(sumOf(all), method) ? markOfParts(all, method, rests) : 'underpaid';
}
