/** What the address of the list says; the server is asked in the same words, but for days, which are the person's own. */
import type { Exception } from '../../../../server/src/domain/exception.ts';
import type { Status } from '../../../../server/src/domain/invoice.ts';

export const statuses = [
  'awaiting_method',
  'new',
  'confirming',
  'completed',
  'paid_manually',
  'expired',
  'cancelled',
] as const satisfies readonly Status[];

export const exceptions = [
  'any',
  'unverified_manual',
  'reversed',
  'underpaid',
  'overpaid',
  'duplicate',
  'paid_late',
  'paid_after_cancel',
  'expired_blind',
] as const satisfies readonly (Exception | 'any')[];

const texts = ['query', 'status', 'exception', 'network', 'coin', 'from', 'to', 'min', 'max'] as const;
const ids = ['merchant', 'cursor'] as const;

export type InvoiceSearch = { [Name in (typeof texts)[number]]?: string } & {
  [Name in (typeof ids)[number]]?: number;
};

/** Whatever is not understood is left out; what the server does not take it says itself. */
export function invoiceSearch(raw: Record<string, unknown>): InvoiceSearch {
  const said = texts.flatMap(name => {
    const value = raw[name];
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    return text === '' ? [] : [[name, text] as const];
  });
  const named = ids.flatMap(name => {
    const id = Number(raw[name]);
    return Number.isSafeInteger(id) && id > 0 ? [[name, id] as const] : [];
  });
  return Object.fromEntries([...said, ...named]) as InvoiceSearch;
}

/** What the server is asked: the first moment of the first day, and the first after the last. */
export function queryOf({ from, to, ...rest }: InvoiceSearch): Record<string, string | number | undefined> {
  return { ...rest, from: startOf(from, 0), to: startOf(to, 1) };
}

function startOf(day: string | undefined, later: number): number | undefined {
  const [year, month, date] = (day ?? '').split('-').map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + later).getTime();
}

/** How many filters are on, beside the text and the page. */
export function filtersOn({ query: _, cursor: __, ...filters }: InvoiceSearch): number {
  return Object.keys(filters).length;
}

/** The tabs of one invoice. */
export const tabs = ['timeline', 'transfers', 'webhooks', 'raw'] as const;
type InvoiceTab = { tab?: (typeof tabs)[number]; delivery?: number };

/** Which tab the address names, and which delivery is open in it. */
export function invoiceTab({ tab, delivery }: Record<string, unknown>): InvoiceTab {
  const known = tabs.find(one => one === tab);
  const id = Number(delivery);
  return { ...(known && { tab: known }), ...(Number.isSafeInteger(id) && id > 0 && { delivery: id }) };
}
