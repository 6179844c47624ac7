/** How a real browser uses the stream of a payment page: it hears at once, and does without where there is none. */
import { randomUUID } from 'node:crypto';
import type { Page, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelInvoice } from '../../server/src/commands/cancel-invoice.ts';
import { openBrowser } from '../browser/browser.ts';
import { openPayer, shows, widget } from '../browser/payer.ts';
import { openShop, type Shop } from '../gateway.ts';
import { patience } from './payment-page-visit.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('an open page', () => {
  let world: World;
  let shop: Shop;

  beforeAll(async () => {
    world = await openWorld();
    shop = await openShop(world.ground);
  });

  afterAll(async () => {
    await browser!.close();
    await closeWorld(world);
  });

  /** Opens a page, and ends its invoice elsewhere once `ready`; the page must show it. */
  async function hears(page: Page, ready: (page: Page) => Promise<unknown>): Promise<void> {
    const created = await widget(world, shop);
    await page.goto(created.widget_url);
    await shows(page, 'choose');
    await ready(page);
    const command = { merchantId: shop.id, invoiceId: Number(created.id) };
    const ended = await cancelInvoice({ ...world.ground, webhookId: () => randomUUID() }, command);
    expect(ended.ok).toBe(true);
    await shows(page, 'cancelled');
  }

  const events = (response: Response) => response.url().includes('/events?');

  test('hears by the stream, asks for nothing in between, and closes it at the end', async () => {
    const { context, page, witness } = await openPayer(browser!);
    const opened = page.waitForResponse(events);
    await hears(page, async () => {
      const stream = await opened;
      expect(stream.status()).toBe(200);
      // The first word comes at once, since the page may be older than the stream.
      await page.waitForResponse(response => response.url().includes('/main?'));
    });
    // The first look, and the one that showed the end.
    expect(witness.requests.filter(asked => asked.url().includes('/main?')).length).toBeLessThan(4);
    // A slow browser may have asked for the ended stream again, and is told that there is none.
    expect(witness.requests.filter(asked => asked.url().includes('/events?')).length).toBeLessThan(3);
    expect(witness.complaints).toEqual([]);
    await context.close();
  });

  test('without such streams in the browser looks by itself', async () => {
    const { context, page, witness } = await openPayer(browser!);
    await page.addInitScript('delete window.EventSource');
    await hears(page, async () => undefined);
    expect(witness.requests.filter(asked => asked.url().includes('/events?'))).toEqual([]);
    expect(witness.complaints).toEqual([]);
    await context.close();
  });

  test('that is refused a stream looks by itself, and does not insist', async () => {
    const { context, page } = await openPayer(browser!);
    let refused = 0;
    await page.route('**/events?*', route => {
      refused++;
      return route.fulfill({ status: 503, headers: { 'retry-after': '60' }, body: '' });
    });
    await hears(page, () => expect.poll(() => refused, patience).toBe(1));
    expect(refused).toBe(1);
    await context.close();
  });
});
