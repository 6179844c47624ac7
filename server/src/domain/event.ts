/** The webhook events: which there are, and the `data` each carries, field for field in the documented order. */
import { type EventType, finalAmount, type Invoice, publicStatus } from './invoice.ts';
import { formatAmount, formatDecimal } from './money.ts';

export type EventData = Record<string, string | number | null>;

/**
 * The `data` of an event: ids and times are integers (times in unix seconds), amounts strings, since the receiving PHP
 * would sign floats by its own ini settings. In compatibility mode coin and network are null, as documented.
 */
export function eventData(type: EventType, invoice: Invoice): EventData {
  const { method, seen, source } = invoice;
  const head = {
    id: invoice.id,
    wallet: method?.address ?? null,
    cryptocurrency: invoice.compat ? null : (method?.asset ?? null),
    network: invoice.compat ? null : (method?.network ?? null),
  };
  const payment = {
    payer_wallet: seen?.payerWallet ?? null,
    transaction_id: seen?.transactionId ?? null,
    ...(source && { source_currency: source.currency, source_amount: formatDecimal(source.amount) }),
  };
  const order = {
    final_amount: formatAmount(finalAmount(invoice)),
    requested_amount: formatDecimal(invoice.requested),
    status: publicStatus(invoice.status),
    client_reference_id: invoice.clientReferenceId,
    metadata: invoice.metadata,
    created_at: unixSeconds(invoice.createdAt),
  };
  const expiry = { expire_at: unixSeconds(invoice.expireAt) };
  if (type !== 'paid') return { ...head, ...order, ...expiry };
  const paidAt = { paid_at: seen ? unixSeconds(seen.paidAt) : null };
  return { ...head, ...payment, ...order, ...paidAt, ...expiry };
}

/** Whole seconds since the epoch, of milliseconds. */
export function unixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
