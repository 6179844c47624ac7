/** What an account has with the operator: its balance, the entries behind it, and topping it up. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NO_TERMS } from '../../domain/commission.ts';
import { formatNumber } from '../../domain/money.ts';
import { formatBalance, formatUsd, usdFrom } from '../../domain/usd.ts';
import { type AccountEntry, accountEntries } from '../../store/account-entries.ts';
import { balanceOf, percentFrom } from '../../store/ledger.ts';
import { topUpMerchant } from '../../store/top-ups.ts';
import { findUser } from '../../store/users.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { invalidFields } from './errors.ts';
import { checked } from './own-merchant.ts';
import { authorize } from './visit.ts';

/** US dollars as exact texts; the balance rounded down to cents. Times in ms. */
export type BalanceAnswer = {
  balance: string;
  /** Commission of what is requested, in percent. */
  percent: string;
  /** Below this the operator refuses new invoices that cost a commission; null: never. */
  refuse_below: string | null;
  is_low: boolean;
  /** Whether the operator takes top-ups here. */
  can_top_up: boolean;
  /** Newest first. */
  entries: AccountEntry[];
  /** Asks for older entries; null when there are none. */
  cursor: number | null;
};

/** Where the top-up is paid. */
export type TopUpAnswer = { url: string };

const PAGE = 50;

const topUpBody = z.strictObject({ amount: z.string('must be a text').max(50, 'is too long') });
export type TopUpBody = z.input<typeof topUpBody>;

export function balanceRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/balance', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'balance.read', userId);
    return reply.send(await balance(deps, userId, cursorOf(request)));
  });
  app.post('/users/:userId/top-ups', async (request, reply) => {
    const { amount } = bodyOf(topUpBody, request);
    const userId = idOf(request, 'userId');
    authorize(request, 'balance.read', userId);
    const { pageId } = checked(await deps.topUp({ userId, amount }));
    const answer: TopUpAnswer = { url: `${deps.baseUrl()}/payment/${pageId}` };
    return reply.code(201).send(answer);
  });
}

async function balance(
  { db, terms = NO_TERMS }: DashboardDeps,
  userId: number,
  before: number | null,
): Promise<BalanceAnswer> {
  const has = await balanceOf(db, userId);
  const own = percentFrom((await findUser(db, userId))?.commission_percent ?? null);
  const entries = await accountEntries(db, { userId, before, limit: PAGE });
  const { refuseBelow, warnBelow } = terms;
  return {
    balance: formatBalance(has),
    percent: formatNumber(own ?? terms.percent),
    refuse_below: refuseBelow === null ? null : formatBalance(refuseBelow),
    is_low: (warnBelow !== null && has < warnBelow) || (refuseBelow !== null && has < refuseBelow),
    can_top_up: (await topUpMerchant(db)) !== null,
    entries: entries.map(entry => ({ ...entry, amount: formatUsd(usdFrom(entry.amount)) })),
    cursor: entries.length < PAGE ? null : (entries.at(-1)?.id ?? null),
  };
}

function cursorOf({ query }: FastifyRequest): number | null {
  const { cursor } = query as { cursor?: unknown };
  if (cursor === undefined) return null;
  if (typeof cursor === 'string' && /^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw invalidFields([{ field: 'cursor', text: 'must be a positive integer' }]);
}
