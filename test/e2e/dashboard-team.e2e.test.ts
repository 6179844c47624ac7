import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../server/src/domain/role.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import {
  type Browser,
  type Dashboard,
  member,
  openDashboard,
  password,
  signedIn,
  somebody,
} from './dashboard-world.ts';

let ground: Ground;
let dashboard: Dashboard;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
  // The first person is the operator; the others here are not.
  await somebody(dashboard.deps);
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

async function joined(userId: number, role: Role) {
  const person = await member(dashboard.deps, userId, role);
  return { ...person, browser: await signedIn(dashboard, person.email) };
}

const linkToken = (link: string) => link.split('#')[1] ?? '';

async function team(browser: Browser, userId: number) {
  const { members } = (await browser.get(`/users/${userId}/team`)).body;
  return Object.fromEntries(
    members.map((one: { person_id: number; role: string }) => [one.person_id, one.role]),
  );
}

describe('an invitation', () => {
  test('brings in a new person, once, as what they were invited', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const asked = { email: 'new.one@example.com', role: 'developer' };
    const { link } = (await owner.post(`/users/${userId}/invitations`, asked)).body;
    expect(link).toMatch(/^https:\/\/pay\.example\/dashboard\/invitation#[\w-]{43}$/);
    const token = linkToken(link);
    const guest = dashboard.browser();
    expect((await guest.post('/invitations/look-up', { token })).body).toEqual({ ...asked, account: email });
    const weak = await guest.post('/invitations/register', { token, name: 'New', password: 'password123' });
    expect([weak.status, weak.body.error.fields]).toEqual([
      400,
      { password: ['is one of those tried first; choose another one'] },
    ]);
    const twice = await Promise.all(
      [guest, dashboard.browser()].map(one =>
        one.post('/invitations/register', { token, name: 'New', password }),
      ),
    );
    expect(twice.filter(({ status }) => status === 200)).toHaveLength(1);
    const inside = await signedIn(dashboard, asked.email);
    const session = (await inside.get('/session')).body;
    expect(session.accounts).toMatchObject([{ user_id: userId, role: 'developer' }]);
    expect((await inside.get(`/users/${userId}/team`)).status).toBe(403);
  });

  test('of somebody who is here already is accepted signed in, by nobody else', async () => {
    const [one, two, three] = [
      await somebody(dashboard.deps),
      await somebody(dashboard.deps),
      await somebody(dashboard.deps),
    ];
    const owner = await signedIn(dashboard, one.email);
    const asked = { email: two.email.toUpperCase(), role: 'viewer' };
    const token = linkToken((await owner.post(`/users/${one.userId}/invitations`, asked)).body.link);
    const anonymous = await dashboard.browser().post('/invitations/register', { token, name: 'X', password });
    expect(anonymous.body.error.code).toBe('sign_in_first');
    const stranger = await signedIn(dashboard, three.email);
    expect((await stranger.post('/invitations/accept', { token })).body.error.code).toBe('for_somebody_else');
    const invited = await signedIn(dashboard, two.email);
    expect((await invited.post('/invitations/accept', { token })).body).toEqual({ user_id: one.userId });
    expect((await invited.post('/invitations/accept', { token })).body.error.code).toBe('link_over');
  });

  test('can be taken back, and ends after a week', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const add = async (to: string) =>
      (await owner.post(`/users/${userId}/invitations`, { email: to, role: 'viewer' })).body;
    const [one, two] = [await add('a@example.com'), await add('b@example.com')];
    expect((await owner.ask('DELETE', `/users/${userId}/invitations/${one.id}`)).status).toBe(204);
    const look = (link: string) =>
      dashboard.browser().post('/invitations/look-up', { token: linkToken(link) });
    expect((await look(one.link)).status).toBe(404);
    expect((await look(two.link)).status).toBe(200);
    dashboard.pass(7 * 24 * 3_600_000 + 1000);
    expect((await look(two.link)).status).toBe(404);
  });

  test('is one at most for an address: the next takes its place, and its link ends', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const add = async (to: string, role: Role) =>
      (await owner.post(`/users/${userId}/invitations`, { email: to, role })).body;
    const first = await add('again@example.com', 'admin');
    const other = await add('other@example.com', 'viewer');
    const second = await add('Again@example.com', 'viewer');
    const { invitations } = (await owner.get(`/users/${userId}/invitations`)).body;
    expect(invitations.map(({ id, role }: { id: number; role: string }) => [id, role])).toEqual([
      [other.id, 'viewer'],
      [second.id, 'viewer'],
    ]);
    const token = linkToken(first.link);
    expect((await dashboard.browser().post('/invitations/look-up', { token })).status).toBe(404);
    const log = (await owner.get(`/users/${userId}/audit-log`)).body.entries;
    expect(log[0]).toMatchObject({ before: { role: 'admin' }, after: { role: 'viewer' } });
  });

  test('goes by letter three times an hour to one address, whoever asks, and thirty times from one person', async () => {
    const posting = await openDashboard(ground, { mail: true });
    try {
      const [one, two] = [await somebody(posting.deps), await somebody(posting.deps)];
      const send = async ({ email, userId }: typeof one) => {
        const browser = await signedIn(posting, email);
        return async (to: string) => {
          const path = `/users/${userId}/invitations`;
          const { status, body, headers } = await browser.post(path, { email: to, role: 'viewer' });
          if (status === 200) await browser.ask('DELETE', `${path}/${body.id}`);
          return [status, headers.get('retry-after') !== null];
        };
      };
      const [first, second] = [await send(one), await send(two)];
      expect(await first('victim@example.com')).toEqual([200, false]);
      expect(await second('Victim@example.com')).toEqual([200, false]);
      expect(await first('victim@example.com')).toEqual([200, false]);
      expect(await first('victim@example.com')).toEqual([429, true]);
      expect(await second('victim@example.com')).toEqual([429, true]);
      for (let n = 4; n <= 30; n++) expect(await first(`guest${n}@example.com`)).toEqual([200, false]);
      expect(await first('one.more@example.com')).toEqual([429, true]);
      expect(await second('one.more@example.com')).toEqual([200, false]);
      posting.pass(3_600_000);
      // The session is to be proved again by then.
      expect(await (await send(one))('victim@example.com')).toEqual([200, false]);
    } finally {
      await posting.stop();
    }
  });

  test('gives an account of their own when it is from the operator, who alone may', async () => {
    const { email } = await somebody(dashboard.deps, { isOperator: true });
    const operator = await signedIn(dashboard, email);
    const { link } = (await operator.post('/operator/invitations', { email: 'own@example.com' })).body;
    const guest = dashboard.browser();
    const joined = await guest.post('/invitations/register', {
      token: linkToken(link),
      name: 'Own',
      password,
    });
    expect(joined.status).toBe(200);
    expect((await guest.get('/session')).body.accounts).toMatchObject([
      { email: 'own@example.com', role: 'owner' },
    ]);
    expect((await guest.post('/operator/invitations', { email: 'x@example.com' })).status).toBe(404);
    expect((await guest.get('/operator/audit-log')).status).toBe(404);
    expect((await operator.get('/operator/audit-log')).status).toBe(200);
  });

  test('lets no new person in where registration is off, and nobody registers where it is not open', async () => {
    const closed = await openDashboard(ground, { registration: 'off' });
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const asked = { email: 'late.guest@example.com', role: 'viewer' };
    const token = linkToken((await owner.post(`/users/${userId}/invitations`, asked)).body.link);
    const refused = await closed.browser().post('/invitations/register', { token, name: 'X', password });
    expect(refused.status).toBe(403);
    expect((await dashboard.browser().post('/register', { email: 'x@example.com' })).body.error.code).toBe(
      'registration_closed',
    );
    await closed.stop();
  });
});

describe('a team', () => {
  test('keeps its last owner, also when two owners take each other out at once', async () => {
    const { email, personId, userId } = await somebody(dashboard.deps);
    const first = await signedIn(dashboard, email);
    const at = (id: number) => `/users/${userId}/team/${id}`;
    expect((await first.ask('DELETE', at(personId))).body.error.code).toBe('last_owner');
    expect((await first.ask('PUT', at(personId), { role: 'admin' })).body.error.code).toBe('last_owner');
    const second = await joined(userId, 'owner');
    const both = await Promise.all([
      first.ask('DELETE', at(second.personId)),
      second.browser.ask('DELETE', at(personId)),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([204, 404]);
  });

  test('has admins who give every role but owner, and touch no owner', async () => {
    const { personId, userId } = await somebody(dashboard.deps);
    const [admin, viewer] = [await joined(userId, 'admin'), await joined(userId, 'viewer')];
    const put = (id: number, role: Role) => admin.browser.ask('PUT', `/users/${userId}/team/${id}`, { role });
    expect((await put(viewer.personId, 'developer')).status).toBe(204);
    expect((await put(viewer.personId, 'owner')).status).toBe(403);
    expect((await put(personId, 'viewer')).status).toBe(403);
    expect((await admin.browser.ask('DELETE', `/users/${userId}/team/${personId}`)).status).toBe(403);
    const invited = await admin.browser.post(`/users/${userId}/invitations`, {
      email: 'o@example.com',
      role: 'owner',
    });
    expect(invited.status).toBe(403);
    expect((await team(admin.browser, userId))[viewer.personId]).toBe('developer');
  });

  test('changes nothing of what its people are elsewhere', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    const viewer = await joined(userId, 'viewer');
    const roles = async () =>
      (await viewer.browser.get('/session')).body.accounts.map(({ role }: { role: Role }) => role);
    const at = `/users/${userId}/team/${viewer.personId}`;
    expect((await owner.ask('PUT', at, { role: 'developer' })).status).toBe(204);
    expect(await roles()).toEqual(['developer', 'owner']);
    expect((await owner.ask('DELETE', at)).status).toBe(204);
    expect(await roles()).toEqual(['owner']);
  });
});
