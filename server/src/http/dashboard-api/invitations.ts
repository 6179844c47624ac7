/** Invitations: looking at one and accepting it by its link; giving and taking back those of a team, or of the operator. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptAsNewPerson, acceptAsPerson, lookAtInvitation } from '../../commands/accept-invitation.ts';
import { invite, takeBackInvitation } from '../../commands/invite.ts';
import { type Role, roles } from '../../domain/role.ts';
import { listInvitations } from '../../store/invitations.ts';
import { spendTry } from './address-limits.ts';
import { bodyOf, idOf, shortText, tokenText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { accepted } from './errors.ts';
import { authorize, authorizeOperator, doorstepOf, handOver, personOf } from './visit.ts';

const invitationTokenBody = z.strictObject({ token: tokenText });
const newMemberBody = z.strictObject({
  token: tokenText,
  name: shortText,
  password: shortText,
  language: shortText.default('en'),
});
const inviteBody = z.strictObject({ email: shortText, role: z.enum(roles) });
const operatorInviteBody = z.strictObject({ email: shortText });
export type NewMemberBody = z.input<typeof newMemberBody>;

/** `link` is null where a letter takes it there. */
export type InvitedAnswer = { id: number; link: string | null };
/** Times in ms. */
export type InvitationsAnswer = {
  invitations: { id: number; email: string; role: string; created_at: number; expires_at: number }[];
};
export type InvitationAnswer = { email: string; role: string; account: string | null };

export function openInvitationRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/invitations/look-up', async (request, reply) => {
    const { token } = bodyOf(invitationTokenBody, request);
    await spendTry(deps, request);
    const answer: InvitationAnswer = accepted(await lookAtInvitation(deps, token));
    return reply.send(answer);
  });
  app.post('/invitations/register', async (request, reply) => {
    const member = bodyOf(newMemberBody, request);
    await spendTry(deps, request);
    const joining = { member, doorstep: doorstepOf(request, deps), mayRegister: deps.registration !== 'off' };
    handOver(reply, accepted(await acceptAsNewPerson(deps, joining)), deps);
    return reply.send({ stage: 'full' });
  });
}

/** Behind `requirePerson`. */
export function invitationRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.post('/invitations/accept', async (request, reply) => {
    const { token } = bodyOf(invitationTokenBody, request);
    const { visitor } = doorstepOf(request, deps);
    const joining = { token, person: personOf(request).row, visitor };
    const { userId } = accepted(await acceptAsPerson(deps, joining));
    return reply.send({ user_id: userId });
  });
  app.get('/users/:userId/invitations', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'team.read', userId);
    return reply.send(await listed(deps, userId));
  });
  app.post('/users/:userId/invitations', async (request, reply) => {
    const body = bodyOf(inviteBody, request);
    const userId = idOf(request, 'userId');
    authorize(request, 'team.edit', userId);
    return reply.send(await invited(deps, request, { ...body, userId }));
  });
  app.delete('/users/:userId/invitations/:id', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'team.edit', userId);
    await takenBack(deps, request, userId);
    return reply.code(204).send();
  });
  operatorRoutes(app, deps);
}

/** Who is invited to have an account of their own. */
function operatorRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/operator/invitations', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    return reply.send(await listed(deps, null));
  });
  app.post('/operator/invitations', async (request, reply) => {
    const { email } = bodyOf(operatorInviteBody, request);
    authorizeOperator(request, 'operator.accounts');
    return reply.send(await invited(deps, request, { email, role: 'owner', userId: null }));
  });
  app.delete('/operator/invitations/:id', async (request, reply) => {
    authorizeOperator(request, 'operator.accounts');
    await takenBack(deps, request, null);
    return reply.code(204).send();
  });
}

async function listed({ db, clock }: DashboardDeps, userId: number | null): Promise<InvitationsAnswer> {
  return { invitations: await listInvitations(db, userId, clock.now()) };
}

async function invited(
  deps: DashboardDeps,
  request: FastifyRequest,
  asked: { email: string; role: Role; userId: number | null },
): Promise<InvitedAnswer> {
  const { id: personId, language } = personOf(request).row;
  const { visitor } = doorstepOf(request, deps);
  const { id, token } = accepted(
    await invite(deps, { ...asked, personId, visitor, language, byMail: deps.mail }),
  );
  return { id, link: token && `${deps.baseUrl()}/dashboard/invitation#${token}` };
}

async function takenBack(deps: DashboardDeps, request: FastifyRequest, userId: number | null): Promise<void> {
  const personId = personOf(request).row.id;
  const { visitor } = doorstepOf(request, deps);
  accepted(await takeBackInvitation(deps, { personId, visitor, userId, id: idOf(request, 'id') }));
}
