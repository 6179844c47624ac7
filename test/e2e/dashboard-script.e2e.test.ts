/** What others have written stands in every page of the dashboard; none of it may run, or become part of a page. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPerson } from '../../server/src/commands/create-person.ts';
import { match } from '../../server/src/flow/match.ts';
import { resend } from '../../server/src/flow/resend.ts';
import { transact } from '../../server/src/store/db.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { insertMembership } from '../../server/src/store/memberships.ts';
import { saveProviders } from '../../server/src/store/providers.ts';
import { linkChat } from '../../server/src/store/telegram.ts';
import { openBrowser } from '../browser/browser.ts';
import { makeInvoice, makeShop, makeWorld, methodOf, pay } from '../factories.ts';
import { type Ground, host, openGround } from '../gateway.ts';
import { Browser, type Dashboard, openDashboard, password, somebody } from './dashboard-world.ts';

const browser = await openBrowser();

/** Markup, the templates of frameworks, and what the catalogue of words would put another word for. */
const evil = (where: string) =>
  `${where} "><img class=planted src=x onerror=ran()><svg class=planted onload=ran()>{{constructor.constructor("ran()")()}}$t(places:team)`;
const SHORT = '"><svg class=planted onload=ran()>';

describe.skipIf(!browser)('a page of the dashboard', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let page: Page;
  const seen: string[] = [];
  const base = () => `http://${host}:${dashboard.port}`;
  const at = (path: string) => `${base()}/dashboard${path}`;
  let ids: Record<'merchant' | 'invoice' | 'delivery' | 'money', number>;
  let email: string;

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    dashboard = await openDashboard(ground, { baseUrl: base, post });
    ids = await plant();
    page = await signedInPage();
  });
  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  const post = async () => ({
    kind: 'response' as const,
    status: 500,
    headers: [['x-planted', evil('header')]] as [string, string][],
    body: evil('answer'),
    truncated: false,
  });

  /** Everything that somebody else can write, as far as it is let in. */
  async function plant() {
    const { personId, userId, email: own } = await somebody(dashboard.deps, { isOperator: true });
    email = own;
    const owner = new Browser(dashboard.port, base());
    const agent = { 'user-agent': evil('agent') };
    expect((await owner.ask('POST', '/sign-in', { email, password }, agent)).status).toBe(200);
    const said = async (method: string, path: string, body: object) => {
      const { status, body: answer, text } = await owner.ask(method, path, body);
      if (status >= 300) throw new Error(`${path}: ${text}`);
      return answer;
    };
    const world = { ...makeWorld(ground.db), vault: ground.vault };
    world.clock.time = ground.clock.now();
    const { merchant } = await makeShop(world, { merchant: { userId, name: 'Shop' } });
    const shop = `/users/${userId}/merchants/${merchant.id}`;
    await said('PATCH', shop, { name: SHORT });
    const invoice = await makeInvoice(world, merchant, {
      clientReferenceId: evil('reference'),
      metadata: evil('metadata'),
      page: { id: randomUUID(), description: SHORT, backUrl: null, cancelUrl: null, lang: null },
    });
    await said('POST', `/users/${userId}/invoices/${invoice.id}/cancel`, {});
    const [delivery] = (await owner.get(`/users/${userId}/invoices/${invoice.id}`)).body.deliveries;
    await said('POST', `/users/${userId}/webhooks/${delivery.id}/resend`, {});
    await resend({ ...ground, post, uuid: randomUUID }, new AbortController().signal);
    const confirm = { transaction_id: 'ab'.repeat(32), reason: evil('reason') };
    await said('POST', `/users/${userId}/invoices/${invoice.id}/confirm`, confirm);
    const short = await makeInvoice(world, merchant, { amount: '25', clientReferenceId: evil('order') });
    await pay(world, short, { units: methodOf(short).final.units - 1_000_000n, height: 50 });
    await match({ ...world, rateOf: () => null, coinRateOf: () => null });
    const [money] = (await owner.get(`/users/${userId}/money`)).body.transfers;
    await said('POST', `${shop}/links`, { amount: '1', currency: 'USD', description: SHORT });
    await said('PUT', '/profile', { name: SHORT, language: 'en' });
    const invited = await createPerson(dashboard.deps, {
      email: 'planted@example.com',
      name: `Member ${SHORT}`,
      password,
      language: 'en',
      isOperator: false,
      userId: null,
    });
    if (!invited.ok) throw new Error(JSON.stringify(invited.fault));
    const now = ground.clock.now();
    await transact(ground.db, async tx => {
      await insertMembership(tx, { personId: invited.value.id, userId, role: 'viewer' }, now);
      await linkChat(tx, { personId, chatId: '1', chatName: SHORT }, now);
    });
    const provider = {
      state: 'quarantined',
      reason: evil('lie'),
      strikes: 1,
      head: 5,
      latency_ms: 1,
    } as const;
    await saveProviders(ground.db, 'TRC-20', [
      { ...provider, provider: evil('node'), since: now, until: now, errors_percent: 0, seen_at: now },
    ]);
    return { merchant: merchant.id, invoice: invoice.id, delivery: delivery.id, money: money.id };
  }

  async function signedInPage(): Promise<Page> {
    const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    context.setDefaultTimeout(20_000);
    const opened = await context.newPage();
    opened.on('dialog', dialog => {
      seen.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    opened.on('console', message => {
      if (message.type() === 'error') seen.push(message.text());
    });
    opened.on('pageerror', error => seen.push(String(error)));
    await opened.exposeFunction('ran', () => seen.push('a script ran'));
    await opened.addInitScript(`addEventListener('securitypolicyviolation', event =>
      console.error('refused by the policy: ' + event.violatedDirective + ' ' + event.blockedURI))`);
    return opened;
  }

  async function signIn(query = ''): Promise<void> {
    await page.goto(at(`/sign-in${query}`));
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.waitForURL(url => !url.pathname.endsWith('/sign-in'));
  }

  /** As text, or in a field. */
  async function isShown(path: string, text: string): Promise<void> {
    const fields = `[...document.querySelectorAll('input, option')].some(({ value, text }) => (text ?? value).includes(words))`;
    const found = `(words => document.body.textContent.includes(words) || ${fields})(${JSON.stringify(text)})`;
    await vi
      .waitUntil(() => page.evaluate<boolean>(found), { timeout: 20_000 })
      .catch(() => {
        throw new Error(`${path} does not show ${text}`);
      });
  }

  test('leads after the sign-in to no other site, whoever wrote the link', async () => {
    for (const next of ['https://evil.example/', '//evil.example', '/..//evil.example', 'javascript:ran()']) {
      await signIn(`?next=${encodeURIComponent(next)}`);
      expect(page.url()).toMatch(new RegExp(`^${at('/')}`));
      await page.context().clearCookies();
    }
    expect(seen.filter(text => !text.includes('401'))).toEqual([]);
  });

  test('shows what was written as it was written', async () => {
    await signIn();
    seen.length = 0;
    const { merchant, invoice, delivery, money } = ids;
    const pages: [path: string, shown: string][] = [
      ['/', ''],
      ['/merchants', SHORT],
      [`/merchants/${merchant}`, SHORT],
      ['/links', SHORT],
      ['/invoices', evil('reference')],
      [`/invoices?query=${encodeURIComponent(SHORT)}`, SHORT],
      ['/invoices/new', SHORT],
      [`/invoices/${invoice}`, evil('reason')],
      [`/invoices/${invoice}?tab=webhooks`, ''],
      [`/invoices/${invoice}?tab=raw`, evil('metadata').replaceAll('"', '\\"')],
      ['/webhooks', ''],
      [`/webhooks?delivery=${delivery}`, evil('answer')],
      ['/money', ''],
      [`/money?transfer=${money}`, evil('order')],
      ['/reports', ''],
      ['/team', `Member ${SHORT}`],
      ['/audit', evil('reason')],
      ['/settings', SHORT],
      ['/operator?part=accounts', ''],
      ['/operator?part=networks', evil('node')],
      ['/operator?part=currencies', ''],
      ['/operator?part=log', evil('reason')],
    ];
    for (const [path, shown] of pages) {
      await page.goto(at(path));
      // An open panel takes the page behind it out of what is read.
      await page.locator('h1').waitFor();
      await page.getByText('Loading …').first().waitFor({ state: 'hidden' });
      if (shown !== '') await isShown(path, shown);
      expect([path, await page.locator('.planted, script:not([src])').count()]).toEqual([path, 0]);
    }
    expect(seen).toEqual([]);
  });
});
