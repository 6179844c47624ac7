/** The dashboard's people in a real browser: set-up, second factors, a fresh proof, invitations, and what a role may do. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { openBrowser } from '../browser/browser.ts';
import { breaksNoRule, fitsPhone } from '../browser/rules.ts';
import { inOrder } from '../browser/steps.ts';
import { strangers, watchContext } from '../browser/witness.ts';
import { type Ground, openGround } from '../gateway.ts';
import { type Dashboard, openDashboard, password, setUpToken } from './dashboard-world.ts';
import { TOTP_STEP, totpCode } from './totp-code.ts';

const MINUTE = 60_000;
const ADA = 'ada@example.com';
const browser = await openBrowser();

describe.skipIf(!browser)('the first person', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let context: BrowserContext;
  let page: Page;
  let secret = '';
  let invitation = '';

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    // Passkeys are made for a name, and on this machine that is `localhost`.
    dashboard = await openDashboard(ground, { baseUrl: () => `http://localhost:${dashboard.port}` });
    context = await newContext();
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  const at = (path: string) => `http://localhost:${dashboard.port}/dashboard${path}`;

  async function newContext(): Promise<BrowserContext> {
    const made = await browser!.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    made.setDefaultTimeout(30_000);
    // What the browser offers by itself would be taken by a virtual authenticator at once.
    await made.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable');
    return made;
  }

  const button = (name: string, of: Page = page) => of.getByRole('button', { name, exact: true });

  /** Steps ahead, so that no step of the clock is asked for twice. */
  function code(): string {
    dashboard.pass(TOTP_STEP);
    return totpCode(secret, dashboard.deps.clock.now());
  }

  async function signOut(): Promise<void> {
    await page.getByRole('button', { name: 'Your account: Ada' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(at('/sign-in'));
  }

  async function enterPassword(of: Page = page): Promise<void> {
    await of.getByLabel('E-mail address').fill(ADA);
    await of.getByLabel('Password').fill(password);
    await button('Sign in', of).click();
  }

  const pages = [
    '/settings',
    '/team',
    '/audit',
    '/operator',
    '/operator?part=accounts',
    '/operator?part=networks',
    '/operator?part=currencies',
    '/operator?part=log',
  ];
  const token = 'x'.repeat(43);
  const outside = [
    '/sign-in',
    '/forgot',
    '/register',
    '/setup',
    '/invitation',
    `/invitation#${token}`,
    '/reset-password',
    `/reset-password#${token}`,
    '/confirm-email',
    `/confirm-email#${token}`,
  ];

  async function judge(shown: Page, from: BrowserContext, path: string): Promise<void> {
    const witness = watchContext(from);
    await shown.goto(at(path), { waitUntil: 'networkidle' });
    await shown.getByRole('heading', { level: 1 }).waitFor();
    await fitsPhone(shown);
    await breaksNoRule(shown);
    expect(strangers(witness, new URL(at('/')).origin)).toEqual([]);
    // That nobody is signed in, or a link is of no use, are answers that the browser notes.
    expect(witness.complaints.filter(text => !/status of 40[14]/.test(text))).toEqual([]);
  }

  const steps = {
    'comes in by the link, whose token leaves the address at once': async () => {
      await page.goto(at(`/setup#${await setUpToken(dashboard.deps)}`));
      await page.getByLabel('E-mail address').fill(ADA);
      expect(page.url()).toBe(at('/setup'));
      await page.getByLabel('Your name').fill('Ada');
      await page.getByLabel('Password').fill('short');
      // The browser would stop it as well; what the server says must stand beside the field.
      await page.evaluate("document.querySelector('form').noValidate = true");
      await button('Create your account').click();
      await page.getByText('must have at least 10 characters').waitFor();
      await page.getByLabel('Password').fill(password);
      await button('Create your account').click();
      await page.getByRole('navigation', { name: 'Menu' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/dashboard/');
    },

    'sets up an authenticator app, keeps ten recovery codes, and signs in with a code': async () => {
      await page.goto(at('/settings'));
      await button('Set it up').click();
      secret = (await page.getByRole('dialog').locator('code').textContent())!.replace(/\s/g, '');
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      await page.getByLabel('Code that the app shows').fill(code());
      await button('Turn it on').click();
      await button('I have kept them').waitFor();
      const codes = await page.getByRole('dialog').getByRole('listitem').allTextContents();
      expect(codes).toHaveLength(10);
      await button('I have kept them').click();
      await signOut();
      await enterPassword();
      await page.getByLabel('Code of your authenticator app').fill('000000');
      await button('Sign in').click();
      await page.getByText('That is not right.').waitFor();
      await page.getByLabel('Code of your authenticator app').fill(code());
      await button('Sign in').click();
      await page.waitForURL(at('/'));
      await signOut();
      await enterPassword();
      await button('Use a recovery code').click();
      await page.getByLabel('Recovery code').fill(codes[0]!);
      await button('Sign in').click();
      await page.waitForURL(at('/'));
    },

    'adds a passkey, which is then a sign-in by itself': async () => {
      const cdp = await context.newCDPSession(page);
      await cdp.send('WebAuthn.enable');
      await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      });
      await page.goto(at('/settings'));
      await button('Add a passkey').click();
      await page.getByLabel('Name it').fill('My laptop');
      await page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByRole('cell', { name: 'My laptop', exact: true }).waitFor();
      await signOut();
      await page.goto(at('/team'));
      await button('Use a passkey').click();
      // Where one wanted to go is where one comes to.
      await page.waitForURL(at('/team'));
      await page.getByRole('heading', { name: 'Members' }).waitFor();
    },

    'is asked for a fresh proof before inviting, and the invitation then goes on by itself': async () => {
      dashboard.pass(11 * MINUTE);
      await button('Invite somebody').click();
      await page.getByLabel('E-mail address').fill('bob@example.com');
      await page.getByLabel('Role', { exact: true }).selectOption('viewer');
      await button('Invite').click();
      const proof = page.getByRole('dialog', { name: 'Is it you?' });
      await proof.getByLabel('Password').fill(password);
      await proof.getByLabel('Code of your').fill(code());
      await proof.getByRole('button', { name: 'Continue' }).click();
      invitation = (await page.getByRole('dialog').locator('code').textContent())!;
      expect(invitation).toMatch(/\/dashboard\/invitation#[\w-]{43}$/);
      await button('Close').last().click();
      await page.getByRole('cell', { name: 'bob@example.com', exact: true }).waitFor();
    },

    'a fresh proof that is not given leaves everything as it was': async () => {
      dashboard.pass(11 * MINUTE);
      await button('Take back: bob@example.com').click();
      await page.getByRole('dialog', { name: 'Is it you?' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('This was not done').waitFor();
      await page.getByRole('cell', { name: 'bob@example.com', exact: true }).waitFor();
    },

    'who is invited joins, and is offered what the role allows and no more': async () => {
      const other = await newContext();
      const bob = await other.newPage();
      await bob.goto(invitation);
      await bob.getByText(`To the team of ${ADA}, as Viewer.`).waitFor();
      expect(bob.url()).toBe(at('/invitation'));
      await bob.getByLabel('Your name').fill('Bob');
      await bob.getByLabel('Password').fill(password);
      await button('Create your account', bob).click();
      const menu = bob.getByRole('navigation', { name: 'Menu' });
      await menu.getByRole('link', { name: 'Home' }).waitFor();
      for (const name of ['Operator', 'Team', 'Audit log'])
        expect(await menu.getByRole('link', { name }).count(), name).toBe(0);
      for (const path of ['/team', '/audit', '/operator']) {
        await bob.goto(at(path));
        await bob
          .getByText(/Your role does not allow this|for operators of the installation alone/)
          .waitFor();
      }
      await other.close();
    },

    'signs in again over the page when the session is over, and what was typed stays': async () => {
      // Whatever the page asks by itself is answered before the session is gone.
      await page.goto(at('/settings'), { waitUntil: 'networkidle' });
      await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
      await ground.db.deleteFrom('sessions').execute();
      await button('Save').click();
      const again = page.getByRole('dialog', { name: 'Sign in again' });
      await again.getByLabel('Password').fill(password);
      await again.getByRole('button', { name: 'Sign in' }).click();
      await again.getByLabel('Code of your').fill(code());
      await again.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Your account: Ada Lovelace' }).waitFor();
    },

    'finds it all in the audit log, with what was before and after': async () => {
      await page.goto(at('/audit?noun=membership'));
      await page.getByRole('cell', { name: 'membership.add' }).waitFor();
      expect(await page.getByText('As written').count()).toBe(1);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download as CSV' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('audit-log.csv');
    },

    'every page fits a phone, breaks no rule of WCAG 2.2 AA, and asks nobody else': async () => {
      for (const path of pages) await judge(page, context, path);
      // A link's page shows what it is for to whoever is not signed in.
      const stranger = await newContext();
      const opened = await stranger.newPage();
      for (const path of outside) await judge(opened, stranger, path);
      await stranger.close();
    },
  };

  test(
    'comes in, proves who they are in every way, invites, and finds it in the log',
    { timeout: 400_000 },
    () => inOrder(steps),
  );
});
