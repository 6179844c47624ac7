/** A new password: POST /password for who is signed in; /password-reset by letter, then /password-reset/confirm. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { askForLetter } from '../../commands/ask-for-letter.ts';
import { changePassword, resetPassword } from '../../commands/change-password.ts';
import { emailField, languageField } from '../../commands/people-deps.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, shortText, tokenText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted, DashboardError } from './errors.ts';
import { doorstepOf, handOver, personOf, requireProof } from './visit.ts';

const letterBody = z.strictObject({ email: emailField, language: languageField.default('en') });
export type LetterBody = z.input<typeof letterBody>;

const resetBody = z.strictObject({ token: tokenText, password: shortText });
export type ResetBody = z.input<typeof resetBody>;

const passwordBody = z.strictObject({ password: shortText });
export type PasswordBody = z.input<typeof passwordBody>;

export function passwordResetRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/password-reset', async (request, reply) => {
    const { email, language } = bodyOf(letterBody, request);
    await spendTry(deps, request);
    if (deps.mail) await askForLetter(deps, { kind: 'password_reset', email, language });
    return reply.code(202).send({});
  });
  app.post('/password-reset/confirm', async (request, reply) => {
    const { token, password } = bodyOf(resetBody, request);
    await spendTry(deps, request);
    const doorstep = doorstepOf(request, deps);
    const { deviceToken } = accepted(await resetPassword(deps, { token, password, doorstep }));
    handOver(reply, { token: null, deviceToken }, deps);
    return reply.code(204).send();
  });
  app.post('/register', async (request, reply) => {
    const { email, language } = bodyOf(letterBody, request);
    if (deps.registration !== 'open' || !deps.mail)
      throw new DashboardError(403, 'registration_closed', 'Registration is not open.');
    await spendTry(deps, request);
    await askForLetter(deps, { kind: 'registration', email, language });
    return reply.code(202).send({});
  });
}

/** Behind `requirePerson`. */
export function passwordRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/password', async (request, reply) => {
    const { password } = bodyOf(passwordBody, request);
    requireProof(request);
    const { row, session } = personOf(request);
    const { visitor } = doorstepOf(request, deps);
    accepted(await changePassword(deps, { personId: row.id, sessionId: session.id, password, visitor }));
    return reply.code(204).send();
  });
}
