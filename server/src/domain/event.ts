/** The webhook events: which there are, and the `data` each carries, field for field in the documented order. */
import type { Exception } from './exception.ts';
import {
  type EventType,
  finalAmount,
  type Invoice,
  type Method,
  type OptInType,
  publicStatus,
  requestedAmount,
} from './invoice.ts';
import { type Decimal, formatAmount, formatDecimal } from './money.ts';

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
    requested_amount: formatDecimal(requestedAmount(invoice)),
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

/** The transfer that an opt-in event tells of, and the invoice's method that it went to. */
export type About = {
  method: Method;
  transactionId: string;
  payerWallet: string | null;
  received: Decimal;
};

/** An event for those who have asked for its type. */
export type Told = { type: OptInType; about: About };

/** The `data` of an opt-in event: that of the others, with the transfer it tells of and what that brought. */
export function toldData(invoice: Invoice, { method, ...about }: About): EventData {
  const { id, wallet, cryptocurrency, network, ...rest } = eventData('expired', { ...invoice, method });
  return {
    ...({ id, wallet, cryptocurrency, network } as EventData),
    payer_wallet: about.payerWallet,
    transaction_id: about.transactionId,
    received_amount: formatAmount(about.received),
    ...rest,
  } as EventData;
}

/** The event that goes with a mark; null: nobody is told. */
export function tellsOf(mark: Exception | null): OptInType | null {
  switch (mark) {
    case 'paid_late':
    case 'paid_after_cancel':
      return 'late';
    case 'unverified_manual':
    case 'expired_blind':
      return null;
    default:
      return mark;
  }
}

/** Whole seconds since the epoch, of milliseconds. */
export function unixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
