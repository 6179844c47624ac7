/** The transfer of an invoice that counts for nothing and that its payer is told of: it came too late, or beside another one. */
import { sql } from 'kysely';
import type { Resolution } from './policy-schema.ts';

export type StrayRow = {
  stray_id: number | null;
  stray_tx: string | null;
  stray_reason: string | null;
  stray_resolution: Resolution | null;
  stray_refund: string | null;
};

/**
 * That of the invoice `i` of a statement, to be joined laterally. Of several the one that nobody has dealt with, then one that
 * was given back.
 */
export const strayOf = sql`(
  select t.id as stray_id, t.tx_id as stray_tx, t.reason as stray_reason, t.resolution as stray_resolution,
         t.refund_tx_id as stray_refund
    from transfers t
   where i.status in ('completed', 'paid_manually', 'expired', 'cancelled')
     and t.invoice_id = i.id and t.state = 'unmatched' and t.height is not null
     and t.reason = any(case when i.status in ('expired', 'cancelled') then array['after_deadline', 'late_rejected']
                             else array['second_transfer'] end)
   order by t.resolution desc nulls first, t.id limit 1)`;
