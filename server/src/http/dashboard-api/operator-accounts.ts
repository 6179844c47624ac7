/** The operator's accounts: who is here, their balance, and what they are charged. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { changeUser } from '../../commands/change-user.ts';
import { NO_TERMS } from '../../domain/commission.ts';
import { formatNumber } from '../../domain/money.ts';
import { formatBalance, usdFrom } from '../../domain/usd.ts';
import { percentFrom } from '../../store/ledger.ts';
import { type AccountLine, listAccounts } from '../../store/operator-views.ts';
import { bodyOf, idOf, shortText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { asVisitor, checked } from './own-merchant.ts';
import { idParameter, queryOf } from './query.ts';
import { authorizeOperator } from './visit.ts';

const PAGE = 100;

const accountsQuery = z.strictObject({
  text: z.string().max(254, 'is too long').default(''),
  cursor: idParameter,
});
/** A percent as text, or `default`. */
const commissionBody = z.strictObject({ commission: shortText });
export type CommissionBody = z.input<typeof commissionBody>;

/** Balances in US dollars; `commission_percent` null: `default_percent`. `cursor`: of the next page. */
export type AccountsAnswer = {
  accounts: (Omit<AccountLine, 'balance'> & { balance: string })[];
  default_percent: string;
  cursor: number | null;
};

export function operatorAccountRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/operator/accounts', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    const { text, cursor } = queryOf(accountsQuery, request);
    const rows = await listAccounts(deps.db, { after: cursor ?? 0, text: text.trim(), limit: PAGE });
    const answer: AccountsAnswer = {
      accounts: rows.map(row => ({
        ...row,
        commission_percent: row.commission_percent && formatNumber(percentFrom(row.commission_percent)),
        balance: formatBalance(usdFrom(row.balance ?? '0')),
      })),
      default_percent: formatNumber((deps.terms ?? NO_TERMS).percent),
      cursor: rows.length < PAGE ? null : (rows.at(-1)?.id ?? null),
    };
    return reply.send(answer);
  });
  app.put('/operator/accounts/:userId', async (request, reply) => {
    const { commission } = bodyOf(commissionBody, request);
    authorizeOperator(request, 'operator.accounts');
    checked(await changeUser(asVisitor(deps, request), idOf(request, 'userId'), { commission }));
    return reply.code(204).send();
  });
}
