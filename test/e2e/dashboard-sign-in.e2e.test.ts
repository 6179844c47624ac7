import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import {
  type Browser,
  type Dashboard,
  openDashboard,
  password,
  setUpToken,
  signedIn,
  somebody,
} from './dashboard-world.ts';
import { TOTP_STEP, totpCode } from './totp-code.ts';

let ground: Ground;
let dashboard: Dashboard;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

const MINUTE = 60_000;
const counted = async (table: 'people' | 'sessions') =>
  Number(
    (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(ground.db)).rows[0]?.n,
  );

/** The code an authenticator app shows at this server's time, so many steps ahead. */
const code = (secret: string, steps = 0): string =>
  totpCode(secret, dashboard.deps.clock.now() + steps * TOTP_STEP);

async function withTotp(browser: Browser) {
  const { secret } = (await browser.post('/totp')).body;
  const confirmed = await browser.post('/totp/confirm', { code: code(secret) });
  expect(confirmed.status).toBe(200);
  return { secret: secret as string, codes: confirmed.body.recovery_codes as string[] };
}

describe('the set-up link', () => {
  test('makes one person of twenty claims at the same moment, and is gone afterwards', async () => {
    const token = await setUpToken(dashboard.deps);
    expect((await dashboard.browser().get('/welcome')).body).toMatchObject({
      set_up: true,
      registration: 'invitation',
    });
    const wrong = await dashboard.browser().post('/set-up', {
      token: 'A'.repeat(43),
      email: 'thief@example.com',
      name: 'Thief',
      password,
    });
    expect(wrong.status).toBe(404);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        dashboard
          .browser()
          .post('/set-up', { token, email: `first${n}@example.com`, name: 'First', password }),
      ),
    );
    expect(claims.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(claims.map(({ status }) => status))).toEqual(new Set([200, 404]));
    expect(await counted('people')).toBe(1);
    const late = await dashboard
      .browser()
      .post('/set-up', { token, email: 'late@example.com', name: 'Late', password });
    expect(late.status).toBe(404);
    expect((await dashboard.browser().get('/welcome')).body).toMatchObject({ set_up: false });
  });

  test('makes the first person an operator and an owner', async () => {
    const { rows } = await sql<{ is_operator: boolean; role: string }>`
      select p.is_operator, m.role from people p join memberships m on m.person_id = p.id`.execute(ground.db);
    expect(rows).toEqual([{ is_operator: true, role: 'owner' }]);
  });
});

describe('a session', () => {
  test('says who is there, what they may do, and in cookies no script reads', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const browser = dashboard.browser();
    const { headers } = await browser.post('/sign-in', { email, password });
    const lines = headers.getSetCookie();
    expect(lines.map(line => line.split('=')[0])).toEqual(['__Host-session', '__Host-device']);
    for (const line of lines) expect(line).toMatch(/Path=\/; HttpOnly; Secure; SameSite=Lax/);
    expect(headers.get('cache-control')).toBe('no-store');
    const { body } = await browser.get('/session');
    expect(body).toMatchObject({ stage: 'full', person: { email }, operator_permissions: [] });
    expect(body.accounts).toMatchObject([{ user_id: userId, role: 'owner' }]);
    expect(body.accounts[0].permissions).toContain('keys.rotate');
  });

  test('is a new one after sign-in: the cookie from before is worth nothing', async () => {
    const { email } = await somebody(dashboard.deps);
    const browser = await signedIn(dashboard, email);
    const before = dashboard.browser();
    for (const [name, value] of browser.cookies) before.cookies.set(name, value);
    await browser.post('/sign-in', { email, password });
    expect((await browser.get('/session')).status).toBe(200);
    expect((await before.get('/session')).status).toBe(401);
    before.cookies.set('__Host-session', 'x'.repeat(43));
    expect((await before.get('/session')).status).toBe(401);
  });

  test('is another one after a fresh proof', async () => {
    const { email } = await somebody(dashboard.deps);
    const browser = await signedIn(dashboard, email);
    const old = dashboard.browser();
    for (const [name, value] of browser.cookies) old.cookies.set(name, value);
    expect((await browser.post('/step-up', { password })).status).toBe(204);
    expect((await browser.get('/session')).status).toBe(200);
    expect((await old.get('/session')).status).toBe(401);
  });

  test('ends when it is revoked, at sign-out, when idle and at its end', async () => {
    const { email } = await somebody(dashboard.deps);
    const [one, two, three] = [
      await signedIn(dashboard, email),
      await signedIn(dashboard, email),
      await signedIn(dashboard, email),
    ];
    const listed = (await one.get('/sessions')).body.sessions;
    expect(listed).toHaveLength(3);
    const own = (await two.get('/session')).body.session_id;
    expect((await one.ask('DELETE', `/sessions/${own}`)).status).toBe(204);
    expect((await two.get('/session')).status).toBe(401);
    expect((await one.ask('DELETE', '/sessions')).body).toEqual({ ended: 1 });
    expect((await three.get('/session')).status).toBe(401);
    const kept = dashboard.browser();
    for (const [name, value] of one.cookies) kept.cookies.set(name, value);
    expect((await one.post('/sign-out')).status).toBe(204);
    expect((await kept.get('/session')).status).toBe(401);
    const idle = await signedIn(dashboard, email);
    dashboard.pass(12 * 60 * MINUTE + 1);
    expect((await idle.get('/session')).status).toBe(401);
  });

  test('that has lain idle too long is in no list', async () => {
    const { email } = await somebody(dashboard.deps);
    const [kept] = [await signedIn(dashboard, email), await signedIn(dashboard, email)];
    dashboard.pass(7 * 60 * MINUTE);
    expect((await kept.get('/sessions')).body.sessions).toHaveLength(2);
    dashboard.pass(7 * 60 * MINUTE);
    expect((await kept.get('/sessions')).body.sessions).toHaveLength(1);
  });

  test('is over after thirty days, however often it is used', async () => {
    const { email } = await somebody(dashboard.deps);
    const browser = await signedIn(dashboard, email);
    for (let half = 0; half < 65; half++) {
      dashboard.pass(11 * 60 * MINUTE);
      expect((await browser.get('/session')).status).toBe(200);
    }
    dashboard.pass(6 * 60 * MINUTE);
    expect((await browser.get('/session')).status).toBe(401);
  });

  test('of somebody else cannot be revoked', async () => {
    const [a, b] = [await somebody(dashboard.deps), await somebody(dashboard.deps)];
    const [own, other] = [await signedIn(dashboard, a.email), await signedIn(dashboard, b.email)];
    const id = (await own.get('/session')).body.session_id;
    expect((await other.ask('DELETE', `/sessions/${id}`)).status).toBe(404);
    expect((await own.get('/session')).status).toBe(200);
  });
});

describe('wrong passwords', () => {
  test('end after ten for half an hour, but not for a browser that has signed in before', async () => {
    const { email } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const thieves = Array.from({ length: 12 }, () => dashboard.browser());
    const answers = await Promise.all(
      thieves.map(thief => thief.post('/sign-in', { email, password: 'wrong' })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(2);
    const wait = Number(refused[0]?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(1700);
    expect(wait).toBeLessThanOrEqual(1800);
    // Even the right one is not judged for a stranger; the owner's own browser gets in.
    expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(429);
    await owner.post('/sign-out');
    expect((await owner.post('/sign-in', { email, password })).status).toBe(200);
    dashboard.pass(30 * MINUTE + 1000);
    // All of the tries are forgotten, and not one a half hour given.
    for (let n = 0; n < 2; n++)
      expect((await dashboard.browser().post('/sign-in', { email, password: 'wrong' })).status).toBe(401);
    expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(200);
  });

  test('count for a known browser too, and its cookie helps with no other address', async () => {
    const [a, b] = [await somebody(dashboard.deps), await somebody(dashboard.deps)];
    const thief = await signedIn(dashboard, a.email);
    const email = b.email;
    for (let n = 0; n < 10; n++) await thief.post('/sign-in', { email, password: 'wrong' });
    expect((await thief.post('/sign-in', { email, password: 'wrong' })).status).toBe(429);
    expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(429);
    for (let n = 0; n < 10; n++) await thief.post('/sign-in', { email: a.email, password: 'wrong' });
    expect((await thief.post('/sign-in', { email: a.email, password })).status).toBe(429);
  });

  test('count for a fresh proof as well', async () => {
    const { email } = await somebody(dashboard.deps);
    const browser = await signedIn(dashboard, email);
    for (let n = 0; n < 10; n++)
      expect((await browser.post('/step-up', { password: 'wrong' })).status).toBe(401);
    expect((await browser.post('/step-up', { password })).status).toBe(429);
  });

  test('tell nothing of whether there is such a person', async () => {
    const { email } = await somebody(dashboard.deps);
    const compared = async (path: string, bodies: [unknown, unknown]) => {
      const [known, unknown] = await Promise.all(bodies.map(body => dashboard.browser().post(path, body)));
      const shown = ({ headers }: { headers: Headers }) => [...headers].filter(([name]) => name !== 'date');
      expect(known?.status).toBe(unknown?.status);
      expect(known?.text).toBe(unknown?.text);
      expect(shown(known!)).toEqual(shown(unknown!));
      return known?.status;
    };
    const nobody = 'nobody.at.all@example.com';
    expect(
      await compared('/sign-in', [
        { email, password: 'wrong' },
        { email: nobody, password: 'wrong' },
      ]),
    ).toBe(401);
    expect(await compared('/password-reset', [{ email }, { email: nobody }])).toBe(202);
    for (let n = 0; n < 9; n++) {
      await dashboard.browser().post('/sign-in', { email: nobody, password: 'wrong' });
    }
    expect((await dashboard.browser().post('/sign-in', { email: nobody, password: 'wrong' })).status).toBe(
      429,
    );
  });
});

describe('an authenticator app', () => {
  test('is asked for after the password, and takes each code once', async () => {
    const { email } = await somebody(dashboard.deps);
    const { secret } = await withTotp(await signedIn(dashboard, email));
    const browser = dashboard.browser();
    const half = await browser.post('/sign-in', { email, password });
    expect(half.body).toEqual({ stage: 'second_factor', factors: ['totp', 'recovery_code'] });
    expect((await browser.get('/session')).status).toBe(401);
    expect(browser.cookies.has('__Host-device')).toBe(false);
    // The code that confirmed it was used.
    expect((await browser.post('/sign-in/code', { kind: 'totp', code: code(secret) })).status).toBe(401);
    const next = code(secret, 1);
    const other = dashboard.browser();
    await other.post('/sign-in', { email, password });
    const both = await Promise.all(
      [browser, other].map(one => one.post('/sign-in/code', { kind: 'totp', code: next })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    dashboard.pass(90_000);
    const third = dashboard.browser();
    await third.post('/sign-in', { email, password });
    expect((await third.post('/sign-in/code', { kind: 'totp', code: next })).status).toBe(401);
    expect((await third.post('/sign-in/code', { kind: 'totp', code: code(secret) })).status).toBe(200);
    dashboard.pass(5 * MINUTE);
    const fourth = dashboard.browser();
    await fourth.post('/sign-in', { email, password });
    expect((await fourth.post('/sign-in/code', { kind: 'totp', code: code(secret, -2) })).status).toBe(401);
  });

  test('leaves a password that was right ten minutes to wait, in no list, for one session', async () => {
    const { email } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const { secret, codes } = await withTotp(owner);
    const [late, half] = [dashboard.browser(), dashboard.browser()];
    await late.post('/sign-in', { email, password });
    expect((await owner.get('/sessions')).body.sessions).toHaveLength(1);
    dashboard.pass(10 * MINUTE);
    expect((await late.post('/sign-in/code', { kind: 'totp', code: code(secret) })).body.error.code).toBe(
      'signed_out',
    );
    await half.post('/sign-in', { email, password });
    const sent = codes
      .slice(0, 5)
      .map(recovery => half.post('/sign-in/code', { kind: 'recovery_code', code: recovery }));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.filter(status => status === 200)).toHaveLength(1);
    expect((await owner.get('/sessions')).body.sessions).toHaveLength(2);
  });

  test('has ten recovery codes for when it is lost, each good once, however they are written', async () => {
    const { email } = await somebody(dashboard.deps);
    const { codes } = await withTotp(await signedIn(dashboard, email));
    expect(new Set(codes).size).toBe(10);
    for (const [kept, expected] of [
      [codes[0]?.toUpperCase().replaceAll('-', ' '), 200],
      [codes[0], 401],
      ['aaaa-aaaa-aaaa-aaaa', 401],
    ] as const) {
      const browser = dashboard.browser();
      await browser.post('/sign-in', { email, password });
      expect((await browser.post('/sign-in/code', { kind: 'recovery_code', code: kept })).status).toBe(
        expected,
      );
    }
  });

  test('takes ten wrong codes, then none for half an hour', async () => {
    const { email } = await somebody(dashboard.deps);
    const { codes } = await withTotp(await signedIn(dashboard, email));
    const browser = dashboard.browser();
    await browser.post('/sign-in', { email, password });
    const tries = await Promise.all(
      Array.from({ length: 11 }, () => browser.post('/sign-in/code', { kind: 'totp', code: '000000' })),
    );
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(1);
    const recovery = { kind: 'recovery_code', code: codes[0] };
    expect((await browser.post('/sign-in/code', recovery)).status).toBe(429);
  });

  test('is asked for a fresh proof too, and taken away only with one', async () => {
    const { email } = await somebody(dashboard.deps);
    const browser = await signedIn(dashboard, email);
    const { secret } = await withTotp(browser);
    dashboard.pass(11 * MINUTE);
    const late = await browser.ask('DELETE', '/totp');
    expect([late.status, late.body.error.code]).toEqual([403, 'step_up_required']);
    expect((await browser.post('/step-up', { password })).status).toBe(401);
    expect((await browser.post('/step-up', { password: 'wrong', code: code(secret) })).status).toBe(401);
    expect((await browser.post('/step-up', { password, code: code(secret) })).status).toBe(204);
    expect((await browser.ask('DELETE', '/totp')).status).toBe(204);
    expect((await browser.get('/session')).body.second_factor).toEqual({
      totp: false,
      passkeys: 0,
      recovery_codes: 0,
    });
  });
});
