/** Invoices and webhooks of the dashboard in a real browser: made, found, read, confirmed, cancelled, sent again. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Dispatcher } from '../../server/src/flow/dispatch.ts';
import { match } from '../../server/src/flow/match.ts';
import { resend } from '../../server/src/flow/resend.ts';
import { settle } from '../../server/src/flow/settle.ts';
import type { Outcome } from '../../server/src/lib/fetch-outcome.ts';
import { webhookId } from '../../server/src/lib/webhook-id.ts';
import { transact } from '../../server/src/store/db.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { insertMembership } from '../../server/src/store/memberships.ts';
import { openBrowser } from '../browser/browser.ts';
import { breaksNoRuleNorFrame } from '../browser/rules.ts';
import { inOrder } from '../browser/steps.ts';
import { type Ground, host, networks, openGround, openShop, quiet, type Shop } from '../gateway.ts';
import { creating } from './api-server.ts';
import { type Dashboard, openDashboard, password, somebody } from './dashboard-world.ts';
import { payFake, watchFake } from './fake-watch.ts';

const browser = await openBrowser();
const { signal } = new AbortController();

describe.skipIf(!browser)('invoices and webhooks', () => {
  let ground: Ground;
  let dashboard: Dashboard;
  let shop: Shop;
  let page: Page;
  let paid: number;
  let outcome: Outcome = {
    kind: 'response',
    status: 500,
    headers: [['content-type', 'text/html']],
    body: '<script>document.title = "run"</script>',
    truncated: false,
  };
  const post = async () => outcome;
  const at = (path: string) => `http://${host}:${dashboard.port}/dashboard${path}`;

  beforeAll(async () => {
    ground = await openGround();
    await checkMasterKey(ground.db, ground.vault, ground.clock.now());
    dashboard = await openDashboard(ground, { post, baseUrl: () => `http://${host}:${dashboard.port}` });
    shop = await openShop(ground, { settings: { webhookUrl: 'https://shop.example/hook' } });
    paid = await paidInvoice();
    page = await signedInPage();
  });
  afterAll(async () => {
    await browser!.close();
    await dashboard?.stop();
    await ground?.close();
  });

  /** Paid on the chain, and its shop answered the webhook with 500. */
  async function paidInvoice(): Promise<number> {
    const watched = await watchFake(ground, 'TRC-20');
    const [made] = await creating(ground)([
      {
        merchant: { id: shop.id, compat: false, paymentMinutes: 30 },
        requested: { units: 2_500_000_000n, scale: 8 },
        source: null,
        clientReferenceId: 'order-1042',
        metadata: 'basket 7781',
        method: { network: 'TRC-20', asset: 'USDT' },
        page: null,
      },
    ]);
    if (!made?.ok || !made.value.method) throw new Error('no invoice');
    const { units, scale } = made.value.method.final;
    const due = `${units / 10n ** BigInt(scale)}.${(units % 10n ** BigInt(scale)).toString().padStart(scale, '0')}`;
    payFake(watched, shop, { final_amount: due });
    await watched.read();
    const deps = {
      ...ground,
      logger: quiet,
      networks,
      webhookId,
      random: (n: number) => n - 1,
      rateOf: () => null,
      coinRateOf: () => null,
    };
    await match(deps);
    await settle(deps);
    const dispatcher = new Dispatcher({ ...ground, logger: quiet, post, uuid: randomUUID, onFree: () => {} });
    await dispatcher.tick(signal);
    await dispatcher.idle();
    return made.value.id;
  }

  async function signedInPage(): Promise<Page> {
    const { email, personId } = await somebody(dashboard.deps);
    const member = { personId, userId: shop.userId, role: 'owner' } as const;
    await transact(ground.db, tx => insertMembership(tx, member, ground.clock.now()));
    const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    context.setDefaultTimeout(30_000);
    // The account that the shop belongs to, of the two this person has.
    await context.addInitScript(`localStorage.setItem('account', '${shop.userId}')`);
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
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');
  const focused = (name: string) => page.locator('button:focus', { hasText: name });

  const steps = {
    'one is made by hand, and its page can be sent to the payer': async () => {
      await open('/invoices/new');
      await page.getByLabel('Amount').fill('1,5');
      await button('Create invoice').click();
      await page.locator('[aria-invalid="true"]').waitFor();
      await breaksNoRuleNorFrame(page, 'new-invoice');
      await page.getByLabel('Amount').fill('12.50');
      await page.getByLabel('Reference').fill('=HYPERLINK("http://evil.example")');
      await page.getByLabel('Description').fill('A lamp');
      await button('Create invoice').click();
      await page.getByText('The invoice is ready.').waitFor();
      const link = await page.locator('code').first().textContent();
      expect(link).toMatch(/\/payment\/[\w-]{36}$/);
      await page.getByRole('link', { name: 'To the invoice' }).click();
      await page.getByText('Created by hand').waitFor();
    },

    'the list is found in by a word and narrowed, and the file has exactly what it shows': async () => {
      await open('/invoices');
      expect(await page.getByRole('row').count()).toBe(3);
      await breaksNoRuleNorFrame(page, 'invoices');
      await page.getByRole('searchbox').fill('order-1');
      await button('Find').click();
      await page.waitForURL(/query=order-1/);
      await page.getByRole('link', { name: 'order-1042' }).waitFor();
      await expect.poll(() => page.getByRole('row').count()).toBe(2);
      await open('/invoices?status=expired');
      await page.getByText('No invoice fits.').waitFor();
      await breaksNoRuleNorFrame(page, 'invoices-none');
      await button('Clear filters').click();
      await page.getByText('Filters').click();
      await page.getByLabel('Status').selectOption('awaiting_method');
      await page.waitForURL(/status=awaiting_method/);
      const waiting = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Export CSV' }).click();
      const file = await readFile(await (await waiting).path(), 'utf8');
      const lines = file.trim().split('\r\n');
      expect(lines).toHaveLength(2);
      expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
    },

    'a view is kept by its name, and found again': async () => {
      await open('/invoices?status=awaiting_method&cursor=999999');
      await button('Keep this view').click();
      await dialog().getByLabel('Name').fill('To be chosen');
      await button('Save').click();
      await page.getByRole('link', { name: 'To be chosen', exact: true }).waitFor();
      await breaksNoRuleNorFrame(page, 'invoices-views');
      await open('/invoices');
      await page.getByRole('link', { name: 'To be chosen', exact: true }).click();
      await page.waitForURL(url => url.search === '?status=awaiting_method');
      await button('Forget the view To be chosen').click();
      await button('Keep this view').waitFor();
      await open('/invoices');
      expect(await page.getByRole('link', { name: 'To be chosen' }).count()).toBe(0);
    },

    'a paid one tells its story, its transfer, and all that is stored': async () => {
      await open(`/invoices/${paid}`);
      for (const told of ['was seen on TRC-20', 'counts as the payment', 'is final: paid'])
        await page.getByText(told).waitFor();
      await breaksNoRuleNorFrame(page, 'invoice');
      await page.getByRole('link', { name: /^Transfers/ }).click();
      await page.getByText('Settled').waitFor();
      await breaksNoRuleNorFrame(page, 'invoice-transfers');
      await page.getByRole('link', { name: 'Raw' }).click();
      await page.getByText('"client_reference_id": "order-1042"').waitFor();
      await breaksNoRuleNorFrame(page, 'invoice-raw');
    },

    'a webhook shows what was sent, what came back and what to do, and is sent again': async () => {
      await open(`/invoices/${paid}?tab=webhooks`);
      await page.getByRole('link', { name: 'paid', exact: true }).click();
      await dialog().getByText('The shop made a mistake.').waitFor();
      await dialog().getByText('"event_type": "paid"').waitFor();
      await dialog().getByText('<script>document.title').waitFor();
      expect(await page.title()).not.toBe('run');
      await dialog().getByText('after 30 sec').waitFor();
      await breaksNoRuleNorFrame(page, 'webhook');
      outcome = { kind: 'response', status: 200, headers: [], body: 'ok', truncated: false };
      await button('Send again').click();
      await dialog().getByText('Waits to be sent').waitFor();
      await resend({ ...ground, post, uuid: randomUUID }, signal);
      await dialog().getByText('Delivered').first().waitFor();
      await dialog().getByText('Sent once more, asked for by Person').first().waitFor();
    },

    'the log tells how the endpoint does, and a test event shows what comes back': async () => {
      await open('/webhooks');
      await page.getByText('Answers well').waitFor();
      await breaksNoRuleNorFrame(page, 'webhooks');
      outcome = { kind: 'error', class: 'tls', message: 'The TLS certificate has expired.' };
      await button('Send a test event').click();
      await button('Send').click();
      await dialog().getByText('The TLS certificate has expired.').waitFor();
      await dialog().getByText('Check the certificate').waitFor();
      await breaksNoRuleNorFrame(page, 'test-event');
      await page.keyboard.press('Escape');
      await focused('Send a test event').waitFor();
      await button('Send all failed again').click();
      await dialog().getByRole('button', { name: 'Send again' }).click();
      await dialog().getByText('0 events are being sent.').waitFor();
    },

    'all is reached by keyboard, and a window that is closed gives the focus back': async () => {
      await open('/invoices');
      await button('Find').focus();
      for (const [key, shown] of [
        ['Control+k', page.getByPlaceholder('Search or go to')],
        ['?', page.getByRole('heading', { name: 'Keyboard shortcuts' })],
      ] as const) {
        await page.keyboard.press(key);
        await shown.waitFor();
        await page.keyboard.press('Escape');
        await focused('Find').waitFor();
      }
      await page.keyboard.press('g');
      await page.keyboard.press('w');
      await page.waitForURL(at('/webhooks'));
      await page.keyboard.press('Control+k');
      await page.keyboard.type('order-1042');
      await page.keyboard.press('Enter');
      await page.waitForURL(at('/invoices?query=order-1042'));
      await page.getByRole('link', { name: 'order-1042' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(at(`/invoices/${paid}`));
    },

    'one is cancelled after a question, and another confirmed by hand with a reason': async () => {
      await open('/invoices?status=awaiting_method');
      await page.getByRole('row').nth(1).getByRole('link').first().click();
      await button('Cancel invoice').click();
      await dialog().getByRole('button', { name: 'Cancel invoice' }).click();
      await page.getByText('Cancelled', { exact: true }).first().waitFor();
      await dialog().waitFor({ state: 'hidden' });
      await button('Confirm payment manually').click();
      await dialog().getByLabel('Transaction id').fill('nonsense');
      await dialog().getByLabel('Reason').fill('The payer sent a picture');
      await button('Confirm payment').click();
      await dialog().getByText('is not a transaction id').waitFor();
      await dialog().getByLabel('Transaction id').fill('ab'.repeat(32));
      await button('Confirm payment').click();
      await dialog().getByText('could not be seen on the blockchain').waitFor();
      await button('Close').first().click();
      await page.getByText('“The payer sent a picture”').waitFor();
      await page.locator('main').getByText('Not verified', { exact: true }).first().waitFor();
      await page.getByRole('status').getByText('Not verified', { exact: true }).waitFor();
    },
  };

  test('are made, found, read, sent again, cancelled and confirmed', { timeout: 400_000 }, () =>
    inOrder(steps),
  );
});
