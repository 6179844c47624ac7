/** The authenticator app and the recovery codes of who is signed in; each change needs a fresh proof. */
import { qrCode } from '@cryptoscan/checkout';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { confirmTotpOffer, offerTotp, removeTotp, renewRecoveryCodes } from '../../commands/enrol-totp.ts';
import { bodyOf, shortText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { doorstepOf, personOf, requireProof } from './visit.ts';

const confirmTotpBody = z.strictObject({ code: shortText });
export type ConfirmTotpBody = z.input<typeof confirmTotpBody>;
/** The secret as base32, and as an otpauth link, with that link as a QR code (SVG); shown once. */
export type TotpOfferAnswer = { secret: string; uri: string; qr: string };
/** Shown once; null when codes from before are still good. */
export type RecoveryCodesAnswer = { recovery_codes: string[] | null };

export function totpRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/totp', async (request, reply) => {
    const offer = accepted(await offerTotp(deps, proved(request, deps)));
    const answer: TotpOfferAnswer = { ...offer, qr: qrCode(offer.uri, 'QR').text };
    return reply.send(answer);
  });
  app.post('/totp/confirm', async (request, reply) => {
    const { code } = bodyOf(confirmTotpBody, request);
    const { recoveryCodes } = accepted(await confirmTotpOffer(deps, { ...proved(request, deps), code }));
    const answer: RecoveryCodesAnswer = { recovery_codes: recoveryCodes };
    return reply.send(answer);
  });
  app.delete('/totp', async (request, reply) => {
    accepted(await removeTotp(deps, proved(request, deps)));
    return reply.code(204).send();
  });
  app.post('/recovery-codes', async (request, reply) => {
    const { recoveryCodes } = accepted(await renewRecoveryCodes(deps, proved(request, deps)));
    const answer: RecoveryCodesAnswer = { recovery_codes: recoveryCodes };
    return reply.send(answer);
  });
}

/** Who asks, with a proof that is fresh. */
function proved(request: FastifyRequest, deps: DashboardDeps) {
  requireProof(request);
  return { personId: personOf(request).row.id, visitor: doorstepOf(request, deps).visitor };
}
