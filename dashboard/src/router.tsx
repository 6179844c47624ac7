/** Which address shows which page. */
import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { Shell } from './layout/shell.tsx';
import { Home } from './pages/home/home.tsx';
import { Invoice, invoiceTab } from './pages/invoices/invoice.tsx';
import { Invoices } from './pages/invoices/invoices.tsx';
import { NewInvoice } from './pages/invoices/new-invoice.tsx';
import { invoiceSearch } from './pages/invoices/search.ts';
import { Links } from './pages/links/links.tsx';
import { MerchantPage } from './pages/merchants/merchant.tsx';
import { Merchants } from './pages/merchants/merchants.tsx';
import { Money } from './pages/money/money.tsx';
import { moneySearch } from './pages/money/search.ts';
import { NotFound } from './pages/not-found.tsx';
import { Operator } from './pages/operator/operator.tsx';
import { operatorSearchOf } from './pages/operator/operator-search.ts';
import { Forgot } from './pages/outside/forgot.tsx';
import { Invitation } from './pages/outside/invitation.tsx';
import { Register } from './pages/outside/register.tsx';
import { ResetPassword } from './pages/outside/reset-password.tsx';
import { SetUp } from './pages/outside/set-up.tsx';
import { SignIn } from './pages/outside/sign-in.tsx';
import { Reports } from './pages/reports/reports.tsx';
import type { ReportSearch } from './pages/reports/search.ts';
import { Settings } from './pages/settings/settings.tsx';
import { Audit } from './pages/team/audit.tsx';
import { auditSearchOf } from './pages/team/audit-search.ts';
import { Team } from './pages/team/team.tsx';
import { webhookSearch } from './pages/webhooks/search.ts';
import { Webhooks } from './pages/webhooks/webhooks.tsx';

const root = createRootRoute({ notFoundComponent: NotFound });

/** Before somebody is signed in. */
const outside = [
  createRoute({ getParentRoute: () => root, path: '/setup', component: SetUp }),
  createRoute({ getParentRoute: () => root, path: '/register', component: Register }),
  createRoute({ getParentRoute: () => root, path: '/invitation', component: Invitation }),
  createRoute({ getParentRoute: () => root, path: '/forgot', component: Forgot }),
  createRoute({ getParentRoute: () => root, path: '/reset-password', component: ResetPassword }),
] as const;

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: ({ next }): { next?: string } => (typeof next === 'string' ? { next } : {}),
});

/** Everything for which one must be signed in. */
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell });

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  component: Home,
  validateSearch: ({ cursor }): { cursor?: number } => (typeof cursor === 'number' ? { cursor } : {}),
});
const merchants = createRoute({ getParentRoute: () => inside, path: '/merchants', component: Merchants });
const merchant = createRoute({
  getParentRoute: () => inside,
  path: '/merchants/$merchantId',
  component: MerchantPage,
});
const links = createRoute({
  getParentRoute: () => inside,
  path: '/links',
  component: Links,
  validateSearch: ({ merchant: id }): { merchant?: number } =>
    typeof id === 'number' ? { merchant: id } : {},
});
const settings = createRoute({ getParentRoute: () => inside, path: '/settings', component: Settings });
const team = createRoute({ getParentRoute: () => inside, path: '/team', component: Team });
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  component: Audit,
  validateSearch: auditSearchOf,
});
const operator = createRoute({
  getParentRoute: () => inside,
  path: '/operator',
  component: Operator,
  validateSearch: operatorSearchOf,
});

const money = createRoute({
  getParentRoute: () => inside,
  path: '/money',
  component: Money,
  validateSearch: moneySearch,
});
const reports = createRoute({
  getParentRoute: () => inside,
  path: '/reports',
  component: Reports,
  // The page fills in what the address leaves open, and takes nothing from it unread.
  validateSearch: (raw: Record<string, unknown>): Partial<ReportSearch> => raw,
});

const invoices = createRoute({
  getParentRoute: () => inside,
  path: '/invoices',
  component: Invoices,
  validateSearch: invoiceSearch,
});
const newInvoice = createRoute({
  getParentRoute: () => inside,
  path: '/invoices/new',
  component: NewInvoice,
});
const invoice = createRoute({
  getParentRoute: () => inside,
  path: '/invoices/$id',
  component: Invoice,
  validateSearch: invoiceTab,
});
const webhooks = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks',
  component: Webhooks,
  validateSearch: webhookSearch,
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    ...outside,
    inside.addChildren([
      home,
      merchants,
      merchant,
      links,
      settings,
      team,
      audit,
      operator,
      money,
      reports,
      invoices,
      newInvoice,
      invoice,
      webhooks,
    ]),
  ]),
  basepath: new URL(document.baseURI).pathname,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
