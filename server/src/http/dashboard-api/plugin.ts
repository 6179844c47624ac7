/**
 * The API behind the dashboard, /dashboard/api: JSON for our own pages alone. Every route is registered here, by name. A
 * request passes, in this order: where it is from (403), its kind (415) and size (413), who it is from (401), and then
 * its route, which asks what that person may do (404, 403) and how fresh the proof is (403 `step_up_required`).
 */
import type { FastifyInstance } from 'fastify';
import { openAddressLimits } from './address-limits.ts';
import { auditRoutes } from './audit-log.ts';
import { balanceRoutes } from './balance.ts';
import { readCookies } from './cookies.ts';
import { createInvoiceRoute } from './create-invoice.ts';
import type { DashboardDeps } from './deps.ts';
import { confirmEmailRoute, emailRoutes } from './email.ts';
import { answerErrors } from './errors.ts';
import { addHeaders } from './headers.ts';
import { invitationRoutes, openInvitationRoutes } from './invitations.ts';
import { invoiceActRoutes } from './invoice-acts.ts';
import { invoiceDetailRoutes } from './invoice-detail.ts';
import { invoiceExportRoute } from './invoice-export.ts';
import { invoiceRoutes } from './invoices.ts';
import { linkRoutes } from './links.ts';
import { merchantKeysRoute } from './merchant-keys.ts';
import { merchantLogoRoutes } from './merchant-logo.ts';
import { merchantRoutes } from './merchants.ts';
import { moneyRoutes } from './money.ts';
import { noticeRoutes } from './notices.ts';
import { operatorAccountRoutes } from './operator-accounts.ts';
import { operatorCurrencyRoutes } from './operator-currencies.ts';
import { operatorHealthRoute } from './operator-health.ts';
import { operatorNetworkRoutes } from './operator-networks.ts';
import { overviewRoutes } from './overview.ts';
import { takeOwnRequests } from './own-requests.ts';
import { passkeyRoutes } from './passkeys.ts';
import { passwordResetRoutes, passwordRoute } from './password.ts';
import { placesRoutes } from './places.ts';
import { profileRoute } from './profile.ts';
import { reportRoutes } from './reports.ts';
import { sessionsRoutes } from './sessions.ts';
import { setUpRoute } from './set-up.ts';
import { signInRoutes } from './sign-in.ts';
import { signInPasskeyRoutes } from './sign-in-passkey.ts';
import { stepUpRoutes } from './step-up.ts';
import { taskRoutes } from './tasks.ts';
import { teamRoutes } from './team.ts';
import { totpRoutes } from './totp.ts';
import { findVisits, requirePerson } from './visit.ts';
import { walletRoutes } from './wallets.ts';
import { webhookActRoutes } from './webhook-acts.ts';
import { webhookRoutes } from './webhooks.ts';
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
  confirmEmailRoute(app, deps);
  await app.register(async scope => {
    requirePerson(scope, deps);
    sessionRoute(scope, deps);
    stepUpRoutes(scope, deps);
    sessionsRoutes(scope, deps);
    totpRoutes(scope, deps);
    passkeyRoutes(scope, deps);
    passwordRoute(scope, deps);
    profileRoute(scope, deps);
    emailRoutes(scope, deps);
    noticeRoutes(scope, deps);
    invitationRoutes(scope, deps);
    teamRoutes(scope, deps);
    auditRoutes(scope, deps);
    operatorAccountRoutes(scope, deps);
    operatorNetworkRoutes(scope, deps);
    operatorCurrencyRoutes(scope, deps);
    operatorHealthRoute(scope, deps);
    overviewRoutes(scope, deps);
    balanceRoutes(scope, deps);
    merchantRoutes(scope, deps);
    merchantLogoRoutes(scope, deps);
    merchantKeysRoute(scope, deps);
    placesRoutes(scope, deps);
    walletRoutes(scope, deps);
    linkRoutes(scope, deps);
    moneyRoutes(scope, deps);
    reportRoutes(scope, deps);
    invoiceRoutes(scope, deps);
    invoiceExportRoute(scope, deps);
    invoiceDetailRoutes(scope, deps);
    invoiceActRoutes(scope, deps);
    taskRoutes(scope, deps);
    createInvoiceRoute(scope, deps);
    webhookRoutes(scope, deps);
    webhookActRoutes(scope, deps);
  });
}
