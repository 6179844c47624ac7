/** Forms and filters in a real browser say what the server says, also when that has changed since the page was opened. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assetCodes } from '../../server/src/domain/asset.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { openBrowser } from '../browser/browser.ts';
import { makeMerchant, makeWorld } from '../factories.ts';
import { type Ground, host, openGround } from '../gateway.ts';
import { type Dashboard, openDashboard, password, somebody } from './dashboard-world.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('somebody signed in', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let page: Page;
  let lamps: number;
  let shades: number;
  const at = (path: string) => `http://${host}:${dashboard.port}/dashboard${path}`;

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    dashboard = await openDashboard(ground, { baseUrl: () => `http://${host}:${dashboard.port}` });
    const world = { ...makeWorld(ground.db), vault: ground.vault };
    const { email, userId } = await somebody(dashboard.deps);
    lamps = (await makeMerchant(world, { userId, name: 'Lamps' })).id;
    shades = (await makeMerchant(world, { userId, name: 'Shades' })).id;
    await change(shades, { late_policy: 'accept' });
    const context = await browser!.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
    await page.goto(at('/sign-in'));
    const body = JSON.stringify({ email, password });
    const status = await page.evaluate(async sent => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('./api/sign-in', { method: 'POST', headers, body: sent })).status;
    }, body);
    expect(status).toBe(200);
  });

  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  type Policy = { late_policy: 'review' | 'accept' | 'reject' };
  /** As in another tab. */
  const change = (id: number, policy: Policy) =>
    ground.db.updateTable('merchants').set(policy).where('id', '=', id).execute();
  const policyOf = (id: number) =>
    ground.db
      .selectFrom('merchants')
      .select(['late_policy', 'late_drift'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();

  const late = () => page.getByLabel('Late payments');
  const drift = () => page.getByLabel('the rate has moved');
  const chosen = (value: string) => expect.poll(() => late().inputValue(), { timeout: 30_000 }).toBe(value);
  const follow = async (name: string) => page.getByRole('main').getByRole('link', { name }).first().click();

  test('saves no choice back that another tab has changed meanwhile', async () => {
    await page.goto(at(`/merchants/${lamps}`));
    await chosen('review');
    await change(lamps, { late_policy: 'reject' });
    // What another card saves is asked for again, and with it everything else.
    await page.locator('form:has([name=page_origins])').getByRole('button', { name: 'Save' }).click();
    await chosen('reject');
    await drift().fill('3');
    const card = page.locator('form').filter({ has: late() });
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('Saved').waitFor();
    const { late_policy, late_drift } = await policyOf(lamps);
    expect([late_policy, Number(late_drift)]).toEqual(['reject', 3]);
  });

  test('sees the choices of the merchant that is shown, and not of the one before', async () => {
    await page.goto(at('/merchants'));
    await follow('Lamps');
    await chosen('reject');
    await page.goBack();
    await follow('Shades');
    await chosen('accept');
    await drift().fill('77');
    await page.evaluate('history.go(-2)');
    await page.getByRole('heading', { name: 'Lamps' }).waitFor();
    await chosen('reject');
    expect(await drift().inputValue()).toBe('3');
  });

  test('narrows the invoices to any coin that they can be in', async () => {
    await page.goto(at('/invoices?coin=TRX'));
    const coin = page.getByLabel('Coin');
    await coin.waitFor();
    expect(await coin.inputValue()).toBe('TRX');
    expect(await coin.locator('option').allTextContents()).toEqual(['Any', ...assetCodes]);
  });
});
