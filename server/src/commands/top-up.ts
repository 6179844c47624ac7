/**
 * Topping up a user's balance through the gateway itself: an invoice of the operator's own merchant, which adds to the
 * balance in the transaction that settles it.
 */
import { z } from 'zod';
import type { CreateFault } from '../domain/errors.ts';
import { type Decimal, formatDecimal, parsePrice } from '../domain/money.ts';
import { ok } from '../lib/result.ts';
import { type Tx, transact } from '../store/db.ts';
import { merchantExists } from '../store/merchants.ts';
import {
  countTopUps,
  lockTopUps,
  setTopUpMerchant,
  topUpMerchant,
  type UnpaidTopUp,
  unpaidTopUps,
} from '../store/top-ups.ts';
import { type CreateDeps, type CreateInvoice, createInvoicesIn } from './create-invoice.ts';
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

/** The merchant itself may have used the same number. */
const TRIES = 5;
/**
 * How many of one account may be unpaid: open at once, and asked for in a day, since an amount stays held for a while after
 * its invoice has ended, and whoever has the page may end it.
 */
const MOST_OPEN = 5;
const MOST_IN_A_DAY = 20;
const DAY = 24 * 3_600_000;
/** With less time left than this (ms) an open one is not offered again. */
const TIME_TO_PAY = 5 * 60_000;

type Asked = { userId: number; amount: Decimal };

/**
 * Makes the invoice, with a page to pay it on; where one of the same amount is open, answers that. `amount` in US dollars.
 */
export async function topUp(
  deps: TopUpDeps,
  input: { userId: number; amount: unknown },
): Promise<Checked<TopUp>> {
  const checked = check(schema, { amount: input.amount });
  if (!checked.ok) return checked;
  const asked = { userId: input.userId, amount: checked.value.amount };
  const now = deps.clock.now();
  return transact(deps.db, async (tx): Promise<Checked<TopUp>> => {
    if (!(await lockTopUps(tx, asked.userId))) return fault('user', 'there is no user with this id');
    const unpaid = await unpaidTopUps(tx, asked.userId, now - DAY);
    const same = sameOpen(unpaid, asked.amount, now);
    if (same) return ok(same);
    if (unpaid.filter(({ isOpen }) => isOpen).length >= MOST_OPEN)
      return fault(
        'amount',
        `has to wait: ${MOST_OPEN} top-ups are open and not paid yet. Pay one of them, or wait until one has ended`,
        rule('top_ups_open', { most: MOST_OPEN }),
      );
    if (unpaid.length >= MOST_IN_A_DAY)
      return fault(
        'amount',
        `has to wait: ${MOST_IN_A_DAY} top-ups of the last 24 hours were not paid. Try again later`,
        rule('top_ups_day', { most: MOST_IN_A_DAY }),
      );
    return make(deps, tx, asked, now);
  });
}

function sameOpen(unpaid: readonly UnpaidTopUp[], amount: Decimal, now: number): TopUp | null {
  for (const { id: invoiceId, clientReferenceId, pageId, requested, expireAt, isOpen } of unpaid)
    if (isOpen && pageId !== null && requested === formatDecimal(amount) && expireAt - now >= TIME_TO_PAY)
      return { invoiceId, clientReferenceId, pageId };
  return null;
}

async function make(
  deps: TopUpDeps,
  tx: Tx,
  { userId, amount }: Asked,
  now: number,
): Promise<Checked<TopUp>> {
  const merchant = await topUpMerchant(tx);
  if (!merchant)
    return fault('merchant', 'no merchant takes top-ups yet: name one with `user top-up-merchant`');
  const made = await countTopUps(tx, userId);
  for (let attempt = 1; ; attempt++) {
    const clientReferenceId = `top-up-${userId}-${made + attempt}`;
    const pageId = deps.pageId();
    const command: CreateInvoice = {
      merchant,
      requested: amount,
      source: null,
      clientReferenceId,
      metadata: null,
      method: merchant.compat ? { network: 'TRC-20', asset: 'USDT' } : null,
      page: { id: pageId, description: 'Balance top-up', backUrl: null, cancelUrl: null, lang: null },
      topUpUserId: userId,
    };
    const [answer] = await createInvoicesIn(deps, tx, { commands: [command], now });
    if (answer?.ok) return ok({ invoiceId: answer.value.id, clientReferenceId, pageId });
    if (answer?.fault !== 'reference_taken' || attempt === TRIES)
      return fault('merchant', REASONS[answer?.fault ?? 'no_wallet']);
  }
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
