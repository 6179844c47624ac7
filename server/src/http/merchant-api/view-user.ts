/** GET /api/v1/user: the user whose merchant is asking. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OperatorTerms } from '../../domain/commission.ts';
import { formatBalance } from '../../domain/usd.ts';
import type { Db } from '../../store/db.ts';
import { balanceOf } from '../../store/ledger.ts';
import { findUser } from '../../store/users.ts';
import * as answer from '../openapi/answer-fields.ts';
import { ExactNumber } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { HttpError, sendData } from './envelope.ts';

export const viewedUserAnswer = z.object({
  id: answer.id.meta({ description: 'Id of the user.', examples: [2] }),
  status: z.string().meta({ description: 'Status of the account.', examples: ['Active'] }),
  balance: z.number().meta({
    description: 'Balance that commissions are taken from, in `currency`, rounded down; below zero is owed.',
    examples: [85],
  }),
  currency: z.literal('USD').meta({ description: 'Currency of the balance.' }),
  balance_low: z.literal(true).optional().meta({
    description:
      'Only there while the balance is below the limit at which the operator warns: top it up, or new invoices may be refused.',
  }),
});

export type ViewUserDeps = { db: Db; terms?: OperatorTerms | undefined };

export function viewUserRoute(app: FastifyInstance, { db, terms }: ViewUserDeps): void {
  app.get('/user', async (request, reply) => {
    const user = await findUser(db, merchantOf(request).userId);
    if (!user) throw new HttpError(404, 'User not found.');
    const balance = await balanceOf(db, user.id);
    const warnBelow = terms?.warnBelow ?? null;
    return sendData(reply, {
      id: user.id,
      status: user.status,
      balance: new ExactNumber(formatBalance(balance)),
      currency: 'USD',
      ...(warnBelow !== null && balance < warnBelow && { balance_low: true }),
    });
  });
}
