/** What is tried against every route of the dashboard's API at once: none can be forgotten, since the server names them. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameTopUpMerchant } from '../../server/src/commands/top-up.ts';
import { roles } from '../../server/src/domain/role.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { makeShop, makeWorld, type World } from '../factories.ts';
import { type Ground, openGround } from '../gateway.ts';
import {
  changing,
  nounsOf,
  ofAccounts,
  pathFor,
  type Route,
  registered,
  routes,
  type Things,
} from './dashboard-routes.ts';
import { type Account, furnished } from './dashboard-things.ts';
import {
  type Answer,
  type Browser,
  type Dashboard,
  member,
  openDashboard,
  password,
  signedIn,
  somebody,
} from './dashboard-world.ts';
import { TOTP_STEP, totpCode } from './totp-code.ts';

/** Ids that nothing has, of the same form. */
const ABSENT = 999_999_999_999;
const ABSENT_LINK = '00000000-0000-4000-8000-000000000000';
const MINUTE = 60_000;

let ground: Ground;
let dashboard: Dashboard;
let found: string[];
let world: World;
let victim: Account;
let attacker: Account;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  [dashboard, found] = await registered('/dashboard/api', () => openDashboard(ground));
  world = { ...makeWorld(ground.db), vault: ground.vault };
  world.clock.time = ground.clock.now();
  victim = await furnished(world, dashboard);
  attacker = await furnished(world, dashboard);
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

/** The whole database but for when somebody was last seen, as one text. */
async function everything(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`.execute(ground.db);
  const parts = tables.map(
    ({
      name,
    }) => sql`select ${name}::text as name, md5(coalesce(string_agg(line, '' order by line), '')) as rows
      from (select (to_jsonb(t) - 'seen_at')::text as line from ${sql.table(name)} t) lines`,
  );
  const { rows } = await sql<Record<string, string>>`${sql.join(parts, sql` union all `)}`.execute(ground.db);
  return rows
    .map(row => Object.values(row).join(' '))
    .toSorted()
    .join('\n');
}

async function changesNothing(act: () => Promise<unknown>): Promise<void> {
  const before = await everything();
  await act();
  expect(await everything()).toBe(before);
}

/** What leaves nothing behind is tried on all of them at once. */
const onEach = (list: readonly Route[], act: (route: Route) => Promise<void>) => Promise.all(list.map(act));

const lineOf = ({ method, path }: Route) => `${method} ${path}`;

function ask(browser: Browser, route: Route, things: Things, headers: Record<string, string> = {}) {
  const body = route.body?.(things) ?? (['POST', 'PUT', 'PATCH'].includes(route.method) ? {} : undefined);
  return browser.ask(route.method, pathFor(route, things), body, headers);
}

/** How an answer looks to whoever gets it. */
const shown = ({ status, text, headers }: Answer) => [
  status,
  text,
  Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
];

function isPrivate(line: string, { headers }: Answer): void {
  expect([line, headers.get('cache-control')]).toEqual([line, 'no-store']);
  expect([line, headers.get('content-security-policy')]).toEqual([
    line,
    "default-src 'none'; frame-ancestors 'none'",
  ]);
  expect([line, headers.get('x-content-type-options')]).toEqual([line, 'nosniff']);
  expect([line, headers.get('x-frame-options')]).toEqual([line, 'DENY']);
}

test('every route that the server has stands in the table here, and no other', () => {
  const known = new Set(routes.map(route => lineOf(route).replace(/\?.*/, '')));
  expect([...known].toSorted()).toEqual(found);
});

test('who is not signed in, or only half, is let into nothing but what is for everybody', async () => {
  const { email } = await somebody(dashboard.deps);
  const whole = await signedIn(dashboard, email);
  const { secret } = (await whole.post('/totp')).body;
  const code = totpCode(secret, dashboard.deps.clock.now() + TOTP_STEP);
  expect((await whole.post('/totp/confirm', { code })).status).toBe(200);
  const half = dashboard.browser();
  expect((await half.post('/sign-in', { email, password })).body.stage).toBe('second_factor');
  const forged = dashboard.browser();
  forged.cookies.set('__Host-session', 'x'.repeat(43));
  const closed = routes.filter(({ who }) => who !== 'anybody');
  await changesNothing(() =>
    onEach(closed, async route => {
      for (const browser of [dashboard.browser(), half, forged]) {
        const answer = await ask(browser, route, victim.things);
        const { status, body } = answer;
        expect([lineOf(route), status, body.error.code]).toEqual([lineOf(route), 401, 'signed_out']);
        isPrivate(lineOf(route), answer);
      }
    }),
  );
});

describe('a request that changes something', () => {
  test.each([
    ['its origin', { origin: 'https://evil.example' }],
    ['an origin that begins as ours', { origin: 'https://pay.example.evil.example' }],
    ['an origin that is none', { origin: 'null' }],
    ['the word of the browser', { 'sec-fetch-site': 'cross-site' }],
    ['the word of the browser for a sibling', { 'sec-fetch-site': 'same-site' }],
    ['no word of where it is from', { origin: '' }],
  ])('is refused by %s on every route', async (_by, headers) => {
    await changesNothing(() =>
      onEach(changing, async route => {
        const { status, body } = await ask(victim.browser, route, victim.things, headers);
        expect([lineOf(route), status, body.error.code]).toEqual([lineOf(route), 403, 'foreign_request']);
      }),
    );
  });

  test('is refused on every route as a form, as text, too large, or with a prototype in it', async () => {
    const types = ['application/x-www-form-urlencoded', 'text/plain'];
    const deep = `${'['.repeat(15_000)}${']'.repeat(15_000)}`;
    const withBody = changing.filter(({ method }) => method !== 'DELETE');
    await changesNothing(() =>
      onEach(withBody, async route => {
        const path = pathFor(route, victim.things);
        const send = async (body: string, headers = {}) =>
          (await victim.browser.ask(route.method, path, body, headers)).status;
        const most = path.endsWith('/logo') ? 1_500_000 : 33_000;
        const answers = [
          ...(await Promise.all(types.map(type => send('{}', { 'content-type': type })))),
          await send(JSON.stringify({ x: 'x'.repeat(most) })),
          await send('{"__proto__":{"is_operator":true}}'),
          await send('{"a":{"constructor":{"prototype":{}}}}'),
          await send('{'),
        ];
        expect([lineOf(route), ...answers]).toEqual([lineOf(route), 415, 415, 413, 400, 400, 400]);
        if (route.body) expect([lineOf(route), await send(deep)]).toEqual([lineOf(route), 400]);
      }),
    );
  });
});

describe('ids', () => {
  const isMine = ({ path }: Route) => path.startsWith('/users/') || /^\/(sessions|passkeys)\/:/.test(path);
  const named = routes.filter(route => isMine(route) && nounsOf(route).length > 0);
  const absent = (noun: string) => (noun === 'links' ? ABSENT_LINK : ABSENT);

  test('of another account look exactly like ids that nothing has, on every route, wherever they stand', async () => {
    await changesNothing(() =>
      onEach(named, async route => {
        const nouns = nounsOf(route);
        for (const taken of [...nouns.map(noun => [noun]), nouns]) {
          const of = (value: (noun: string) => string | number | undefined) => ({
            ...attacker.things,
            ...Object.fromEntries(taken.map(noun => [noun, value(noun)!])),
          });
          const theirs = await ask(
            attacker.browser,
            route,
            of(noun => victim.things[noun]),
          );
          const nobodys = await ask(attacker.browser, route, of(absent));
          expect([lineOf(route), taken, theirs.status]).toEqual([lineOf(route), taken, 404]);
          expect([lineOf(route), shown(theirs)]).toEqual([lineOf(route), shown(nobodys)]);
        }
      }),
    );
  });

  test('of another account’s merchant narrow a list to what nobody has', async () => {
    for (const route of routes.filter(({ byMerchant }) => byMerchant)) {
      const path = pathFor(route, attacker.things);
      const narrowed = (id: unknown) =>
        attacker.browser.get(`${path}${path.includes('?') ? '&' : '?'}merchant=${id}`);
      const theirs = await narrowed(victim.things.merchants);
      expect([lineOf(route), shown(theirs)]).toEqual([lineOf(route), shown(await narrowed(ABSENT))]);
      expect([lineOf(route), (await narrowed(attacker.things.merchants)).status]).toEqual([
        lineOf(route),
        200,
      ]);
    }
  });

  test('of another account’s invoice are as none where a transfer is given away', async () => {
    await changesNothing(async () => {
      for (const act of ['accept', 'accept-part']) {
        const path = `/users/${attacker.userId}/money/${attacker.things.money}/${act}`;
        const theirs = await attacker.browser.post(path, { invoice_id: victim.things.other });
        expect(shown(theirs)).toEqual(shown(await attacker.browser.post(path, { invoice_id: ABSENT })));
        expect(theirs.status).toBeGreaterThanOrEqual(400);
      }
    });
  });

  test('that are no numbers name nothing', async () => {
    const hostile = ['0', '1e3', '9'.repeat(40), "1'--"];
    await changesNothing(() =>
      onEach(named, async route => {
        for (const noun of nounsOf(route))
          for (const id of hostile) {
            const { status } = await ask(attacker.browser, route, { ...attacker.things, [noun]: id });
            expect([lineOf(route), noun, id, status]).toEqual([lineOf(route), noun, id, 404]);
          }
      }),
    );
  });
});

describe('what nobody would write', () => {
  /** A body with one of its values, however deep, put in place of. */
  function* spoiled(body: unknown, by: unknown): Generator<unknown> {
    if (typeof body !== 'object' || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      yield { ...body, [name]: by };
      for (const inner of spoiled(value, by)) yield { ...body, [name]: inner };
    }
  }

  test('is no fault of the server in any field of any body', async () => {
    const { browser, things } = await furnished(world, dashboard);
    for (const route of changing.filter(({ who, body }) => body && who !== 'operator'))
      for (const word of ['\uD800', null, 1e308, [{}]])
        for (const body of spoiled(route.body!(things), word)) {
          const { status, text } = await browser.ask(route.method, pathFor(route, things), body);
          if (status >= 500) throw new Error(`${lineOf(route)} ${JSON.stringify(body)}: ${text}`);
        }
  });

  test('is no fault of the server in any parameter of a list', async () => {
    const names = 'merchant query cursor from to min max status coin network event exception email noun';
    const others = 'timezone by state reason format';
    const lists = routes.filter(({ path, byMerchant }) => byMerchant || /audit-log|balance/.test(path));
    await onEach(lists, async route => {
      for (const name of `${names} ${others}`.split(' ')) {
        const path = pathFor(route, attacker.things);
        const asked = `${path}${path.includes('?') ? '&' : '?'}${name}=%25_%5C'`;
        const { status, text } = await attacker.browser.get(asked);
        if (status >= 500) throw new Error(`${asked}: ${text}`);
      }
    });
  });

  test('is named where it is a NUL, which no text of the database can hold', async () => {
    await changesNothing(() =>
      onEach(routes, async route => {
        const path = pathFor(route, attacker.things);
        const asked = `${path}${path.includes('?') ? '&' : '?'}x=%00`;
        const said = route.method === 'GET' ? undefined : { a: [{ b: 'c\0' }] };
        const { status, body } = await attacker.browser.ask(route.method, asked, said);
        const fields = said ? { x: 1, 'a.0.b': 1 } : { x: 1 };
        expect([lineOf(route), status, Object.keys(body.error.fields)]).toEqual([
          lineOf(route),
          400,
          Object.keys(fields),
        ]);
      }),
    );
  });
});

describe('eight at the same moment', () => {
  const eight = <T>(act: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 8 }, (_, n) => act(n)));
  const eventsOf = async (invoiceId: unknown) =>
    (
      await sql`select from outbox where invoice_id = ${invoiceId} and type = 'paid_manually'`.execute(
        ground.db,
      )
    ).rows.length;

  test('give one transfer to its invoice once, and confirm an invoice by one transaction', async () => {
    const { browser, userId, things } = await furnished(world, dashboard);
    const at = `/users/${userId}`;
    const given = await eight(() =>
      browser.post(`${at}/money/${things.money}/accept`, { invoice_id: things.other }),
    );
    expect(new Set(given.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await eventsOf(things.other)).toBe(1);
    const confirmed = await eight(n => {
      const transaction_id = `${userId}${n}`.padStart(64, 'c');
      return browser.post(`${at}/invoices/${things.invoices}/confirm`, { transaction_id, reason: 'x' });
    });
    expect(confirmed.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)]);
    expect(await eventsOf(things.invoices)).toBe(1);
    const log = (await browser.get(`${at}/audit-log?noun=invoice`)).body.entries;
    const confirmations = log.filter(({ action }: { action: string }) => action === 'invoice.confirm');
    expect(confirmations).toHaveLength(1);
  });

  test('change the keys one after the other: only the last pair is not at its end', async () => {
    const { browser, userId, things } = await furnished(world, dashboard);
    const at = `/users/${userId}/merchants/${things.merchants}`;
    const made = await eight(() => browser.post(`${at}/keys`, { overlap_hours: 0 }));
    expect(new Set(made.map(({ body }) => body.public_key)).size).toBe(8);
    const { keys } = (await browser.get(at)).body;
    expect(keys.filter((key: { expires_at: number | null }) => key.expires_at === null)).toHaveLength(1);
  });

  test('come in by one invitation as one person, and by one recovery code once', async () => {
    const { browser, userId, email, things } = await furnished(world, dashboard);
    const invited = { email: `guest${userId}@example.com`, role: 'viewer' };
    const { link } = (await browser.post(`/users/${userId}/invitations`, invited)).body;
    const joining = { token: link.split('#')[1], name: 'Guest', password };
    const joined = await eight(() => dashboard.browser().post('/invitations/register', joining));
    expect(joined.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(404)]);
    const halves = await eight(async () => {
      const half = dashboard.browser();
      await half.post('/sign-in', { email, password });
      return half;
    });
    const entered = await eight(n =>
      halves[n]!.post('/sign-in/code', { kind: 'recovery_code', code: things.code }),
    );
    expect(entered.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)]);
  });
});

test('no cell of any file that a spreadsheet opens is a formula', async () => {
  const { browser, userId, things } = await furnished(world, dashboard, '=HYPERLINK("http://x")');
  const email = '+cmd@example.com';
  const shop = `/users/${userId}/merchants/${things.merchants}`;
  for (const start of ['=', '+', '-', '@', '＝', '＋', '－', '＠'])
    await browser.post(`${shop}/invoices`, {
      amount: '5',
      client_reference_id: `${start}1+1`,
      metadata: `${start}1`,
    });
  for (const start of ['\t', '\r', '\n'])
    await browser.post(`${shop}/invoices`, { amount: '5', metadata: `${start}=1+1` });
  expect((await browser.post(`/users/${userId}/invitations`, { email, role: 'viewer' })).status).toBe(200);
  const now = new Date(ground.clock.now()).toISOString().slice(0, 10);
  const files = routes.filter(({ path, who }) => path.includes('csv') && who !== 'operator');
  expect(files).toHaveLength(3);
  for (const route of files) {
    const path = pathFor(route, things).replace('2026-01-01', now).replace('2026-01-02', now);
    const { status, text } = await browser.get(path);
    expect([path, status]).toEqual([path, 200]);
    const cells = [...text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)];
    const formulas = cells
      .map(([, quoted, plain]) => quoted ?? plain ?? '')
      .filter(cell => /^[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell));
    expect([path, formulas]).toEqual([path, []]);
    if (!path.includes('audit')) expect(text).toContain("'=");
  }
});

describe('the table of roles', () => {
  beforeAll(async () => {
    const { merchant } = await makeShop(world, { merchant: { userId: victim.userId } });
    expect((await nameTopUpMerchant(ground, merchant.id)).ok).toBe(true);
  });

  test.each(roles)(
    'is what a %s meets on every route of an account, with a stale proof and a fresh one',
    async role => {
      const { userId, things } = await furnished(world, dashboard);
      const { email } = await member(dashboard.deps, userId, role);
      const browser = await signedIn(dashboard, email);
      dashboard.pass(10 * MINUTE + 1);
      const may = ({ who }: Route) => (who as readonly string[]).includes(role);
      await changesNothing(async () => {
        for (const route of ofAccounts.filter(one => one.proof || !may(one))) {
          const { status, body } = await ask(browser, route, things);
          const code = may(route) ? 'step_up_required' : 'forbidden';
          expect([lineOf(route), status, body.error.code]).toEqual([lineOf(route), 403, code]);
        }
      });
      const pass = async (asked: readonly Route[]) => {
        for (const route of asked) {
          const answer = await ask(browser, route, things);
          expect([lineOf(route), answer.status, answer.text]).toEqual([
            lineOf(route),
            route.status,
            answer.text,
          ]);
          isPrivate(lineOf(route), answer);
        }
      };
      await pass(ofAccounts.filter(one => !one.proof && may(one)));
      await browser.post('/step-up', { password });
      await pass(ofAccounts.filter(one => one.proof && may(one)));
    },
  );

  test('leaves each person what is theirs, with a proof where it says so', async () => {
    const { email, browser, things } = await furnished(world, dashboard);
    dashboard.pass(10 * MINUTE + 1);
    const own = routes.filter(({ who }) => who === 'person');
    for (const route of own.filter(({ proof }) => proof)) {
      const { body } = await ask(browser, route, things);
      expect([lineOf(route), body.error.code]).toEqual([lineOf(route), 'step_up_required']);
    }
    for (const route of [...own.filter(({ proof }) => !proof), ...own.filter(({ proof }) => proof)]) {
      const answer = await ask(browser, route, things);
      expect([lineOf(route), answer.status, answer.text]).toEqual([lineOf(route), route.status, answer.text]);
      isPrivate(lineOf(route), answer);
    }
    expect((await browser.post('/sign-in', { email, password })).status).toBe(200);
  });

  test('leaves the installation to its operator; for others its routes are none', async () => {
    const { email } = await somebody(dashboard.deps, { isOperator: true });
    const operator = await signedIn(dashboard, email);
    const things = { accounts: attacker.userId, currencies: 'EUR', invitations: ABSENT };
    const none = shown(await attacker.browser.get('/operator/nothing'));
    const ofOperator = routes.filter(({ who }) => who === 'operator');
    await changesNothing(async () => {
      for (const route of ofOperator)
        expect([lineOf(route), shown(await ask(attacker.browser, route, things))]).toEqual([
          lineOf(route),
          none,
        ]);
    });
    for (const route of ofOperator) {
      const answer = await ask(operator, route, things);
      expect([lineOf(route), answer.status]).toEqual([lineOf(route), route.status]);
      isPrivate(lineOf(route), answer);
    }
    dashboard.pass(10 * MINUTE + 1);
    await changesNothing(async () => {
      for (const route of ofOperator.filter(({ proof }) => proof)) {
        const { body } = await ask(operator, route, things);
        expect([lineOf(route), body.error.code]).toEqual([lineOf(route), 'step_up_required']);
      }
    });
  });

  test('is asked anew with each request: whoever steps down or is taken out is so at once', async () => {
    const { userId, browser: owner } = await furnished(world, dashboard);
    const { email, personId } = await member(dashboard.deps, userId, 'admin');
    const browser = await signedIn(dashboard, email);
    const asked = () => browser.get(`/users/${userId}/balance`);
    expect((await asked()).status).toBe(200);
    await owner.ask('PUT', `/users/${userId}/team/${personId}`, { role: 'viewer' });
    expect((await asked()).status).toBe(403);
    await owner.ask('DELETE', `/users/${userId}/team/${personId}`);
    expect((await asked()).status).toBe(404);
  });
});
