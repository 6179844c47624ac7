/** A payer with a browser at a gateway's page: what the tests of the page share. */
import type { CreatedWidget } from '@cryptoscan/sdk';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type FakeWatch, payFake } from '../e2e/fake-watch.ts';
import type { World } from '../e2e/webhook-world.ts';
import { clientOf, type Shop } from '../gateway.ts';
import { type Witness, watchContext } from './witness.ts';

const PATIENCE = 30_000;

export type Payer = { context: BrowserContext; page: Page; witness: Witness };

export async function openPayer(browser: Browser, options: BrowserContextOptions = {}): Promise<Payer> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const witness = watchContext(context);
  return { context, page: await context.newPage(), witness };
}

let made = 0;

export function widget({ gateway }: World, shop: Shop): Promise<CreatedWidget> {
  return clientOf(gateway, shop).createWidget({ amount: '25', client_reference_id: `payer ${++made}` });
}

/** Waits until the page shows a screen. */
export const shows = (page: Page, screen: string): Promise<void> =>
  page.locator(`#main[data-screen="${screen}"]`).waitFor();

/** Opens the page of an invoice and chooses how to pay it, with or without scripts. */
export async function choose(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await shows(page, 'choose');
  await page.check('input[value="ERC-20:USDT"]');
  await page.click('#next');
  await shows(page, 'awaiting');
}

/** The amount and the address as the page shows them are what the payer sends. */
export async function pay(page: Page, { 'ERC-20': chain }: { 'ERC-20': FakeWatch }, shop: Shop) {
  const amount = await page.locator('#amount').textContent();
  expect(await page.locator('#address').textContent()).toBe(shop.wallets['ERC-20']);
  payFake(chain, shop, { final_amount: amount ?? '' });
  await chain.read();
}

/** Waits until the gateway has an invoice in a status, whatever its page shows. */
export const becomes = ({ gateway }: World, shop: Shop, { id }: { id: string }, status: string) =>
  expect
    .poll(async () => (await clientOf(gateway, shop).invoice(id)).status, { timeout: PATIENCE, interval: 20 })
    .toBe(status);
