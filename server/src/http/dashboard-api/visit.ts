/**
 * Who a request is from. `request.visit` is the session behind its cookie, half or whole; `request.person` is there where
 * the session is whole, with the accounts the person may work on.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Doorstep, findOpenSession, type Opened, PROOF_LIFETIME } from '../../commands/open-session.ts';
import {
  mayDo,
  needsStepUp,
  type OperatorPermission,
  type Permission,
  type Role,
} from '../../domain/role.ts';
import { type Membership, membershipsOf } from '../../store/memberships.ts';
import { findPerson, type PersonRow } from '../../store/people.ts';
import type { SessionRow } from '../../store/sessions.ts';
import { addressOf } from './address-limits.ts';
import { cookieOf, setCookie } from './cookies.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';

export type Person = { row: PersonRow; session: SessionRow; memberships: Membership[]; now: number };

declare module 'fastify' {
  interface FastifyRequest {
    visit: SessionRow | null;
    person: Person | null;
  }
}

/** Finds the session of every request below. */
export function findVisits(app: FastifyInstance, deps: DashboardDeps): void {
  app.decorateRequest('visit', null);
  app.decorateRequest('person', null);
  app.addHook('preHandler', async request => {
    const token = cookieOf(request, 'session', deps.baseUrl());
    request.visit = token === null ? null : await findOpenSession(deps, token);
  });
}

/** Lets nobody pass who is not wholly signed in. */
export function requirePerson(app: FastifyInstance, { db, clock }: DashboardDeps): void {
  app.addHook('preHandler', async request => {
    const session = request.visit;
    const row = session?.stage === 'full' ? await findPerson(db, session.person_id) : null;
    if (!session || !row) throw new DashboardError(401, 'signed_out', 'Sign in first.');
    request.person = { row, session, memberships: await membershipsOf(db, row.id), now: clock.now() };
  });
}

/** The person of a route behind `requirePerson`. */
export function personOf({ person }: FastifyRequest): Person {
  if (!person) throw new Error('this route is not behind requirePerson');
  return person;
}

/** The role a person acts in; throws 404 for an account that is none of theirs, 403 for what the role may not. */
export function authorize(request: FastifyRequest, permission: Permission, userId: number): Role {
  const person = personOf(request);
  const role = person.memberships.find(membership => membership.userId === userId)?.role;
  if (role === undefined) throw new DashboardError(404, 'not_found', 'There is nothing here.');
  if (!mayDo(role, permission)) throw new DashboardError(403, 'forbidden', 'You may not do this.');
  if (needsStepUp(permission)) requireProof(request);
  return role;
}

/** The same for what belongs to the whole installation. */
export function authorizeOperator(request: FastifyRequest, permission: OperatorPermission): void {
  if (!personOf(request).row.is_operator)
    throw new DashboardError(404, 'not_found', 'There is nothing here.');
  if (needsStepUp(permission)) requireProof(request);
}

/** Throws when the last proof of who it is lies too far back. */
export function requireProof(request: FastifyRequest): void {
  const { session, now } = personOf(request);
  if (now - session.proved_at >= PROOF_LIFETIME)
    throw new DashboardError(403, 'step_up_required', 'Prove again who you are.');
}

export function doorstepOf(request: FastifyRequest, { baseUrl }: DashboardDeps): Doorstep {
  return {
    visitor: { address: addressOf(request), userAgent: request.headers['user-agent'] ?? '' },
    sessionToken: cookieOf(request, 'session', baseUrl()),
    deviceToken: cookieOf(request, 'device', baseUrl()),
  };
}

/** Gives the browser what a sign-in has opened. */
export function handOver(
  reply: FastifyReply,
  { token, deviceToken }: Pick<Opened, 'deviceToken'> & { token: string | null },
  { baseUrl }: DashboardDeps,
): void {
  if (token !== null) setCookie(reply, 'session', token, baseUrl());
  if (deviceToken !== null) setCookie(reply, 'device', deviceToken, baseUrl());
}
