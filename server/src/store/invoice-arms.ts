/**
 * The ways that a page of invoices can be walked: along one index, of one merchant and one value each; and which of them are
 * worth walking.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './db.ts';
import { allOf, exceptionIs, type InvoiceFilter, type Part } from './invoice-filter.ts';

/** Ids of one merchant between which everything lies that is asked for; neither end is in. */
export type Span = { merchantId: number; low: number; high: number };

/** A walk along one index, of one merchant and one value that the index is asked for. */
export type Arm = Span & {
  along: Part | null;
  condition: RawBuilder<unknown>;
  /** What the index is asked for beside the merchant, in its order. */
  values: string[];
};

/** The part of the filter that leaves the fewest rows, as far as can be told without looking. */
export async function armsOf(db: Db, filter: InvoiceFilter, spans: readonly Span[]): Promise<Arm[]> {
  const { exception, statuses, network, asset } = filter;
  if (exception !== null) {
    const condition = sql`exception is not null and ${allOf(exceptionIs(filter))}`;
    return spans.map(span => ({ ...span, along: 'exception', condition, values: [] }));
  }
  // A coin on a network is rarer than a status; either alone is not.
  if (network !== null && (asset !== null || statuses.length === 0)) return methodArms(db, filter, spans);
  if (asset !== null && statuses.length === 0) return methodArms(db, filter, spans);
  if (statuses.length === 0)
    return spans.map(span => ({ ...span, along: null, condition: sql`true`, values: [] }));
  return spans.flatMap(span =>
    statuses.map((status): Arm => {
      return { ...span, along: 'status', condition: sql`status = ${status}`, values: [status] };
    }),
  );
}

/** An invoice is asked in what its merchant has had a wallet for, and wallets are never removed. */
async function methodArms(db: Db, { network, asset }: InvoiceFilter, spans: readonly Span[]): Promise<Arm[]> {
  const { rows } = await sql<{ merchant_id: number; network: string; asset: string }>`
    select distinct merchant_id, network, asset from wallets
     where merchant_id = any(${spans.map(span => span.merchantId)}::bigint[])
       and ${network === null ? sql`true` : sql`network = ${network}`}
       and ${asset === null ? sql`true` : sql`asset = ${asset}`}`.execute(db);
  return spans.flatMap(span =>
    rows
      .filter(({ merchant_id }) => merchant_id === span.merchantId)
      .map((row): Arm => {
        const condition = sql`network = ${row.network} and asset = ${row.asset}`;
        return { ...span, along: 'method', condition, values: [row.network, row.asset] };
      }),
  );
}

/**
 * By -id, as the indexes have it. The values stand in the statement, one branch an arm, and not in a table that is joined:
 * only so does the planner know of each how rare it is, and not walk another index past everything.
 */
export function walkOf({ merchantId, low, high, condition }: Arm): RawBuilder<unknown> {
  return sql`select *, -id as place from invoices
     where merchant_id = ${merchantId} and ${condition} and -id > ${-high} and -id < ${-low} order by -id`;
}

/** The conditions of an index on what stands in the columns a and b. */
const HEADS: Record<Part | 'none', RawBuilder<unknown>> = {
  none: sql`true`,
  exception: sql`exception is not null`,
  status: sql`status = arm.a`,
  method: sql`network = arm.a and asset = arm.b`,
};

/**
 * As many arms as may be walked, those that begin with the newest invoices, and above which id the rest have nothing; null
 * where there is no rest. So a page costs about the same however many merchants an account has.
 */
export async function newestArms(
  db: Db,
  arms: readonly Arm[],
  most: number,
): Promise<{ arms: readonly Arm[]; rest: number | null }> {
  if (arms.length <= most) return { arms, rest: null };
  const column = <T>(value: (arm: Arm) => T) => arms.map(value);
  const { rows: heads } = await sql<{ n: number; id: number }>`
    select arm.n::int as n, head.id
      from unnest(${column(arm => arm.merchantId)}::bigint[], ${column(arm => arm.low)}::bigint[],
                  ${column(arm => arm.high)}::bigint[], ${column(({ values }) => values[0] ?? null)}::text[],
                  ${column(({ values }) => values[1] ?? null)}::text[])
           with ordinality as arm (merchant_id, low, high, a, b, n)
     cross join lateral (
       select id from invoices
        where merchant_id = arm.merchant_id and ${HEADS[arms[0]?.along ?? 'none']}
          and -id > -arm.high and -id < -arm.low order by -id limit 1) head
     order by head.id desc limit ${most + 1}`.execute(db);
  const first = heads[most];
  return {
    arms: heads.slice(0, most).flatMap(({ n }) => arms[n - 1] ?? []),
    rest: first === undefined ? null : first.id + 1,
  };
}
