/** GET /welcome: what a page may offer to whoever comes. GET /session: who is signed in, and what they may do. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PROOF_LIFETIME } from '../../commands/open-session.ts';
import { operatorPermissions, permissionsOf } from '../../domain/role.ts';
import { relyingParty } from '../../lib/relying-party.ts';
import type { Db } from '../../store/db.ts';
import { factorsOf } from '../../store/second-factors.ts';
import { findSetUp } from '../../store/set-up.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { personOf } from './visit.ts';

export type WelcomeAnswer = {
  /** Whether the installation waits for its first person. */
  set_up: boolean;
  registration: 'open' | 'invitation' | 'off';
  /** Whether letters are sent, to set a new password for one. */
  mail: boolean;
  passkeys: boolean;
};

export type Factor = 'totp' | 'recovery_code' | 'passkey';

/** Half way: a password was right, and one of these is to follow. */
export type HalfAnswer = { stage: 'second_factor'; factors: Factor[] };

/** Wholly signed in. Times in ms. */
export type SessionAnswer = {
  stage: 'full';
  session_id: number;
  person: { id: number; email: string; name: string; language: string };
  second_factor: { totp: boolean; passkeys: number; recovery_codes: number };
  /** Until when what needs a fresh proof is let through. */
  proved_until: number;
  accounts: { user_id: number; email: string; role: string; permissions: string[] }[];
  operator_permissions: string[];
};

export function whoAmIRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/welcome', async (_request, reply) => {
    const answer: WelcomeAnswer = {
      set_up: (await findSetUp(deps.db)) !== null,
      registration: deps.registration,
      mail: deps.mail,
      passkeys: relyingParty(deps.baseUrl()) !== null,
    };
    return reply.send(answer);
  });
  app.get('/session/stage', async (request, reply) => {
    const { visit } = request;
    if (visit?.stage !== 'second_factor') throw new DashboardError(401, 'signed_out', 'Sign in first.');
    return reply.send(await halfAnswer(deps.db, visit.person_id));
  });
}

/** Behind `requirePerson`. */
export function sessionRoute(app: FastifyInstance, { db }: DashboardDeps): void {
  app.get('/session', async (request, reply) => reply.send(await sessionAnswer(db, request)));
}

export async function halfAnswer(db: Db, personId: number): Promise<HalfAnswer> {
  const { totp, passkeys, recoveryCodes } = await factorsOf(db, personId);
  const factors: (Factor | false)[] = [
    totp && 'totp',
    passkeys > 0 && 'passkey',
    recoveryCodes > 0 && 'recovery_code',
  ];
  return { stage: 'second_factor', factors: factors.filter(factor => factor !== false) };
}

async function sessionAnswer(db: Db, request: FastifyRequest): Promise<SessionAnswer> {
  const { row, session, memberships } = personOf(request);
  const { totp, passkeys, recoveryCodes } = await factorsOf(db, row.id);
  return {
    stage: 'full',
    session_id: session.id,
    person: { id: row.id, email: row.email, name: row.name, language: row.language },
    second_factor: { totp, passkeys, recovery_codes: recoveryCodes },
    proved_until: session.proved_at + PROOF_LIFETIME,
    accounts: memberships.map(({ userId, email, role }) => ({
      user_id: userId,
      email,
      role,
      permissions: permissionsOf(role),
    })),
    operator_permissions: row.is_operator ? [...operatorPermissions] : [],
  };
}
