/** Whether the whole time of an invoice was looked at. */
import { type SqlBool, sql } from 'kysely';
import { GRACE } from '../domain/match.ts';

/**
 * True while a network that the invoice `i` of a statement could be paid on has not been read past its deadline and grace: a
 * payment may be there that nobody has seen.
 */
export const isUnread = sql<SqlBool>`exists (
  select from (select i.network union select network from replaced_methods where invoice_id = i.id) m
    left join cursors c on c.network = m.network
   where (c.block_time > i.expire_at + ${`${GRACE} milliseconds`}::interval) is not true)`;
