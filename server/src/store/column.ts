/** How columns of time are read and written. */
import type { ColumnType } from 'kysely';

/** timestamptz: read as milliseconds, written as a Date. */
export type Time = ColumnType<number, Date, Date>;
export type NullableTime = ColumnType<number | null, Date | null, Date | null>;
