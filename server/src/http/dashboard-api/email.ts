/** One's e-mail address: GET /email says what waits to be proved, POST asks for another, DELETE drops that; /email/confirm. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { askNewEmail, forgetNewEmail, proveNewEmail } from '../../commands/change-email.ts';
import { waitingEmail } from '../../store/email-changes.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, shortText, tokenText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted, DashboardError } from './errors.ts';
import { doorstepOf, personOf, requireProof } from './visit.ts';

const emailBody = z.strictObject({ email: shortText });
export type EmailBody = z.input<typeof emailBody>;
const confirmBody = z.strictObject({ token: tokenText });
export type ConfirmEmailBody = z.input<typeof confirmBody>;

export type EmailAnswer = { waiting: string | null };
export type ConfirmEmailAnswer = { email: string };

/** For whoever has the link: the mailbox is often read where nobody is signed in. */
export function confirmEmailRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/email/confirm', async (request, reply) => {
    const { token } = bodyOf(confirmBody, request);
    await spendTry(deps, request);
    const { visitor } = doorstepOf(request, deps);
    const answer: ConfirmEmailAnswer = accepted(await proveNewEmail(deps, { token, visitor }));
    return reply.send(answer);
  });
}

/** Behind `requirePerson`. */
export function emailRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/email', async (request, reply) => {
    const { row, now } = personOf(request);
    const answer: EmailAnswer = { waiting: await waitingEmail(deps.db, row.id, now) };
    return reply.send(answer);
  });
  app.post('/email', async (request, reply) => {
    const { email } = bodyOf(emailBody, request);
    requireProof(request);
    if (!deps.mail) throw new DashboardError(409, 'no_letters', 'No letters are sent here.');
    // One account must not write to the whole world.
    await spendTry(deps, request);
    const { row, session } = personOf(request);
    const { visitor } = doorstepOf(request, deps);
    accepted(await askNewEmail(deps, { person: row, sessionId: session.id, visitor, email: email.trim() }));
    return reply.code(202).send({});
  });
  app.delete('/email', async (request, reply) => {
    await forgetNewEmail(deps, personOf(request).row.id);
    return reply.code(204).send();
  });
}
