/** GET /api/v1/user: the user whose merchant is asking. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { floorTo, formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Db } from '../../store/db.ts';
import { findUser } from '../../store/users.ts';
import * as answer from '../openapi/answer-fields.ts';
import { ExactNumber } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { HttpError, sendData } from './envelope.ts';

export const viewedUserAnswer = z.object({
  id: answer.id.meta({ description: 'Id of the user.', examples: [2] }),
  status: z.string().meta({ description: 'Status of the account.', examples: ['Active'] }),
  balance: z
    .number()
    .meta({ description: 'Balance that commissions are taken from, in `currency`.', examples: [85] }),
  currency: z.literal('USD').meta({ description: 'Currency of the balance.' }),
});

export function viewUserRoute(app: FastifyInstance, db: Db): void {
  app.get('/user', async (request, reply) => {
    const user = await findUser(db, merchantOf(request).userId);
    const balance = user && parseDecimal(user.balance);
    if (!user || !balance) throw new HttpError(404, 'User not found.');
    return sendData(reply, {
      id: user.id,
      status: user.status,
      balance: new ExactNumber(formatDecimal(floorTo(balance, 2))),
      currency: 'USD',
    });
  });
}
