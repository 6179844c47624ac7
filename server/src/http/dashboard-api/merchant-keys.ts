/** POST …/keys: a new pair of API keys, shown this once; the old ones are accepted for a while longer. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { rotateKeys } from '../../commands/rotate-keys.ts';
import { bodyOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { asVisitor, checked, ownMerchant } from './own-merchant.ts';

const keysBody = z.strictObject({ overlap_hours: z.number('must be a number').default(24) });
export type KeysBody = z.input<typeof keysBody>;
export type NewKeysAnswer = { public_key: string; private_key: string };

export function merchantKeysRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/users/:userId/merchants/:merchantId/keys', async (request, reply) => {
    const { overlap_hours: overlapHours } = bodyOf(keysBody, request);
    const { id: merchantId } = await ownMerchant(deps, request, 'keys.rotate');
    const keys = checked(await rotateKeys(asVisitor(deps, request), { merchantId, overlapHours }));
    const answer: NewKeysAnswer = { public_key: keys.publicKey, private_key: keys.privateKey };
    return reply.code(201).send(answer);
  });
}
