/**
 * The API behind the dashboard, /dashboard/api: JSON for our own pages alone. Every route is registered here, by name. A
 * request passes, in this order: where it is from (403), its kind (415) and size (413), who it is from (401), and then
 * its route, which asks what that person may do (404, 403) and how fresh the proof is (403 `step_up_required`).
 */
import type { FastifyInstance } from 'fastify';
import { openAddressLimits } from './address-limits.ts';
import { auditRoutes } from './audit-log.ts';
import { readCookies } from './cookies.ts';
import type { DashboardDeps } from './deps.ts';
import { answerErrors } from './errors.ts';
import { addHeaders } from './headers.ts';
import { invitationRoutes, openInvitationRoutes } from './invitations.ts';
import { takeOwnRequests } from './own-requests.ts';
import { passkeyRoutes } from './passkeys.ts';
import { passwordResetRoutes, passwordRoute } from './password.ts';
import { profileRoute } from './profile.ts';
import { sessionsRoutes } from './sessions.ts';
import { setUpRoute } from './set-up.ts';
import { signInRoutes } from './sign-in.ts';
import { signInPasskeyRoutes } from './sign-in-passkey.ts';
import { stepUpRoutes } from './step-up.ts';
import { teamRoutes } from './team.ts';
import { totpRoutes } from './totp.ts';
import { findVisits, requirePerson } from './visit.ts';
import { sessionRoute, whoAmIRoutes } from './who-am-i.ts';

export type DashboardApiDeps = Omit<DashboardDeps, 'addressLimits'> & {
  /** null: addresses are not limited either. */
  limits: object | null;
};

export async function dashboardApi(app: FastifyInstance, given: DashboardApiDeps): Promise<void> {
  const deps: DashboardDeps = { ...given, addressLimits: given.limits && openAddressLimits() };
  await readCookies(app);
  addHeaders(app);
  answerErrors(app);
  takeOwnRequests(app, deps);
  findVisits(app, deps);
  whoAmIRoutes(app, deps);
  setUpRoute(app, deps);
  signInRoutes(app, deps);
  signInPasskeyRoutes(app, deps);
  passwordResetRoutes(app, deps);
  openInvitationRoutes(app, deps);
  await app.register(async scope => {
    requirePerson(scope, deps);
    sessionRoute(scope, deps);
    stepUpRoutes(scope, deps);
    sessionsRoutes(scope, deps);
    totpRoutes(scope, deps);
    passkeyRoutes(scope, deps);
    passwordRoute(scope, deps);
    profileRoute(scope, deps);
    invitationRoutes(scope, deps);
    teamRoutes(scope, deps);
    auditRoutes(scope, deps);
  });
}
