/** Money that settled nothing, and the reports, in a real browser: found, given to its invoice, and accounted for. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Invoice } from '../../server/src/domain/invoice.ts';
import { expire } from '../../server/src/flow/expire.ts';
import { match } from '../../server/src/flow/match.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { invoiceById } from '../../server/src/store/invoices.ts';
import { openBrowser } from '../browser/browser.ts';
import { breaksNoRule, fitsPhone } from '../browser/rules.ts';
import { MINUTE, makeInvoice, makeShop, makeWorld, methodOf, pay, readTo, type World } from '../factories.ts';
import { type Ground, host, openGround } from '../gateway.ts';
import { type Dashboard, openDashboard, password, somebody } from './dashboard-world.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('somebody signed in', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let page: Page;
  let world: World;
  let invoice: Invoice;
  let userId: number;
  const at = (path: string) => `http://${host}:${dashboard.port}/dashboard${path}`;

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    dashboard = await openDashboard(ground, { baseUrl: () => `http://${host}:${dashboard.port}` });
    world = { ...makeWorld(ground.db), vault: ground.vault };
    world.clock.time = ground.clock.now();
    const person = await somebody(dashboard.deps);
    userId = person.userId;
    await shortPayment();
    page = await signedInPage(person.email);
  });

  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  /** An invoice, and a transfer that is short of it by what an exchange takes. */
  async function shortPayment() {
    const { merchant } = await makeShop(world, { merchant: { userId, name: 'Lamps' } });
    invoice = await makeInvoice(world, merchant, { amount: '25', clientReferenceId: 'order 25' });
    await pay(world, invoice, { units: methodOf(invoice).final.units - 1_000_000n, height: 50 });
    await match({ ...world, rateOf: () => null, coinRateOf: () => null });
  }

  async function signedInPage(email: string): Promise<Page> {
    const context = await browser!.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    context.setDefaultTimeout(30_000);
    const opened = await context.newPage();
    await opened.goto(at('/sign-in'));
    const status = await opened.evaluate(
      async body => {
        const answer = await fetch('./api/sign-in', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return answer.status;
      },
      { email, password },
    );
    expect(status).toBe(200);
    return opened;
  }

  test('finds what came, sees what it was meant for, and marks that as paid', async () => {
    await page.goto(at('/'));
    await page.getByText('1 wait for you').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'To be decided' }).click();
    const amount = (Number(methodOf(invoice).final.units - 1_000_000n) / 1e6).toString();
    const row = waiting(amount);
    await row.waitFor();
    await breaksNoRule(page);
    await row.click();
    const panel = page.getByRole('dialog', { name: 'Transfer' });
    await panel.getByText('Short by an exchange’s usual fee').waitFor();
    await panel.getByRole('link', { name: 'order 25' }).waitFor();
    await breaksNoRule(page);
    await panel.getByRole('button', { name: 'It is for this one' }).click();
    const question = page.getByRole('dialog', { name: 'Mark order 25 as paid?' });
    await question.getByLabel('Note').fill('asked the payer');
    await breaksNoRule(page);
    await question.getByRole('button', { name: 'Mark as paid' }).click();
    await panel.getByText('Accepted').waitFor();
    expect((await invoiceById(ground.db, invoice.id))?.status).toBe('paid_manually');
    await page.keyboard.press('Escape');
    await page.getByText('Nothing waits for you').waitFor();
    expect(new URL(page.url()).searchParams.has('transfer')).toBe(false);
    await breaksNoRule(page);
  });

  test('sees it in the reports, to the cent, and takes them away as CSV', async () => {
    await page.goto(at('/reports'));
    const table = page.getByRole('table', { name: 'Day, merchant and coin' });
    await table.getByText('Lamps').waitFor();
    expect(await table.getByRole('row').count()).toBe(2);
    await breaksNoRule(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('daily-report.csv');
    const href = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
    const text = await page.evaluate(async url => (await fetch(url)).text(), href ?? '');
    expect(text.trimEnd().split('\r\n')).toEqual([
      expect.stringMatching(/^day,merchant_id,merchant,cryptocurrency,network,invoices,/),
      expect.stringMatching(/^\d{4}-\d\d-\d\d,\d+,Lamps,USDT,TRC-20,1,0,0,1,0,0,0,24\.\d+,25\.00000000,/),
    ]);
    await page.getByRole('button', { name: 'Reconciliation' }).click();
    await page.getByText('Everything is accounted for').waitFor();
    await page
      .getByRole('table', { name: 'Transfers to your wallets' })
      .getByText('Paid an invoice')
      .waitFor();
    await breaksNoRule(page);
  });

  test('counts what came as a part, and the invoice asks for the rest', async () => {
    const { merchant } = await makeShop(world, { merchant: { userId, name: 'Shades' } });
    const open = await makeInvoice(world, merchant, { amount: '40', clientReferenceId: 'order 40' });
    const units = methodOf(open).final.units - 1_000_000n;
    await pay(world, open, { units, height: 51 });
    await match({ ...world, rateOf: () => null, coinRateOf: () => null });
    await page.goto(at('/money'));
    await waiting(Number(units) / 1e6).click();
    const panel = page.getByRole('dialog', { name: 'Transfer' });
    const path = partPath();
    for (const [body, status, code] of [
      [{ invoice_id: open.id + 1_000_000 }, 404, 'not_found'],
      [{ invoice_id: invoice.id }, 409, 'invoice_not_open'],
      [{ invoice_id: 'order 40' }, 400, 'invalid'],
    ] as const)
      expect(await post(path, body)).toEqual({ status, code });
    await panel.getByRole('button', { name: 'It is a part' }).click();
    const question = page.getByRole('dialog', { name: 'Count it as a part of order 40?' });
    await breaksNoRule(page);
    await question.getByRole('button', { name: 'Count as a part' }).click();
    await panel.getByText('Accepted').waitFor();
    expect(await invoiceById(ground.db, open.id)).toMatchObject({ status: 'new', exception: 'underpaid' });
    const asked = ground.db.selectFrom('remainders').select('received').where('invoice_id', '=', open.id);
    expect(await asked.execute()).toEqual([{ received: String(units) }]);
    expect(await post(path, { invoice_id: open.id })).toEqual({ status: 409, code: 'transfer_settled' });
    expect(await findViolations(ground.db)).toEqual([]);
    const story = await page.context().newPage();
    await story.goto(at(`/invoices/${open.id}`));
    await story.getByText('The transfer counts as a part of the amount').waitFor();
    await story.getByText(/^39\.\S+ USDT had come in all: \d\.\S+ USDT was asked for the rest$/).waitFor();
    await story.getByText(/USDT is still due\)$/).waitFor();
    await story.close();
  });

  test('is led from the first page to an invoice that ended with a part, and gives that back', async () => {
    const open = (await ground.db
      .selectFrom('invoices')
      .select('id')
      .where('client_reference_id', '=', 'order 40')
      .executeTakeFirst())!;
    world.clock.time = (await invoiceById(ground.db, open.id))!.expireAt + 3 * MINUTE;
    await readTo(world, 'TRC-20', { height: 110 });
    expect(await expire(world)).toBe(1);
    await page.goto(at('/'));
    await page.getByText('1 wait for you').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'To be decided' }).click();
    await page.getByText('A part was paid, the rest was not.').waitFor();
    await breaksNoRule(page);
    await page.getByRole('link', { name: 'The rest did not come' }).click();
    await page.getByRole('heading', { name: `Invoice ${open.id}` }).waitFor();
    await page.getByRole('button', { name: 'Mark as dealt with' }).waitFor();
    await breaksNoRule(page);
    await page.getByRole('link', { name: 'See what came' }).click();
    await page.getByRole('table', { name: 'Transfers' }).getByRole('link', { name: /USDT/ }).first().click();
    const panel = page.getByRole('dialog', { name: 'Transfer' });
    await panel.getByText('This is a part of an invoice that ended before the rest came.').waitFor();
    await panel.getByText('Waits for you').waitFor();
    await breaksNoRule(page);
    await panel.getByRole('button', { name: 'Mark as refunded' }).click();
    const question = page.getByRole('dialog', { name: 'Was it given back?' });
    await question.getByRole('button', { name: 'Mark as refunded' }).click();
    await panel.getByText('Refunded').waitFor();
    await page.goto(at('/money'));
    await page.getByText('Nothing waits for you').waitFor();
    expect(await findViolations(ground.db)).toEqual([]);
  });

  test('has one of both lists open, by its tab', async () => {
    const open = page.getByRole('navigation', { name: 'To be decided' }).locator('[aria-current=page]');
    await page.goto(at('/money?state=all'));
    await page.getByLabel('Network').waitFor();
    expect(await open.allTextContents()).toEqual(['Transfers']);
    await page.getByRole('link', { name: 'Waits for you' }).click();
    await page.getByLabel('Network').waitFor({ state: 'hidden' });
    expect(await open.allTextContents()).toEqual(['Waits for you']);
  });

  test('says that what was unusual about a paid invoice is dealt with', async () => {
    const paid = { exception: 'overpaid' as const, exception_resolved_at: null };
    await ground.db.updateTable('invoices').set(paid).where('id', '=', invoice.id).execute();
    await page.goto(at('/money'));
    await page.getByRole('link', { name: 'Overpaid' }).click();
    await page.getByText('More came than was due').waitFor();
    await page.getByRole('button', { name: 'Mark as dealt with' }).click();
    const question = page.getByRole('dialog', { name: 'Mark as dealt with' });
    await question.getByLabel('Note').fill('sent back 2 USDT');
    await breaksNoRule(page);
    await question.getByRole('button', { name: 'Mark as dealt with' }).click();
    await page.getByText('More came than was due').waitFor({ state: 'hidden' });
    await page.goto(at('/money'));
    await page.getByText('Nothing waits for you').waitFor();
  });

  test('has every page on a phone in long words and long names, and no cell of a table is cut', {
    timeout: 120_000,
  }, async () => {
    const { id, invoiceId } = await longNames();
    await page.evaluate(`localStorage.setItem('language', 'de-DE')`);
    const of = [`/merchants/${id}`, '/merchants', '/links', '/team', '/audit', '/settings', '/webhooks'];
    const tabs = ['timeline', 'transfers', 'webhooks', 'raw'].map(tab => `/invoices/${invoiceId}?tab=${tab}`);
    const open = await ground.db
      .selectFrom('transfers')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    const lists = [
      `/money?transfer=${open[0]?.id}`,
      '/',
      '/invoices',
      '/invoices/new',
      '/money',
      '/money?state=all',
      '/reports',
    ];
    for (const path of [...lists, ...tabs, '/reports?view=reconciliation', ...of]) {
      await page.goto(at(path), { waitUntil: 'networkidle' });
      await page.locator('h1').waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('de-DE');
      await page.getByText('Wird geladen').first().waitFor({ state: 'hidden' });
      for (const one of await page.locator('details').all())
        await one.evaluate(shown => shown.toggleAttribute('open', true));
      await fitsPhone(page);
    }
  });

  /** The way to what waits about so much. */
  const waiting = (amount: string | number) =>
    page
      .getByRole('row')
      .filter({ hasText: `${amount} USDT` })
      .getByRole('link');

  /** A merchant whose name is one word, money on its wallet that settled nothing, a link, and somebody who is invited. */
  async function longNames(): Promise<{ id: number; invoiceId: number }> {
    const name = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
    const { merchant } = await makeShop(world, { merchant: { userId, name } });
    const asks = { amount: '120000', clientReferenceId: 'a-reference-'.repeat(9) };
    const made = await makeInvoice(world, merchant, asks);
    await pay(world, made, { units: methodOf(made).final.units + 7n, height: 52 });
    await match({ ...world, rateOf: () => null, coinRateOf: () => null });
    const link = { amount: '149.90', currency: 'USD', description: 'An umbrella stand '.repeat(5) };
    await ask('POST', `users/${userId}/merchants/${merchant.id}/links`, link);
    const email = `${'somebody.with.a.long.address'.repeat(2)}@department.of-informatics.university.example`;
    await ask('POST', `users/${userId}/invitations`, { email, role: 'developer' });
    return { id: merchant.id, invoiceId: made.id };
  }

  async function ask(method: string, path: string, body: object): Promise<void> {
    const text = await page.evaluate(
      async ([by, to, sent]) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(to, { method: by, headers, body: sent });
        return answer.ok ? '' : answer.text();
      },
      [method, at(`/api/${path}`), JSON.stringify(body)] as const,
    );
    expect(text).toBe('');
  }

  /** Where the transfer that stands open is given to an invoice as a part. */
  function partPath(): string {
    const id = new URL(page.url()).searchParams.get('transfer');
    return `/dashboard/api/users/${userId}/money/${id}/accept-part`;
  }

  /** As the page itself would send it. */
  const post = (path: string, body: object) =>
    page.evaluate(
      async ([to, sent]) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(to, { method: 'POST', headers, body: sent });
        const { error } = (await answer.json()) as { error: { code: string } };
        return { status: answer.status, code: error.code };
      },
      [path, JSON.stringify(body)] as const,
    );
});
