/** Of whom and of which days a report speaks, as conditions. Days begin and end where its time zone says. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './db.ts';

/** null: no limit. Both days are included. */
export type ReportFilter = {
  merchantId: number | null;
  userId: number | null;
  from: string | null;
  to: string | null;
  /** A name of the IANA database that `isTimeZone` knows. */
  timeZone: string;
};

/** The merchants of a report; `m` is the row of `merchants`. Without a merchant it is not true. */
export function isReported({ merchantId, userId }: ReportFilter): RawBuilder<boolean> {
  return sql`(m.id is not null and (${merchantId}::bigint is null or m.id = ${merchantId})
    and (${userId}::bigint is null or m.user_id = ${userId}))`;
}

/** The day of a time, in the time zone of the report. */
export function dayOf(time: RawBuilder<unknown>, { timeZone }: ReportFilter): RawBuilder<unknown> {
  return sql`(${time} at time zone ${timeZone})::date`;
}

/** Whether a time is in the days of a report; no time is not. */
export function isInDays(time: RawBuilder<unknown>, filter: ReportFilter): RawBuilder<boolean> {
  const { from, to } = filter;
  const day = dayOf(time, filter);
  return sql`(${time} is not null and (${from}::date is null or ${day} >= ${from}::date)
    and (${to}::date is null or ${day} <= ${to}::date))`;
}

/** By its full name alone: PostgreSQL takes texts such as UTC+3 too, and means three hours to the west. */
export async function isTimeZone(db: Db, name: string): Promise<boolean> {
  if (name.includes('\0')) return false;
  const { rows } = await sql`select from pg_timezone_names where name = ${name}`.execute(db);
  return rows.length > 0;
}
