/** PUT, DELETE …/logo: the picture beside a merchant's name, sent as base64 since everything here is JSON. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_LOGO_FILE } from '../../commands/read-logo.ts';
import { rule } from '../../commands/rule.ts';
import { updateMerchant } from '../../commands/update-merchant.ts';
import { bodyOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { asVisitor, checked, ownMerchant } from './own-merchant.ts';

const MOST_TEXT = Math.ceil(MAX_LOGO_FILE / 3) * 4 + 4;
const BODY_LIMIT = MOST_TEXT + 1024;

const logoBody = z.strictObject({
  logo: z
    .string('must be a text')
    .refine(text => text.length <= MOST_TEXT, { error: 'must have at most 1 MB', params: rule('logo_large') })
    .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64'),
});
export type LogoBody = z.input<typeof logoBody>;

export function merchantLogoRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const path = '/users/:userId/merchants/:merchantId/logo';
  app.put(path, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const { id } = await ownMerchant(deps, request, 'merchants.edit');
    const logo = Buffer.from(bodyOf(logoBody, request).logo, 'base64');
    checked(await updateMerchant(asVisitor(deps, request), id, { logo }));
    return reply.code(204).send();
  });
  app.delete(path, async (request, reply) => {
    const { id } = await ownMerchant(deps, request, 'merchants.edit');
    checked(await updateMerchant(asVisitor(deps, request), id, { logo: null }));
    return reply.code(204).send();
  });
}
