/** What a list of invoices is narrowed to, as conditions on the rows of `invoices`. */
import { type RawBuilder, sql } from 'kysely';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Exception } from '../domain/exception.ts';
import type { Status } from '../domain/invoice.ts';
import { type Decimal, formatDecimal } from '../domain/money.ts';

/** Empty lists and null do not narrow. */
export type InvoiceFilter = {
  merchantIds: readonly number[];
  statuses: readonly Status[];
  /** `any`: whatever it is. */
  exception: Exception | 'any' | null;
  network: NetworkCode | null;
  asset: AssetCode | null;
  /** In ms; the first is in, the second is not. */
  createdFrom: number | null;
  createdTo: number | null;
  /** In US dollars, as requested; both are in. */
  amountFrom: Decimal | null;
  amountTo: Decimal | null;
  /** As search-invoices.ts finds it. */
  text: string | null;
};

/** Parts of the filter that an index leads along, one at a time. */
export type Part = 'exception' | 'status' | 'method';

/** Everything but the merchants and the text, as one condition; `along`: the part that is given already. */
export function conditionsOf(filter: InvoiceFilter, along: Part | null = null): RawBuilder<unknown>[] {
  const { createdFrom, createdTo } = filter;
  return [
    ...(along === 'exception' ? [] : exceptionIs(filter)),
    ...(along === 'status' || filter.statuses.length === 0
      ? []
      : [sql`status = any(${[...filter.statuses]}::text[])`]),
    ...(along === 'method' ? [] : methodIs(filter)),
    ...(createdFrom === null ? [] : [sql`created_at >= ${new Date(createdFrom)}`]),
    ...(createdTo === null ? [] : [sql`created_at < ${new Date(createdTo)}`]),
    ...amountIs(filter),
  ];
}

export function exceptionIs({ exception }: InvoiceFilter): RawBuilder<unknown>[] {
  if (exception === null) return [];
  return exception === 'any' ? [sql`exception is not null`] : [sql`exception = ${exception}`];
}

function methodIs({ network, asset }: InvoiceFilter): RawBuilder<unknown>[] {
  return [
    ...(network === null ? [] : [sql`network = ${network}`]),
    ...(asset === null ? [] : [sql`asset = ${asset}`]),
  ];
}

export function amountIs({ amountFrom, amountTo }: InvoiceFilter): RawBuilder<unknown>[] {
  return [
    ...(amountFrom === null ? [] : [sql`requested_amount >= ${formatDecimal(amountFrom)}::numeric`]),
    ...(amountTo === null ? [] : [sql`requested_amount <= ${formatDecimal(amountTo)}::numeric`]),
  ];
}

/** All of them, or what is always true. */
export function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `);
}
