/**
 * Moving an invoice's deadline, so that what happens after it can be tried without waiting: for the local chains of `dev`
 * and nothing else (a test says so).
 */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import { GRACE } from '../domain/match.ts';
import type { Db } from './db.ts';

/**
 * The latest deadline (ms) that is over with its grace at `time` (ms), and stays so for a time in whole seconds, as a
 * block's is.
 */
export const deadlineBefore = (time: number): number => Math.floor(time / 1000) * 1000 - GRACE - 1000;

/**
 * Moves an open invoice to an earlier deadline, in ms. What it was created at moves along, since how long an invoice may
 * be paid is bounded; from when on it holds its amount does not. False when it is not open, holds an amount on a network that
 * is not in `local`, or had an earlier deadline: then it stays as it is.
 */
export async function moveDeadline(
  db: Db,
  { invoiceId, expireAt, local }: { invoiceId: number; expireAt: number; local: readonly NetworkCode[] },
): Promise<boolean> {
  const deadline = new Date(expireAt);
  const { numAffectedRows } = await sql`
    update invoices
       set created_at = created_at - (expire_at - ${deadline}), expire_at = ${deadline}, version = version + 1
     where id = ${invoiceId} and status in ('awaiting_method', 'new') and expire_at > ${deadline}
       and not exists (select from reservations r
                        where r.invoice_id = invoices.id and r.network <> all(${[...local]}::text[]))`.execute(
    db,
  );
  return numAffectedRows === 1n;
}
