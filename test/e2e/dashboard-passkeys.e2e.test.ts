import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import { lockWaiters } from '../lock-waiters.ts';
import { Authenticator } from './authenticator.ts';
import {
  type Browser,
  type Dashboard,
  openDashboard,
  origin,
  password,
  signedIn,
  somebody,
} from './dashboard-world.ts';
import { totpCode } from './totp-code.ts';

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

const passkey = () => new Authenticator('pay.example', origin);

async function enrol(browser: Browser, key = passkey()) {
  const options = (await browser.post('/passkeys/options')).body;
  const added = await browser.post('/passkeys', { name: 'My key', response: key.create(options) });
  expect(added.status).toBe(200);
  return { key, added: added.body };
}

/** A browser in which this person is signed in by the password and a recovery code. */
async function codeSession(email: string, code: string): Promise<Browser> {
  const browser = dashboard.browser();
  await browser.post('/sign-in', { email, password });
  expect((await browser.post('/sign-in/code', { kind: 'recovery_code', code })).status).toBe(200);
  return browser;
}

test('an authenticator app that was shown and never confirmed is no second half', async () => {
  const { email } = await somebody(dashboard.deps);
  const owner = await signedIn(dashboard, email);
  await enrol(owner);
  const { secret } = (await owner.post('/totp')).body;
  const browser = dashboard.browser();
  await browser.post('/sign-in', { email, password });
  const code = totpCode(secret, dashboard.deps.clock.now());
  expect((await browser.post('/sign-in/code', { kind: 'totp', code })).status).toBe(401);
});

test('a passkey signs in without a name and a password, and each challenge is good once', async () => {
  const { email } = await somebody(dashboard.deps);
  const { key, added } = await enrol(await signedIn(dashboard, email));
  expect(added.recovery_codes).toHaveLength(10);
  const browser = dashboard.browser();
  const options = (await browser.post('/sign-in/passkey/options')).body;
  expect(options).toMatchObject({ rpId: 'pay.example', userVerification: 'required', allowCredentials: [] });
  const response = key.get(options);
  expect((await browser.post('/sign-in/passkey', { response })).body).toEqual({ stage: 'full' });
  expect((await browser.get('/session')).body.person.email).toBe(email);
  expect((await dashboard.browser().post('/sign-in/passkey', { response })).status).toBe(401);
});

test('what it signs must be of this page, of now, verified, and by the key that is known', async () => {
  const { email } = await somebody(dashboard.deps);
  const { key } = await enrol(await signedIn(dashboard, email));
  const options = async () => (await dashboard.browser().post('/sign-in/passkey/options')).body;
  const signIn = async (response: unknown) =>
    (await dashboard.browser().post('/sign-in/passkey', { response })).status;
  expect(await signIn(key.get(await options(), { origin: 'https://evil.example' }))).toBe(401);
  expect(await signIn(key.get(await options(), { verified: false }))).toBe(401);
  expect(await signIn(key.get({ challenge: 'made-up' }))).toBe(401);
  expect(await signIn(passkey().get(await options()))).toBe(401);
  const late = await options();
  dashboard.pass(6 * 60_000);
  expect(await signIn(key.get(late))).toBe(401);
  const swapped = key.get(await options());
  swapped.response.userHandle = Buffer.alloc(32).toString('base64url');
  expect(await signIn(swapped)).toBe(401);
  expect(await signIn(key.get(await options()))).toBe(200);
});

test('it is the second half after a password, of the same person only', async () => {
  const [one, two] = [await somebody(dashboard.deps), await somebody(dashboard.deps)];
  const { key } = await enrol(await signedIn(dashboard, one.email));
  const other = await enrol(await signedIn(dashboard, two.email));
  const browser = dashboard.browser();
  const half = await browser.post('/sign-in', { email: one.email, password });
  expect(half.body).toEqual({ stage: 'second_factor', factors: ['passkey', 'recovery_code'] });
  const asked = async () => (await browser.post('/sign-in/passkey/options')).body;
  expect((await browser.post('/sign-in/passkey', { response: other.key.get(await asked()) })).status).toBe(
    401,
  );
  expect((await browser.post('/sign-in/passkey', { response: key.get(await asked()) })).status).toBe(200);
  expect((await browser.get('/session')).body.person.email).toBe(one.email);
});

test('it is a fresh proof, and going away takes one', async () => {
  const { email } = await somebody(dashboard.deps);
  const browser = await signedIn(dashboard, email);
  const { key, added } = await enrol(browser);
  dashboard.pass(11 * 60_000);
  expect((await browser.ask('DELETE', `/passkeys/${added.id}`)).body.error.code).toBe('step_up_required');
  // The password alone is not as much as signing in takes; with a recovery code it is.
  expect((await browser.post('/step-up', { password })).status).toBe(401);
  const [code] = added.recovery_codes;
  const other = await codeSession(email, code);
  expect((await other.post('/step-up', { password, code: added.recovery_codes[1] })).status).toBe(204);
  const options = (await browser.post('/step-up/passkey/options')).body;
  expect((await browser.post('/step-up/passkey', { response: key.get(options) })).status).toBe(204);
  expect((await browser.get('/passkeys')).body.passkeys).toMatchObject([{ name: 'My key' }]);
  expect((await browser.ask('DELETE', `/passkeys/${added.id}`)).status).toBe(204);
  const alone = await dashboard.browser().post('/sign-in', { email, password });
  expect(alone.body).toEqual({ stage: 'full' });
});

test('one that is taken away while it proves something proves nothing', async () => {
  const { email } = await somebody(dashboard.deps);
  const owner = await signedIn(dashboard, email);
  const { key, added } = await enrol(owner);
  const newcomer = dashboard.browser();
  const response = key.get((await newcomer.post('/sign-in/passkey/options')).body);
  const proof = key.get((await owner.post('/step-up/passkey/options')).body);
  const { db } = ground;
  const answers = await db.transaction().execute(async tx => {
    const person = tx.selectFrom('people').select('id').where('email', '=', email).forUpdate();
    const { id } = await person.executeTakeFirstOrThrow();
    await tx.deleteFrom('passkeys').where('person_id', '=', id).where('id', '=', added.id).execute();
    const asked = [
      newcomer.post('/sign-in/passkey', { response }),
      owner.post('/step-up/passkey', { response: proof }),
    ];
    await expect.poll(() => lockWaiters(db), { timeout: 45_000 }).toBe(2);
    return asked;
  });
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401]);
});

test('a challenge of one session is worth nothing in another', async () => {
  const [one, two] = [await somebody(dashboard.deps), await somebody(dashboard.deps)];
  const [mine, theirs] = [await signedIn(dashboard, one.email), await signedIn(dashboard, two.email)];
  const options = (await theirs.post('/passkeys/options')).body;
  const response = passkey().create(options);
  expect((await mine.post('/passkeys', { name: 'Stolen', response })).status).toBe(401);
});
