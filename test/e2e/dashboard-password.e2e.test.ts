import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueReset } from '../../server/src/commands/change-password.ts';
import { announceWays } from '../../server/src/flow/letter-stages.ts';
import { sendMail } from '../../server/src/flow/send-mail.ts';
import { createLogger } from '../../server/src/lib/logger.ts';
import type { Letter } from '../../server/src/lib/smtp.ts';
import { findForgedAudit } from '../../server/src/store/audit-log.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import { type Dashboard, openDashboard, origin, password, signedIn, somebody } from './dashboard-world.ts';

let ground: Ground;
let dashboard: Dashboard;
const letters: Letter[] = [];
const logged: string[] = [];
const fresh = 'another long and quiet river';

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  dashboard = await openDashboard(ground, {
    registration: 'open',
    mail: true,
    logger: pino({ level: 'trace' }, sink),
  });
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

async function post(): Promise<void> {
  const { db, clock, randomBytes } = dashboard.deps;
  const mail = {
    db,
    clock,
    randomBytes,
    logger: createLogger('silent'),
    uuid: randomUUID,
    baseUrl: origin,
    send: async (letter: Letter) => void letters.push(letter),
  };
  while ((await sendMail(mail, new AbortController().signal)) > 0);
}

const tokenTo = (to: string) =>
  /#([\w-]{43})/.exec(letters.findLast(one => one.to === to)?.text ?? '')?.[1] ?? '';

test('a letter leads to a new password, once, which ends every session and lets the owner in past strangers', async () => {
  const { email } = await somebody(dashboard.deps);
  const before = await signedIn(dashboard, email);
  await dashboard.browser().post('/password-reset', { email });
  await post();
  const token = tokenTo(email);
  const owner = dashboard.browser();
  const weak = await owner.post('/password-reset/confirm', { token, password: email });
  expect(weak.body.error.fields.password).toBeDefined();
  const both = await Promise.all(
    [owner, dashboard.browser()].map(one => one.post('/password-reset/confirm', { token, password: fresh })),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual([204, 404]);
  expect((await before.get('/session')).status).toBe(401);
  expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(401);
  const winner = both[0]?.status === 204 ? owner : null;
  for (let n = 0; n < 11; n++) await dashboard.browser().post('/sign-in', { email, password: 'wrong' });
  expect((await dashboard.browser().post('/sign-in', { email, password: fresh })).status).toBe(429);
  if (winner) expect((await winner.post('/sign-in', { email, password: fresh })).status).toBe(200);
});

test('a new password asks for a fresh proof, ends the other sessions, and a link from before is over', async () => {
  const { email } = await somebody(dashboard.deps);
  const [own, other] = [await signedIn(dashboard, email), await signedIn(dashboard, email)];
  const link = await issueReset(dashboard.deps, email);
  dashboard.pass(11 * 60_000);
  expect((await own.post('/password', { password: fresh })).body.error.code).toBe('step_up_required');
  await own.post('/step-up', { password });
  expect((await own.post('/password', { password: 'too short' })).status).toBe(400);
  expect((await own.post('/password', { password: fresh })).status).toBe(204);
  expect((await own.get('/session')).status).toBe(200);
  expect((await other.get('/session')).status).toBe(401);
  const token = link.ok ? link.value.token : '';
  expect((await dashboard.browser().post('/password-reset/confirm', { token, password })).status).toBe(404);
});

test('whoever registers proves the mailbox first, and is told nothing of who is here', async () => {
  const { email } = await somebody(dashboard.deps);
  const [known, unknown] = [
    await dashboard.browser().post('/register', { email }),
    await dashboard.browser().post('/register', { email: 'fresh@example.com', language: 'fr' }),
  ];
  expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
  await post();
  expect(letters.findLast(({ to }) => to === email)?.subject).toBe('CryptoScan: You have an account');
  const browser = dashboard.browser();
  const joined = await browser.post('/invitations/register', {
    token: tokenTo('fresh@example.com'),
    name: 'Fresh',
    password,
    language: 'fr',
  });
  expect(joined.status).toBe(200);
  expect((await browser.get('/session')).body.accounts).toMatchObject([
    { email: 'fresh@example.com', role: 'owner' },
  ]);
});

test('a mailed invitation shows its link to nobody but who gets the letter', async () => {
  const { email, userId } = await somebody(dashboard.deps);
  const owner = await signedIn(dashboard, email);
  const asked = { email: 'mailed@example.com', role: 'support' };
  const { body } = await owner.post(`/users/${userId}/invitations`, asked);
  expect(body).toEqual({ id: expect.any(Number), link: null });
  await post();
  const token = tokenTo('mailed@example.com');
  expect((await dashboard.browser().post('/invitations/look-up', { token })).status).toBe(200);
});

test('no password, token or secret is in the database or in the log, and the audit log is whole', async () => {
  const { email } = await somebody(dashboard.deps);
  const browser = await signedIn(dashboard, email);
  const { secret } = (await browser.post('/totp')).body;
  await browser.post('/sign-in', { email, password: 'wrong but secret' });
  await browser.ask('POST', '/sign-in', `{"email": "${email}", "password": "${password}`);
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
    ground.db,
  );
  const dumps = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(
        ground.db,
      );
      return rows.map(({ row }) => row).join('\n');
    }),
  );
  const everything = `${dumps.join('\n')}\n${logged.join('\n')}`;
  const tokens = letters
    .map(({ text }) => /#([\w-]{43})/.exec(text)?.[1] ?? '')
    .filter(token => token !== '');
  const secrets = [password, fresh, 'wrong but secret', secret, ...browser.cookies.values(), ...tokens];
  expect(secrets.length).toBeGreaterThan(8);
  for (const one of secrets) {
    for (const form of [one, Buffer.from(one).toString('hex'), Buffer.from(one, 'base64url').toString('hex')])
      if (form.length > 8) expect(everything).not.toContain(form);
  }
  expect(Buffer.from(secret).length).toBe(32);
  expect(await findForgedAudit(ground.db, ground.vault)).toEqual([]);
});

test('a new address is proved by its mailbox, the old one hears of it, and other sessions end', async () => {
  const { email } = await somebody(dashboard.deps);
  const [own, other] = [await signedIn(dashboard, email), await signedIn(dashboard, email)];
  const link = await issueReset(dashboard.deps, email);
  dashboard.pass(11 * 60_000);
  const to = `new-${email}`;
  expect((await own.post('/email', { email: to })).body.error.code).toBe('step_up_required');
  await own.post('/step-up', { password });
  expect((await own.post('/email', { email: 'nonsense' })).body.error.fields.email).toBeDefined();
  expect((await own.post('/email', { email: email.toUpperCase() })).body.error.fields.email).toBeDefined();
  expect((await own.post('/email', { email: to })).status).toBe(202);
  expect((await own.get('/email')).body).toEqual({ waiting: to });
  await post();
  expect(letters.findLast(one => one.to === email)?.text).toContain(to);
  expect((await own.get('/session')).body.person.email).toBe(email);
  const token = tokenTo(to);
  const anywhere = dashboard.browser();
  const both = await Promise.all([1, 2].map(() => anywhere.post('/email/confirm', { token })));
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404]);
  expect((await own.get('/session')).body.person.email).toBe(to);
  expect((await other.get('/session')).status).toBe(401);
  expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(401);
  expect((await dashboard.browser().post('/sign-in', { email: to, password })).status).toBe(200);
  const reset = { token: link.ok ? link.value.token : '', password: fresh };
  expect((await anywhere.post('/password-reset/confirm', reset)).status).toBe(404);
  await post();
  expect(letters.findLast(one => one.to === email)?.subject).toBe(
    'CryptoScan: Your e-mail address was changed',
  );
  const acts = await sql<{ action: string }>`select action from audit_log where target like 'person %'
    and action like 'email.%' order by id desc limit 2`.execute(ground.db);
  expect(acts.rows.map(({ action }) => action)).toEqual(['email.change', 'email.ask']);
});

test('who asks for the address of somebody else learns nothing, and that person is told', async () => {
  const [thief, victim] = [await somebody(dashboard.deps), await somebody(dashboard.deps)];
  const browser = await signedIn(dashboard, thief.email);
  const answers = [];
  for (const email of [victim.email, 'nobody-has-it@example.com'])
    answers.push(await browser.post('/email', { email }));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  await browser.post('/email', { email: victim.email });
  await post();
  const letter = letters.findLast(one => one.to === victim.email);
  expect(letter?.subject).toBe('CryptoScan: You have an account');
  expect(letter?.text).not.toContain('#');
});

test('a new password, or a change of mind, ends what waits to be proved', async () => {
  const { email } = await somebody(dashboard.deps);
  const browser = await signedIn(dashboard, email);
  for (const [n, ends] of [
    () => browser.post('/password', { password: fresh }),
    () => browser.ask('DELETE', '/email', {}),
  ].entries()) {
    const to = `${n}-${email}`;
    await browser.post('/email', { email: to });
    await post();
    expect((await ends()).status).toBe(204);
    expect((await browser.post('/email/confirm', { token: tokenTo(to) })).status).toBe(404);
  }
  expect((await browser.get('/email')).body).toEqual({ waiting: null });
});

test('what one hears of is chosen by oneself, and where wallets lead is heard of whatever one chooses', async () => {
  const { email } = await somebody(dashboard.deps);
  const browser = await signedIn(dashboard, email);
  await announceWays(
    { ...ground, logger: createLogger('silent') },
    { mail: async () => undefined, telegram: null },
  );
  const choices = [
    { kind: 'paid', channel: 'email', wanted: true },
    { kind: 'wallet_changed', channel: 'email', wanted: false },
  ];
  expect((await browser.ask('PUT', '/notices', { choices })).status).toBe(204);
  const { body } = await browser.get('/notices');
  expect(body).toMatchObject({ mail: true, telegram: null });
  const cells = Object.fromEntries(
    body.kinds.map((row: { kind: string; email: object }) => [row.kind, row.email]),
  );
  expect(cells).toMatchObject({
    paid: { wanted: true, is_bound: false },
    unmatched: { wanted: true, is_bound: false },
    wallet_changed: { wanted: true, is_bound: true },
  });
  expect((await browser.post('/notices/telegram')).body.error.code).toBe('telegram_unavailable');
  const strange = [{ kind: 'paid', channel: 'pigeon', wanted: true }];
  expect((await browser.ask('PUT', '/notices', { choices: strange })).status).toBe(400);
  expect((await dashboard.browser().get('/notices')).status).toBe(401);
  dashboard.pass(11 * 60_000);
  expect((await browser.post('/notices/telegram')).body.error.code).toBe('step_up_required');
});
