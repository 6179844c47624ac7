/** Whether the invoices say what the chain says: every payment in time counts, nothing else does, and none counts twice. */
import type { Invoice } from '@cryptoscan/sdk';
import { type Evidence, groupBy, inTime, type Transfer, units } from './evidence.ts';

/** Expiry waits for the chain to be read past the deadline and its grace; after that much more it is overdue. ms. */
const EXPIRY_SLACK = 90_000;
const GRACE = 120_000;

export function checkMoney(evidence: Evidence): string[] {
  const { invoices, transfers, decimals } = evidence;
  const byHash = groupBy(transfers, ({ hash }) => hash);
  const amountOf = (invoice: Invoice) => units(String(invoice.final_amount), decimals);
  const byAmount = groupBy(transfers, ({ units }) => units);
  return [
    ...invoices.flatMap(invoice => {
      const amount = amountOf(invoice);
      const exact = (byAmount.get(amount) ?? []).filter(transfer => inTime(invoice, transfer, amount));
      return checkInvoice(invoice, {
        exact,
        named: byHash.get(invoice.transaction_id ?? '') ?? [],
        evidence,
      });
    }),
    ...settledTwice(invoices, byHash, amountOf),
  ];
}

type Known = { exact: readonly Transfer[]; named: readonly Transfer[]; evidence: Evidence };

function checkInvoice(invoice: Invoice, { exact, named, evidence }: Known): string[] {
  const { id, status } = invoice;
  if (exact.length > 0 && status !== 'completed')
    return [`the invoice ${id} was paid in time by ${exact[0]?.hash} and is ${status}`];
  if (status === 'completed') {
    if (exact.length === 0) return [`the invoice ${id} is completed and nobody has paid its amount in time`];
    const own = named.filter(transfer => exact.includes(transfer));
    return own.length > 0 ? [] : [`the invoice ${id} names ${invoice.transaction_id}, which does not pay it`];
  }
  const deadline = invoice.expire_at * 1000 + GRACE;
  if (status === 'expired' && evidence.at < deadline)
    return [`the invoice ${id} expired before its deadline`];
  if (status === 'new' && evidence.at > deadline + EXPIRY_SLACK)
    return [`the invoice ${id} is past its deadline and still new`];
  return [];
}

/** A transfer settles one invoice: of one transaction no more than it holds transfers of that amount. */
function settledTwice(
  invoices: readonly Invoice[],
  byHash: ReadonlyMap<string, readonly Transfer[]>,
  amountOf: (invoice: Invoice) => bigint,
): string[] {
  const settled = invoices.filter(({ status }) => status === 'completed');
  const claims = groupBy(settled, invoice => `${invoice.transaction_id} ${amountOf(invoice)}`);
  return [...claims.values()].flatMap(claiming => {
    const [first] = claiming as [Invoice];
    const amount = amountOf(first);
    const there = (byHash.get(first.transaction_id ?? '') ?? []).filter(({ units }) => units === amount);
    return claiming.length > Math.max(1, there.length)
      ? [`the transfer ${first.transaction_id} settles ${claiming.map(({ id }) => id).join(' and ')}`]
      : [];
  });
}
