/**
 * Topping up a user's balance through the gateway itself: an invoice of the operator's own merchant, which adds to the
 * balance in the transaction that settles it.
 */
import { z } from 'zod';
import type { CreateFault } from '../domain/errors.ts';
import { parsePrice } from '../domain/money.ts';
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { merchantExists } from '../store/merchants.ts';
import { countTopUps, setTopUpMerchant, topUpMerchant } from '../store/top-ups.ts';
import { findUser } from '../store/users.ts';
import { type CreateDeps, type CreateInvoice, createInvoices } from './create-invoice.ts';
import { type Checked, check, fault } from './faults.ts';
import { rule } from './rule.ts';

const schema = z.object({
  amount: z.string('is required').transform((text, context) => {
    const price = parsePrice(text);
    if (price.ok) return price.value;
    context.addIssue({ code: 'custom', message: price.fault.replace(/\.$/, ''), params: rule('amount') });
    return z.NEVER;
  }),
});

export type TopUpDeps = CreateDeps & {
  /** 128 random bits in the shape of a UUID: the name of the payment page. */
  pageId: () => string;
};

export type TopUp = { invoiceId: number; pageId: string; clientReferenceId: string };

const REASONS: Record<CreateFault, string> = {
  reference_taken: 'others take the references of top-ups faster than we can: try again',
  compat_network: 'receives USDT on TRC-20 only',
  no_wallet: 'has no active wallet to be paid on',
  no_free_amount:
    'all amounts near this one are held by other invoices of its wallet: ask for another amount',
  network_behind: 'payments to it cannot be seen at the moment: its network is not being read',
  wallet_integrity: 'a wallet of it failed its integrity check',
  key_in_use: 'its invoice is being made by somebody else',
  balance_low: 'its own balance is too low',
};

/** Somebody may take the same number at the same moment. */
const TRIES = 5;

/** Makes the invoice, with a page to pay it on. `amount` in US dollars. */
export async function topUp(
  deps: TopUpDeps,
  input: { userId: number; amount: unknown },
): Promise<Checked<TopUp>> {
  const checked = check(schema, { amount: input.amount });
  if (!checked.ok) return checked;
  if (!(await findUser(deps.db, input.userId))) return fault('user', 'there is no user with this id');
  const merchant = await topUpMerchant(deps.db);
  if (!merchant)
    return fault('merchant', 'no merchant takes top-ups yet: name one with `user top-up-merchant`');
  for (let attempt = 1; ; attempt++) {
    const number = attempt + (await countTopUps(deps.db, input.userId));
    const command: CreateInvoice = {
      merchant,
      requested: checked.value.amount,
      source: null,
      clientReferenceId: `top-up-${input.userId}-${number}`,
      metadata: null,
      method: merchant.compat ? { network: 'TRC-20', asset: 'USDT' } : null,
      page: { id: deps.pageId(), description: 'Balance top-up', backUrl: null, cancelUrl: null, lang: null },
      topUpUserId: input.userId,
    };
    const [made] = await createInvoices(deps, [command]);
    if (made?.ok) return ok(madeOf(command, made.value.id));
    if (made?.fault !== 'reference_taken' || attempt === TRIES)
      return fault('merchant', REASONS[made?.fault ?? 'no_wallet']);
  }
}

function madeOf({ clientReferenceId, page }: CreateInvoice, invoiceId: number): TopUp {
  if (!page) throw new Error('a top-up without a page');
  return { invoiceId, clientReferenceId, pageId: page.id };
}

/** Names the merchant whose invoices top balances up: the operator's own, since it gets the money. */
export async function nameTopUpMerchant(
  { db }: Pick<CreateDeps, 'db'>,
  merchantId: number,
): Promise<Checked<{ merchantId: number }>> {
  return transact(db, async tx => {
    if (!(await merchantExists(tx, merchantId)))
      return fault('merchant', 'there is no merchant with this id');
    await setTopUpMerchant(tx, merchantId);
    return ok({ merchantId });
  });
}
