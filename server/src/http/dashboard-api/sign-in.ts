/** POST /sign-in, then /sign-in/code where a second factor is asked for; POST /sign-out. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signOut } from '../../commands/end-sessions.ts';
import { emailField, enteredPassword } from '../../commands/people-deps.ts';
import { signIn, signInWithCode } from '../../commands/sign-in.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, shortText } from './body.ts';
import { clearSession, cookieOf } from './cookies.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted, DashboardError } from './errors.ts';
import { doorstepOf, handOver } from './visit.ts';
import { type HalfAnswer, halfAnswer } from './who-am-i.ts';

const signInBody = z.strictObject({ email: emailField, password: enteredPassword });
export type SignInAnswer = { stage: 'full' } | HalfAnswer;

const codeBody = z.strictObject({ kind: z.enum(['totp', 'recovery_code']), code: shortText });
export type CodeBody = z.input<typeof codeBody>;

export function signInRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/sign-in', async (request, reply) => {
    const body = bodyOf(signInBody, request);
    await spendTry(deps, request);
    const opened = accepted(await signIn(deps, { ...body, doorstep: doorstepOf(request, deps) }));
    handOver(reply, opened, deps);
    const answer: SignInAnswer =
      opened.stage === 'full' ? { stage: 'full' } : await halfAnswer(deps.db, opened.personId);
    return reply.send(answer);
  });
  app.post('/sign-in/code', async (request, reply) => {
    const { kind, code } = bodyOf(codeBody, request);
    const session = request.visit;
    if (session?.stage !== 'second_factor') throw new DashboardError(401, 'signed_out', 'Sign in first.');
    await spendTry(deps, request);
    const doorstep = doorstepOf(request, deps);
    handOver(reply, accepted(await signInWithCode(deps, { session, kind, code, doorstep })), deps);
    return reply.send({ stage: 'full' });
  });
  app.post('/sign-out', async (request, reply) => {
    const token = cookieOf(request, 'session', deps.baseUrl());
    if (token !== null) await signOut(deps, token);
    clearSession(reply, deps.baseUrl());
    return reply.code(204).send();
  });
}
