/** What an outsider can know of a gateway under fire: what shops asked and were answered and told, and what the chain holds. */
import type { CreatedInvoice, Invoice, WebhookData } from '@cryptoscan/sdk';

/** An order of a shop: one reference, one idempotency key, asked for until it was answered. */
export type Order = {
  reference: string;
  amount: string;
  /** Every answer that arrived, in the order they did. */
  answers: CreatedInvoice[];
  /** Refusals that asking again cannot change. */
  refusals: string[];
};

/** A transfer on the chain that won, deep enough to be final. `time` in ms. */
export type Transfer = { hash: string; to: string; units: bigint; time: number };

/** A webhook request as it came. */
export type Told = {
  webhookId: string;
  type: string;
  retryCount: number;
  data: WebhookData;
  /** The data's text: every request of an event says the same. */
  text: string;
  /** When it had come, in ms. */
  at: number;
  /** What was answered; null where the answer did not go out whole. */
  status: number | null;
  /** Whether the signatures are the shop's. */
  isSigned: boolean;
};

/** From when to when something was wrong, in ms: a process dead or stopped, the database gone, a connection cut. */
export type Trouble = { from: number; to: number };

export type Evidence = {
  orders: readonly Order[];
  /** All invoices that a search finds, as they are viewed. */
  invoices: readonly Invoice[];
  transfers: readonly Transfer[];
  told: readonly Told[];
  troubles: readonly Trouble[];
  decimals: number;
  /** When the evidence was gathered, in ms. */
  at: number;
};

/** Base units of a decimal amount, exactly. */
export function units(amount: string, decimals: number): bigint {
  const [whole = '0', part = ''] = amount.split('.');
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(part.padEnd(decimals, '0').slice(0, decimals));
}

/** Whether a transfer pays an invoice as the API describes it: its amount to its wallet, with two minutes of grace on either side. */
export function inTime(invoice: Invoice, transfer: Transfer, amount: bigint): boolean {
  const GRACE = 120;
  const time = transfer.time / 1000;
  return (
    transfer.units === amount &&
    transfer.to.toLowerCase() === invoice.wallet?.toLowerCase() &&
    time >= invoice.created_at - GRACE &&
    time <= invoice.expire_at + GRACE
  );
}

export function groupBy<K, T>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
