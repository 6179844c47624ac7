/** The payment page in a real browser: by keyboard alone, without scripts, in two tabs, and whom it talks to. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../browser/browser.ts';
import { becomes, choose, openPayer, type Payer, pay, shows, widget } from '../browser/payer.ts';
import { strangers } from '../browser/witness.ts';
import { openShop, type Shop } from '../gateway.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('a payer', () => {
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

  /** Nobody else was asked for anything, and nothing was wrong. */
  async function leaves({ context, witness }: Payer): Promise<void> {
    expect(witness.requests.length).toBeGreaterThan(3);
    expect(strangers(witness, world.gateway.baseUrl)).toEqual([]);
    expect(witness.complaints).toEqual([]);
    await context.close();
  }

  test('with a keyboard alone chooses, copies, and gives up in two steps', async () => {
    const payer = await openPayer(browser!, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = payer;
    const created = await widget(world, shop);
    await page.goto(created.widget_url);
    await shows(page, 'choose');
    await tabTo(page, 'input[name="method"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    expect(await page.locator('input:checked').getAttribute('value')).toBe('TRC-20:USDT');
    await tabTo(page, '#next');
    await page.keyboard.press('Enter');
    await shows(page, 'awaiting');
    await tabTo(page, '#copy-amount');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toMatch(/^25\.\d+$/);
    await tabTo(page, '#copy-address');
    await page.keyboard.press('Space');
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(shop.wallets['TRC-20']);
    await tabTo(page, '#cancel > summary');
    await page.keyboard.press('Enter');
    await page.locator('#cancel-really').waitFor();
    await becomes(world, shop, created, 'new');
    await tabTo(page, '#cancel-really');
    await page.keyboard.press('Enter');
    await shows(page, 'cancelled');
    await becomes(world, shop, created, 'cancelled');
    await leaves(payer);
  });

  test('sees the payment come in without doing anything', async () => {
    const payer = await openPayer(browser!);
    await choose(payer.page, (await widget(world, shop)).widget_url);
    await pay(payer.page, world.chains, shop);
    await shows(payer.page, 'paid');
    expect(await payer.page.locator('#status').textContent()).toContain('Paid');
    await leaves(payer);
  });

  test('without scripts chooses, pays and sees it when the page loads anew by itself', async () => {
    const payer = await openPayer(browser!, { javaScriptEnabled: false });
    const { page } = payer;
    const created = await widget(world, shop);
    await choose(page, created.widget_url);
    expect(await page.locator('meta[http-equiv="refresh"]').getAttribute('content')).toBe('20');
    expect(await page.locator('#copy-amount').isVisible()).toBe(false);
    await pay(page, world.chains, shop);
    await becomes(world, shop, created, 'completed');
    await page.reload();
    await shows(page, 'paid');
    await leaves(payer);
  });

  test('without scripts gives up in two steps', async () => {
    const payer = await openPayer(browser!, { javaScriptEnabled: false });
    const created = await widget(world, shop);
    await choose(payer.page, created.widget_url);
    expect(await payer.page.locator('#cancel-really').isVisible()).toBe(false);
    await payer.page.click('#cancel > summary');
    await payer.page.click('#cancel-really');
    await shows(payer.page, 'cancelled');
    await becomes(world, shop, created, 'cancelled');
    await leaves(payer);
  });

  test('with two tabs sees in one what was done in the other', async () => {
    const payer = await openPayer(browser!);
    const { widget_url: url } = await widget(world, shop);
    const other = await payer.context.newPage();
    await other.goto(url);
    await shows(other, 'choose');
    await choose(payer.page, url);
    await shows(other, 'awaiting');
    expect(await other.locator('#amount').textContent()).toBe(
      await payer.page.locator('#amount').textContent(),
    );
    await payer.page.click('#cancel > summary');
    await payer.page.click('#cancel-really');
    await shows(payer.page, 'cancelled');
    await shows(other, 'cancelled');
    await leaves(payer);
  });
});

const MOST_STOPS = 30;

/** Presses Tab until it is on an element, which must show that it is there. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`);
    if (!found) continue;
    const outline = `getComputedStyle(document.activeElement.closest('.option') ?? document.activeElement).outlineStyle`;
    expect(await page.evaluate(outline)).toBe('solid');
    return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}
