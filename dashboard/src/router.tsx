/** Which address shows which page; each page is loaded when it is first gone to. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Shell } from './layout/shell.tsx';
import { invoiceSearch, invoiceTab } from './pages/invoices/search.ts';
import { moneySearch } from './pages/money/search.ts';
import { NotFound } from './pages/not-found.tsx';
import { operatorSearchOf } from './pages/operator/operator-search.ts';
import { ConfirmEmail } from './pages/outside/confirm-email.tsx';
import { Forgot } from './pages/outside/forgot.tsx';
import { Invitation } from './pages/outside/invitation.tsx';
import { Register } from './pages/outside/register.tsx';
import { ResetPassword } from './pages/outside/reset-password.tsx';
import { SetUp } from './pages/outside/set-up.tsx';
import { SignIn } from './pages/outside/sign-in.tsx';
import type { ReportSearch } from './pages/reports/search.ts';
import { auditSearchOf } from './pages/team/audit-search.ts';
import { webhookSearch } from './pages/webhooks/search.ts';

const root = createRootRoute({ notFoundComponent: NotFound });

/** Before somebody is signed in. */
const outside = [
  createRoute({ getParentRoute: () => root, path: '/setup', component: SetUp }),
  createRoute({ getParentRoute: () => root, path: '/register', component: Register }),
  createRoute({ getParentRoute: () => root, path: '/invitation', component: Invitation }),
  createRoute({ getParentRoute: () => root, path: '/confirm-email', component: ConfirmEmail }),
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
  component: lazyRouteComponent(() => import('./pages/home/home.tsx'), 'Home'),
  validateSearch: ({ cursor }): { cursor?: number } => (typeof cursor === 'number' ? { cursor } : {}),
});
const merchants = createRoute({
  getParentRoute: () => inside,
  path: '/merchants',
  component: lazyRouteComponent(() => import('./pages/merchants/merchants.tsx'), 'Merchants'),
});
const merchant = createRoute({
  getParentRoute: () => inside,
  path: '/merchants/$merchantId',
  component: lazyRouteComponent(() => import('./pages/merchants/merchant.tsx'), 'MerchantPage'),
});
const links = createRoute({
  getParentRoute: () => inside,
  path: '/links',
  component: lazyRouteComponent(() => import('./pages/links/links.tsx'), 'Links'),
  validateSearch: ({ merchant: id }): { merchant?: number } =>
    typeof id === 'number' ? { merchant: id } : {},
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'Settings'),
});
const team = createRoute({
  getParentRoute: () => inside,
  path: '/team',
  component: lazyRouteComponent(() => import('./pages/team/team.tsx'), 'Team'),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/team/audit.tsx'), 'Audit'),
  validateSearch: auditSearchOf,
});
const operator = createRoute({
  getParentRoute: () => inside,
  path: '/operator',
  component: lazyRouteComponent(() => import('./pages/operator/operator.tsx'), 'Operator'),
  validateSearch: operatorSearchOf,
});

const money = createRoute({
  getParentRoute: () => inside,
  path: '/money',
  component: lazyRouteComponent(() => import('./pages/money/money.tsx'), 'Money'),
  validateSearch: moneySearch,
});
const reports = createRoute({
  getParentRoute: () => inside,
  path: '/reports',
  component: lazyRouteComponent(() => import('./pages/reports/reports.tsx'), 'Reports'),
  // The page fills in what the address leaves open, and takes nothing from it unread.
  validateSearch: (raw: Record<string, unknown>): Partial<ReportSearch> => raw,
});

const invoices = createRoute({
  getParentRoute: () => inside,
  path: '/invoices',
  component: lazyRouteComponent(() => import('./pages/invoices/invoices.tsx'), 'Invoices'),
  validateSearch: invoiceSearch,
});
const newInvoice = createRoute({
  getParentRoute: () => inside,
  path: '/invoices/new',
  component: lazyRouteComponent(() => import('./pages/invoices/new-invoice.tsx'), 'NewInvoice'),
});
const invoice = createRoute({
  getParentRoute: () => inside,
  path: '/invoices/$id',
  component: lazyRouteComponent(() => import('./pages/invoices/invoice.tsx'), 'Invoice'),
  validateSearch: invoiceTab,
});
const webhooks = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks/webhooks.tsx'), 'Webhooks'),
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
