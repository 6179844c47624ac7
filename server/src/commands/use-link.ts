/**
 * Somebody wants to pay by a link: an invoice of the link's price, once for each form that was shown. The link is locked
 * meanwhile, so that its invoices are counted one after the other, and are never more than may be.
 */
import type { CreateFault } from '../domain/errors.ts';
import { linkStanding } from '../domain/payment-link.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Tx, transact } from '../store/db.ts';
import { findUse, insertUse, linkUses, lockLink } from '../store/payment-links.ts';
import { type CreateDeps, type CreateInvoice, createInvoicesIn } from './create-invoice.ts';

export type UseLink = {
  linkId: string;
  /** Of the form: 128 random bits in base64url. */
  token: string;
  /** What to create if the form has not made one yet. */
  create: CreateInvoice & { page: NonNullable<CreateInvoice['page']> };
};

/** `link_closed`: there is none, or not any more; the others as a link may stand (domain/payment-link.ts). */
export type LinkFault = 'link_closed' | 'link_busy' | 'link_underway' | 'link_paid' | CreateFault;

/** The name of the page on which this form's invoice is paid. */
export async function useLink(deps: CreateDeps, command: UseLink): Promise<Result<string, LinkFault>> {
  const now = deps.clock.now();
  return transact(deps.db, tx => useIn(deps, tx, { ...command, now }));
}

async function useIn(
  deps: CreateDeps,
  tx: Tx,
  { linkId: id, token, create, now }: UseLink & { now: number },
): Promise<Result<string, LinkFault>> {
  const link = await lockLink(tx, id);
  if (!link) return fail('link_closed');
  const earlier = await findUse(tx, { id, token });
  if (earlier) return ok(earlier.pageId);
  const standing = linkStanding(link, await linkUses(tx, link, now), now);
  if (standing !== 'open') return fail(`link_${standing}` as const);
  const [made] = await createInvoicesIn(deps, tx, { commands: [create], now });
  if (!made?.ok) return fail(made?.fault ?? 'no_wallet');
  await insertUse(tx, { id, token, invoiceId: made.value.id }, now);
  return ok(create.page.id);
}
