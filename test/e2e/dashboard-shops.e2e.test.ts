/** From an empty account to a shop that takes payments, in a real browser: merchant, keys, wallets, links, home. */
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { openBrowser } from '../browser/browser.ts';
import { breaksNoRuleNorFrame } from '../browser/rules.ts';
import { inOrder } from '../browser/steps.ts';
import { makeInvoice, makeShop, makeWorld } from '../factories.ts';
import { type Ground, host, openGround } from '../gateway.ts';
import { type Dashboard, openDashboard, password, somebody } from './dashboard-world.ts';

const ONE = 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir';
const TWO = 'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8';
const browser = await openBrowser();

describe.skipIf(!browser)('the owner of an account', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let page: Page;
  let userId: number;
  const at = (path: string) => `http://${host}:${dashboard.port}/dashboard${path}`;

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    dashboard = await openDashboard(ground, { baseUrl: () => `http://${host}:${dashboard.port}` });
    const person = await somebody(dashboard.deps);
    userId = person.userId;
    page = await signedInPage(person.email);
  });

  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  async function signedInPage(email: string): Promise<Page> {
    const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    context.setDefaultTimeout(30_000);
    const opened = await context.newPage();
    await opened.goto(at('/sign-in'));
    const status = await opened.evaluate(
      async body => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch('./api/sign-in', { method: 'POST', headers, body: JSON.stringify(body) });
        return answer.status;
      },
      { email, password },
    );
    expect(status).toBe(200);
    return opened;
  }

  const open = async (path: string) => {
    await page.goto(at(path));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('Loading …').first().waitFor({ state: 'hidden' });
  };

  const steps = {
    'adds a merchant and keeps its keys': async () => {
      await open('/');
      await breaksNoRuleNorFrame(page, 'home-empty');
      await page.getByRole('link', { name: 'Add a merchant' }).click();
      await page.getByRole('button', { name: 'Add a merchant' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Lamps');
      await dialog.getByLabel('Website').fill('https://lamps.example');
      await dialog.getByLabel('Webhook URL').fill('http://10.0.0.1/hook');
      await dialog.getByRole('button', { name: 'Add a merchant' }).click();
      await dialog.getByLabel('Webhook URL').and(page.locator('[aria-invalid]')).waitFor();
      await dialog.getByLabel('Webhook URL').fill('');
      await dialog.getByRole('button', { name: 'Add a merchant' }).click();
      await page.getByText(/private_[\w-]{43}/).waitFor();
      await page.getByRole('button', { name: 'I have kept them' }).click();
      await page.getByRole('heading', { level: 1, name: 'Lamps' }).waitFor();
    },

    'adds a wallet whose address is checked, and a second one that waits and is stopped': async () => {
      const dialog = page.getByRole('dialog');
      const add = async (address: string) => {
        await page.getByRole('button', { name: 'Add a wallet' }).click();
        await dialog.getByLabel('Network').selectOption('TRC-20');
        await dialog.getByLabel('Address').fill(address.replace('T', 'TT'));
        await dialog.getByLabel('Address').and(page.locator('[aria-invalid]')).waitFor();
        await dialog.getByLabel('Address').fill(address);
        await dialog.getByText('This is a valid address').waitFor();
      };
      await add(ONE);
      await dialog.getByRole('button', { name: 'Add a wallet' }).click();
      await page.getByRole('cell', { name: ONE }).waitFor();
      await add(TWO);
      await dialog.getByText('after 24 hours').waitFor();
      dashboard.pass(10 * 60_000 + 1);
      await dialog.getByRole('button', { name: 'Add a wallet' }).click();
      // The proof is too old: it is asked for over the page, and the wallet is added after it.
      await page.getByRole('dialog').last().getByLabel('Password').fill(password);
      await page.keyboard.press('Enter');
      await page.getByText('Waits until').waitFor();
      await breaksNoRuleNorFrame(page, 'merchant');
      await page.getByRole('button', { name: 'Stop' }).click();
      await dialog.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Inactive').waitFor();
    },

    'changes settings, and is told what is wrong beside the field': async () => {
      const shop = page.locator('form', { has: page.getByLabel('Time to pay, in minutes') });
      await shop.getByLabel('Name').fill('Lamps and more');
      await shop.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { level: 1, name: 'Lamps and more' }).waitFor();
      await page.getByLabel('Pages that may show it in a frame').fill('https://*.example');
      const form = page.locator('form', { has: page.getByLabel('Pages that may show it in a frame') });
      await form.getByRole('button', { name: 'Save' }).click();
      await form.locator('[aria-invalid]').waitFor();
    },

    'makes a payment link and closes it': async () => {
      await open('/links');
      await page.getByRole('button', { name: 'Create a link' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('What is paid for').fill('Two bags of coffee');
      await dialog.getByLabel('Amount').fill('14.30');
      await dialog.getByRole('button', { name: 'Create a link' }).click();
      await page.getByRole('cell', { name: '14.30 USD' }).waitFor();
      await breaksNoRuleNorFrame(page, 'links');
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
      await page.getByText('Closed').waitFor();
    },

    'finds one merchant of thousands': async () => {
      await sql`
        insert into merchants (user_id, name, url, auth, payment_minutes, compat, private_key_header, webhook_secret, created_at)
        select user_id, 'Branch ' || n, url, auth, payment_minutes, compat, private_key_header, webhook_secret, created_at
          from merchants, generate_series(1, 3000) n where user_id = ${userId} order by n`.execute(ground.db);
      await open('/merchants');
      const rows = page.locator('tbody tr');
      expect(await rows.count()).toBe(100);
      await page.getByRole('button', { name: 'Show more (2901)' }).click();
      await rows.nth(199).waitFor();
      await page.getByRole('searchbox').fill('branch 2999');
      await page.getByRole('link', { name: 'Branch 2999' }).waitFor();
      expect(await rows.count()).toBe(1);
      await page.getByRole('searchbox').fill('nothing of that name');
      await page.getByText('No merchant fits.').waitFor();
      await page.getByRole('searchbox').fill('');
      await breaksNoRuleNorFrame(page, 'merchants-many');
    },

    'sees the last days at home': async () => {
      const world = { ...makeWorld(ground.db), vault: ground.vault };
      world.clock.time = dashboard.deps.clock.now();
      const { merchant } = await makeShop(world, { merchant: { userId, name: 'Tables' } });
      for (const amount of ['25', '40'])
        await makeInvoice(world, merchant, { amount, clientReferenceId: `order ${amount}` });
      await ground.db
        .updateTable('invoices')
        .set({
          status: 'paid_manually',
          transaction_id: 'a'.repeat(64),
          paid_at: new Date(world.clock.time),
          ended_at: new Date(world.clock.time),
        })
        .where('client_reference_id', '=', 'order 25')
        .execute();
      await open('/');
      await page.getByRole('img', { name: 'Paid volume by day' }).locator('canvas').waitFor();
      await page.getByText('Show as a table').click();
      await page.getByRole('cell', { name: '25.00' }).waitFor();
      await page.getByText('50%').waitFor();
      await breaksNoRuleNorFrame(page, 'home');
      await open('/merchants');
      await breaksNoRuleNorFrame(page, 'merchants');
    },
  };

  test('opens a shop that takes payments', { timeout: 240_000 }, () => inOrder(steps));
});
