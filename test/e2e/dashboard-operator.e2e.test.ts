import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { saveProviders } from '../../server/src/store/providers.ts';
import { type Ground, openGround } from '../gateway.ts';
import { type Browser, type Dashboard, openDashboard, signedIn, somebody } from './dashboard-world.ts';

const MINUTE = 60_000;
let ground: Ground;
let dashboard: Dashboard;
let operator: Browser;
let owner: Browser;
let accountId: number;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
  const { email } = await somebody(dashboard.deps, { isOperator: true });
  const other = await somebody(dashboard.deps);
  accountId = other.userId;
  operator = await signedIn(dashboard, email);
  owner = await signedIn(dashboard, other.email);
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

test('accounts are found by a part of their address, and charged what the operator says', async () => {
  const { body } = await operator.get('/operator/accounts?text=PERSON2');
  expect(body.accounts).toMatchObject([
    { id: accountId, commission_percent: null, balance: '0.00', members: 1, merchants: 0 },
  ]);
  const path = `/operator/accounts/${accountId}`;
  expect((await operator.ask('PUT', path, { commission: '101' })).body.error.fields).toEqual({
    commission: ['must be less than 100'],
  });
  expect((await operator.ask('PUT', path, { commission: '1.50' })).status).toBe(204);
  const changed = await operator.get('/operator/accounts?text=person2');
  expect(changed.body.accounts[0].commission_percent).toBe('1.5');
  const log = await owner.get(`/users/${accountId}/audit-log?noun=account`);
  expect(log.body.entries).toMatchObject([
    {
      action: 'account.commission',
      before: { commission: null },
      after: { commission: '1.5' },
      intact: true,
    },
  ]);
});

test('a currency is switched and pinned, and refused what is no rate', async () => {
  const eur = async () =>
    (await operator.get('/operator/currencies')).body.currencies.find(
      ({ code }: { code: string }) => code === 'EUR',
    );
  expect(await eur()).toMatchObject({ enabled: true, pinned_rate: null, spread: '0' });
  const path = '/operator/currencies/EUR';
  const bad = await operator.ask('PATCH', path, { pinned_rate: '0', spread: '2' });
  expect(Object.keys(bad.body.error.fields)).toEqual(['pinned_rate', 'spread']);
  const change = { enabled: false, pinned_rate: '0.9', spread: '0.01' };
  expect((await operator.ask('PATCH', path, change)).status).toBe(204);
  // The book of this process is filled by its stages, which do not run here; what is set is read anew.
  expect(await eur()).toMatchObject(change);
  expect((await operator.ask('PATCH', '/operator/currencies/XXX', change)).status).toBe(400);
});

test('a provider that is left alone is asked again', async () => {
  const now = ground.clock.now();
  const row = {
    provider: 'node.example',
    state: 'quarantined',
    reason: 'it lied',
    since: now,
    until: now + MINUTE,
    strikes: 1,
    head: 5,
    latency_ms: 20,
    errors_percent: 0,
    seen_at: now,
  } as const;
  await saveProviders(ground.db, 'BEP-20', [row]);
  const stateOf = async () => {
    const { body } = await operator.get('/operator/networks');
    return body.networks.find(({ code }: { code: string }) => code === 'BEP-20').providers[0].state;
  };
  expect(await stateOf()).toBe('quarantined');
  const asked = { network: 'BEP-20', provider: 'node.example' };
  expect((await operator.post('/operator/networks/restore', asked)).status).toBe(204);
  expect(await stateOf()).toBe('ok');
  expect((await operator.post('/operator/networks/restore', { ...asked, provider: 'x' })).status).toBe(404);
});

test('health counts what waits', async () => {
  const { body } = await operator.get('/operator/health');
  expect(body).toMatchObject({
    registration: 'invitation',
    mail: false,
    database: { pending_migrations: [] },
    queues: { webhooks: { waiting: 0, oldest: null }, mails: { waiting: 0 } },
  });
});

test('the audit log is searched by who, about what and when, and goes out as CSV', async () => {
  const all = (await operator.get('/operator/audit-log')).body.entries;
  const mine = await operator.get('/operator/audit-log?noun=provider&email=PERSON1@example.com');
  expect(mine.body.entries).toMatchObject([
    { action: 'provider.restore', target: 'provider node.example of BEP-20' },
  ]);
  expect((await operator.get('/operator/audit-log?email=nobody@example.com')).body.entries).toEqual([]);
  expect((await operator.get('/operator/audit-log?to=2001-01-01')).body.entries).toEqual([]);
  expect((await operator.get('/operator/audit-log?from=2001-01-01')).body.entries).toHaveLength(all.length);
  const bad = await operator.get('/operator/audit-log?from=yesterday&noun=a%25&cursor=x');
  expect(Object.keys(bad.body.error.fields).sort()).toEqual(['cursor', 'from', 'noun']);
  const { text, headers } = await operator.get('/operator/audit-log.csv');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(text.trimEnd().split('\r\n')).toHaveLength(all.length + 1);
});
