/** An invoice as flat facts, for other programs: amounts are exact text, times ISO 8601 in UTC. */
import { finalAmount, type Invoice, requestedAmount } from './invoice.ts';
import { formatDecimal, formatNumber } from './money.ts';

type Fact = string | number | null;

/** `commission` in US dollars. */
export type FullInvoice = Invoice & { commission: string };

/** With the address that may be told to anybody: null where it has none, or not the one that was registered. */
type Told = FullInvoice & { wallet: string | null };

/** Each with its name, in the order of the columns. */
const facts: Record<string, (invoice: Told) => Fact> = {
  id: ({ id }) => id,
  merchant: ({ merchantId }) => merchantId,
  client_reference_id: ({ clientReferenceId }) => clientReferenceId,
  status: ({ status }) => status,
  exception: ({ exception }) => exception,
  requested_amount: invoice => formatDecimal(requestedAmount(invoice)),
  requested_usd: ({ requested }) => formatDecimal(requested),
  coin_rate: ({ method }) => (method?.rate ? formatNumber(method.rate.perUsd) : null),
  source_amount: ({ source }) => source && formatDecimal(source.amount),
  source_currency: ({ source }) => source?.currency ?? null,
  source_rate: ({ source }) => source && formatDecimal(source.rate),
  final_amount: invoice => formatNumber(finalAmount(invoice)),
  commission: ({ commission }) => commission,
  commission_percent: ({ commissionPercent }) => formatNumber(commissionPercent),
  top_up_user: ({ topUpUserId }) => topUpUserId,
  cryptocurrency: ({ method }) => method?.asset ?? null,
  network: ({ method }) => method?.network ?? null,
  wallet: ({ wallet }) => wallet,
  transaction_id: ({ seen }) => seen?.transactionId ?? null,
  payer_wallet: ({ seen }) => seen?.payerWallet ?? null,
  metadata: ({ metadata }) => metadata,
  created_at: ({ createdAt }) => time(createdAt),
  expire_at: ({ expireAt }) => time(expireAt),
  paid_at: ({ seen }) => time(seen?.paidAt ?? null),
  ended_at: ({ endedAt }) => time(endedAt),
};

export const invoiceColumns: readonly string[] = Object.keys(facts);

/** `addresses`: what may be told of each, by invoice (store/genuine-wallets.ts). */
export function invoiceFacts(
  invoice: FullInvoice,
  addresses: ReadonlyMap<number, string>,
): Record<string, Fact> {
  const told = { ...invoice, wallet: addresses.get(invoice.id) ?? null };
  return Object.fromEntries(Object.entries(facts).map(([name, of]) => [name, of(told)]));
}

const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
