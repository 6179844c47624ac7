/** An invoice that a person makes in the dashboard, with a page to send to the payer; it goes to the audit log. */
import { formatDecimal } from '../domain/money.ts';
import { transact } from '../store/db.ts';
import { invoiceTarget } from '../store/invoice-story.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Answer, type CreateDeps, type CreateInvoice, createInvoicesIn } from './create-invoice.ts';

export type CreateByHand = { userId: number; create: CreateInvoice };

export async function createByHand(
  deps: CreateDeps & ActingDeps,
  { userId, create }: CreateByHand,
): Promise<Answer> {
  const now = deps.clock.now();
  return transact(deps.db, async (tx): Promise<Answer> => {
    const [made] = await createInvoicesIn(deps, tx, { commands: [create], now });
    if (!made) throw new Error('a create without an answer');
    if (!made.ok) return made;
    const { id, requested, clientReferenceId: reference } = made.value;
    const after = { client_reference_id: reference, requested_amount: formatDecimal(requested) };
    await note(tx, deps, { userId, action: 'invoice.create', target: invoiceTarget(id), after }, now);
    return made;
  });
}
