/**
 * Every route of the dashboard's API as the tests know it: who may ask, whether it takes a fresh proof, and a request that
 * is right. What the server itself has is compared with it, so that a new route cannot go unattacked.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { type Role, roles } from '../../server/src/domain/role.ts';
import { password } from './dashboard-world.ts';

/** What the numbers in a path are taken from, by the word before them: `invoices/:id` is `invoices`. */
export type Things = Record<string, number | string>;

export type Route = {
  method: string;
  path: string;
  who: 'anybody' | 'person' | 'operator' | readonly Role[];
  proof: boolean;
  body: ((things: Things) => unknown) | undefined;
  /** Names the merchant that the answer is narrowed to. */
  byMerchant: boolean;
  /** The answer to the request that is right. */
  status: number;
};

type Rest = Partial<Pick<Route, 'proof' | 'byMerchant' | 'status'>> & {
  body?: object | ((things: Things) => unknown);
};

function route(who: Route['who'], line: string, { body, ...rest }: Rest = {}): Route {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    who,
    body: typeof body === 'function' ? (body as (things: Things) => unknown) : body && (() => body),
    proof: false,
    byMerchant: false,
    status: 200,
    ...rest,
  };
}

const keepers: readonly Role[] = ['owner', 'admin'];
const builders: readonly Role[] = ['owner', 'admin', 'developer'];
const helpers: readonly Role[] = ['owner', 'admin', 'support'];
const workers: readonly Role[] = ['owner', 'admin', 'developer', 'support'];

const shop = '/users/:userId/merchants/:merchantId';
const proof = { proof: true } as const;
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const passkey = {
  response: {
    id: 'none',
    rawId: 'none',
    type: 'public-key',
    response: { clientDataJSON: 'x', authenticatorData: 'x', signature: 'x' },
  },
};
const newPasskey = {
  name: 'Key',
  response: { ...passkey.response, response: { clientDataJSON: 'x', attestationObject: 'x' } },
};
/** What is sent to add a wallet. */
export const wallet = {
  network: 'TRC-20',
  cryptocurrency: 'USDT',
  address: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
  digits: 3,
  max_tail: 999,
  commission_payer: 'merchant',
  hold_hours: 24,
  active: true,
  qr: 'address',
};
const token = 'A'.repeat(43);
const email = 'nobody@example.com';
const days = '?from=2026-01-01&to=2026-01-02';
const given = (things: Things) => ({ invoice_id: things.other });

/** In an order in which one account can answer each of them as it says. */
export const routes: readonly Route[] = [
  route('anybody', 'GET /*', { status: 404 }),
  route('anybody', 'GET /welcome'),
  route('anybody', 'GET /session/stage', { status: 401 }),
  route('anybody', 'POST /set-up', { body: { token, email, name: 'X', password }, status: 404 }),
  route('anybody', 'POST /sign-in', { body: { email, password: 'wrong' }, status: 401 }),
  route('anybody', 'POST /sign-in/code', { body: { kind: 'totp', code: '000000' }, status: 401 }),
  route('anybody', 'POST /sign-in/passkey/options'),
  route('anybody', 'POST /sign-in/passkey', { body: passkey, status: 401 }),
  route('anybody', 'POST /sign-out', { status: 204 }),
  route('anybody', 'POST /password-reset', { body: { email }, status: 202 }),
  route('anybody', 'POST /password-reset/confirm', { body: { token, password }, status: 404 }),
  route('anybody', 'POST /register', { body: { email }, status: 403 }),
  route('anybody', 'POST /invitations/look-up', { body: { token }, status: 404 }),
  route('anybody', 'POST /invitations/register', { body: { token, name: 'X', password }, status: 404 }),
  route('anybody', 'POST /email/confirm', { body: { token }, status: 404 }),

  route('person', 'GET /session'),
  route('person', 'GET /sessions'),
  route('person', 'DELETE /sessions/:id', { status: 204 }),
  route('person', 'DELETE /sessions'),
  route('person', 'GET /passkeys'),
  route('person', 'POST /passkeys/options', proof),
  route('person', 'POST /passkeys', { ...proof, body: newPasskey, status: 401 }),
  route('person', 'DELETE /passkeys/:id', { ...proof, status: 204 }),
  route('person', 'POST /totp', proof),
  route('person', 'POST /totp/confirm', { ...proof, body: { code: '000000' }, status: 401 }),
  route('person', 'DELETE /totp', { ...proof, status: 204 }),
  route('person', 'POST /recovery-codes', { ...proof, status: 409 }),
  route('person', 'POST /password', { ...proof, body: { password }, status: 204 }),
  route('person', 'PUT /profile', { body: { name: 'Somebody', language: 'de' }, status: 204 }),
  route('person', 'GET /email'),
  route('person', 'POST /email', { ...proof, body: { email }, status: 409 }),
  route('person', 'DELETE /email', { status: 204 }),
  route('person', 'GET /notices'),
  route('person', 'PUT /notices', { body: { choices: [] }, status: 204 }),
  route('person', 'POST /notices/telegram', { ...proof, status: 409 }),
  route('person', 'DELETE /notices/telegram', { status: 404 }),
  route('person', 'POST /invitations/accept', { body: { token }, status: 404 }),
  route('person', 'GET /places'),
  route('person', 'POST /address-check', { body: { network: 'TRC-20', address: wallet.address } }),
  route('person', 'POST /step-up/passkey/options'),
  route('person', 'POST /step-up/passkey', { body: passkey, status: 401 }),
  route('person', 'POST /step-up', { body: ({ code }) => ({ password, code }), status: 204 }),

  route(roles, 'GET /users/:userId/overview'),
  route(roles, 'GET /users/:userId/days'),
  route(keepers, 'GET /users/:userId/balance'),
  route(keepers, 'POST /users/:userId/top-ups', { body: { amount: '10' }, status: 201 }),
  route(roles, 'GET /users/:userId/merchants'),
  route(keepers, 'POST /users/:userId/merchants', {
    body: { name: 'New', url: 'https://new.example' },
    status: 201,
  }),
  route(roles, `GET ${shop}`),
  route(keepers, `PATCH ${shop}`, { body: { name: 'Renamed' }, status: 204 }),
  route(builders, `PATCH ${shop}`, { ...proof, body: { webhook_url: null }, status: 204 }),
  route(builders, `PATCH ${shop}`, { ...proof, body: { auth: 'private-key' }, status: 204 }),
  route(keepers, `PATCH ${shop}`, { ...proof, body: { name: 'X', opt_in_events: [] }, status: 204 }),
  route(keepers, `PUT ${shop}/logo`, { body: { logo: picture }, status: 204 }),
  route(keepers, `DELETE ${shop}/logo`, { status: 204 }),
  route(builders, `POST ${shop}/keys`, { ...proof, body: {}, status: 201 }),
  route(roles, `GET ${shop}/wallets`),
  route(keepers, `POST ${shop}/wallets`, { ...proof, body: wallet, status: 201 }),
  route(keepers, `PATCH ${shop}/wallets/:walletId`, { ...proof, body: { digits: 4 } }),
  route(roles, 'GET /users/:userId/links', { byMerchant: true }),
  route(keepers, `POST ${shop}/links`, {
    body: { amount: '1', currency: 'USD', description: 'A lamp' },
    status: 201,
  }),
  route(keepers, 'POST /users/:userId/links/:linkId/close', { status: 204 }),
  route(roles, 'GET /users/:userId/money', { byMerchant: true }),
  route(roles, 'GET /users/:userId/money/:transferId'),
  route(helpers, 'POST /users/:userId/money/:transferId/resolve', {
    body: { resolution: 'dismissed' },
    status: 204,
  }),
  route(helpers, 'POST /users/:userId/money/:transferId/accept', { body: given, status: 409 }),
  route(helpers, 'POST /users/:userId/money/:transferId/accept-part', { body: given, status: 409 }),
  route(roles, `GET /users/:userId/reports/daily${days}`, { byMerchant: true }),
  route(roles, `GET /users/:userId/reports/daily.csv${days}`, { byMerchant: true }),
  route(roles, `GET /users/:userId/reports/reconciliation${days}`, { byMerchant: true }),
  route(roles, 'GET /users/:userId/invoices', { byMerchant: true }),
  route(roles, 'GET /users/:userId/invoices/export?format=csv', { byMerchant: true }),
  route(roles, 'GET /users/:userId/invoices/:id'),
  route(roles, 'GET /users/:userId/invoices/:id/raw'),
  route(helpers, 'POST /users/:userId/invoices/:id/cancel', { status: 204 }),
  route(helpers, 'POST /users/:userId/invoices/:id/confirm', {
    body: ({ invoices }) => ({ transaction_id: String(invoices).padStart(64, 'a'), reason: 'I was told' }),
  }),
  route(roles, 'GET /users/:userId/tasks'),
  // It was confirmed above by a transaction that nobody has seen.
  route(helpers, 'POST /users/:userId/invoices/:id/resolve', { body: { note: 'Looked up' }, status: 204 }),
  route(workers, `POST ${shop}/invoices`, { body: { amount: '12.50' }, status: 201 }),
  route(roles, 'GET /users/:userId/webhooks', { byMerchant: true }),
  route(roles, 'GET /users/:userId/webhooks/:id'),
  route(roles, `GET ${shop}/endpoint`),
  route(workers, 'POST /users/:userId/webhooks/:id/resend', { status: 202 }),
  route(workers, `POST ${shop}/resend-failed`, { body: { since: 1 } }),
  route(workers, `POST ${shop}/test-event`, { body: {} }),
  route(keepers, 'GET /users/:userId/audit-log'),
  route(keepers, 'GET /users/:userId/audit-log.csv'),
  route(keepers, 'GET /users/:userId/invitations'),
  route(keepers, 'POST /users/:userId/invitations', { ...proof, body: { email, role: 'viewer' } }),
  route(keepers, 'DELETE /users/:userId/invitations/:id', { ...proof, status: 204 }),
  route(keepers, 'GET /users/:userId/team'),
  route(keepers, 'PUT /users/:userId/team/:personId', { ...proof, body: { role: 'support' }, status: 204 }),
  route(keepers, 'DELETE /users/:userId/team/:personId', { ...proof, status: 204 }),

  route('operator', 'GET /operator/accounts'),
  route('operator', 'PUT /operator/accounts/:userId', { ...proof, body: { commission: '1' }, status: 204 }),
  route('operator', 'GET /operator/networks'),
  route('operator', 'POST /operator/networks/restore', {
    ...proof,
    body: { network: 'BEP-20', provider: 'nobody' },
    status: 404,
  }),
  route('operator', 'GET /operator/currencies'),
  route('operator', 'PATCH /operator/currencies/:code', { ...proof, body: { enabled: false }, status: 204 }),
  route('operator', 'GET /operator/health'),
  route('operator', 'GET /operator/invitations'),
  route('operator', 'POST /operator/invitations', { ...proof, body: { email } }),
  route('operator', 'DELETE /operator/invitations/:id', { ...proof, status: 404 }),
  route('operator', 'GET /operator/audit-log'),
  route('operator', 'GET /operator/audit-log.csv'),
];

export const changing = routes.filter(({ method }) => method !== 'GET');
export const ofAccounts = routes.filter(({ path }) => path.startsWith('/users/:userId'));

/** The words whose numbers a path holds, in their order. */
export const nounsOf = ({ path }: Route): string[] =>
  [...path.matchAll(/([\w-]+)\/:\w+/g)].map(([, noun = '']) => noun);

export function pathFor({ path }: Route, things: Things): string {
  return path.replace(/([\w-]+)\/:\w+/g, (_, noun: string) => `${noun}/${things[noun]}`);
}

/** What every server has below `prefix` that is started while `run` runs, as `METHOD /path`; HEAD goes with GET. */
export async function registered<T>(prefix: string, run: () => Promise<T>): Promise<[T, string[]]> {
  const found = new Set<string>();
  const listen = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat())
        if (one !== 'HEAD' && url.startsWith(prefix)) found.add(`${one} ${url.slice(prefix.length)}`);
    });
  };
  subscribe('fastify.initialization', listen);
  try {
    return [await run(), [...found].toSorted()];
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
}
