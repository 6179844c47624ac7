/** GET /api/v1/user: the user whose merchant is asking. */
import type { FastifyInstance } from 'fastify';
import { floorTo, formatDecimal, parseDecimal } from '../../domain/money.ts';
import type { Db } from '../../store/db.ts';
import { findUser } from '../../store/users.ts';
import { ExactNumber } from '../wire.ts';
import { merchantOf } from './auth.ts';
import { HttpError, sendData } from './envelope.ts';

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
