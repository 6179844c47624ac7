/** Saying that money which settled nothing was given back, or needs nobody; the audit log keeps who said so. */
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Acting, appendAudit } from '../store/audit-log.ts';
import { type Db, transact } from '../store/db.ts';
import { findStrayTransfer } from '../store/stray-transfers.ts';
import type { Resolved } from '../store/tasks.ts';
import { type MarkFault, markLocked } from './mark-transfer.ts';

export type ResolveFault =
  /** No such transfer on a wallet of the account. */
  | 'transfer_unknown'
  /** Something has become of it already. */
  | 'transfer_settled'
  | Exclude<MarkFault['kind'], 'not_open'>;

type ResolveStray = { userId: number; transferId: number; acting: Acting; mark: Resolved };

/** Once: what somebody has said stands. Of an invoice that has ended without the rest a part is one of these as well. */
export async function resolveStray(
  { db, clock, vault }: { db: Db; clock: Clock; vault: Vault },
  { userId, transferId, acting, mark }: ResolveStray,
): Promise<Result<{ id: number }, ResolveFault>> {
  if (!(await findStrayTransfer(db, userId, transferId))) return fail('transfer_unknown');
  const now = clock.now();
  return transact(db, async (tx): Promise<Result<{ id: number }, ResolveFault>> => {
    const marked = await markLocked(tx, { transferId, mark, once: true }, now);
    if (!marked.ok) return fail(marked.fault.kind === 'not_open' ? 'transfer_settled' : marked.fault.kind);
    const { resolution, refundId, memo } = mark;
    const { partOf } = marked.value;
    const after = {
      resolution,
      refund_transaction_id: refundId,
      memo,
      ...(partOf !== null && { part_of: partOf }),
    };
    await appendAudit(
      tx,
      vault,
      { acting, userId, action: `transfer.${resolution}`, target: `transfer ${transferId}`, after },
      now,
    );
    return ok({ id: transferId });
  });
}
