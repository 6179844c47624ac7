/** The payment page in a shop's page, in a real browser: two sites, one dialog, and who believes whom. */
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBrowser } from '../browser/browser.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { type EmbedShop, openEmbedShop } from './embed-shop.ts';
import { payFake } from './fake-watch.ts';
import { patience } from './payment-page-visit.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('a payment opened in a shop’s page', () => {
  let world: World;
  let site: EmbedShop;
  let shop: Shop;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let made = 0;

  beforeAll(async () => {
    world = await openWorld();
    site = await openEmbedShop(() => `${world.gateway.baseUrl}/embed.js`);
    const { host } = new URL(site.origin);
    shop = await openShop(world.ground, { settings: { pageOrigins: [site.origin], returnHosts: [host] } });
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await closeWorld(world);
  });

  beforeEach(async () => {
    context = await browser!.newContext({ locale: 'en-US', viewport: { width: 1000, height: 900 } });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => {
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
        complaints.push(message.text());
    });
    await page.goto(site.origin);
  });

  afterEach(() => context.close());

  const widget = (of: Shop = shop) =>
    clientOf(world.gateway, of).createWidget({
      amount: '25',
      client_reference_id: `order ${++made}`,
      back_url: `${site.origin}/thanks`,
    });

  const put = (html: string) =>
    page.evaluate(`document.body.insertAdjacentHTML('afterbegin', ${JSON.stringify(html)})`);

  /** Puts a button there and clicks it; answers the page in the frame, once it has spoken. */
  async function click(url: string): Promise<Frame> {
    await put(`<button id="pay" data-cryptoscan="${url}">Pay</button>`);
    await page.evaluate('heard.length = 0');
    await page.click('#pay');
    return spoken(url);
  }

  /** The same by a script, with all handlers or none. */
  async function open(url: string, handlers = true): Promise<Frame> {
    await page.evaluate('heard.length = 0');
    await page.evaluate(`CryptoScan.open(${JSON.stringify(url)}, ${handlers ? 'handlers' : 'undefined'})`);
    return spoken(url);
  }

  async function spoken(url: string): Promise<Frame> {
    await page.waitForFunction(`heard.some(({ type }) => type === 'ready')`);
    const frame = page.frames().find(found => found.url().startsWith(url));
    if (!frame) throw new Error('there is no frame');
    return frame;
  }

  const shows = (frame: Frame, screen: string) => frame.waitForSelector(`#main[data-screen="${screen}"]`);
  const told = () => page.evaluate('told');
  const focused = () => page.evaluate('document.activeElement.id');
  const dialog = () => page.locator('dialog');

  /** Chooses in the frame, and pays on the chain. */
  async function pay(frame: Frame, id: string): Promise<void> {
    await frame.check('input[value="ERC-20:USDT"]');
    await frame.click('#next');
    await shows(frame, 'awaiting');
    const { final_units: units } = await world.ground.db
      .selectFrom('invoices')
      .select('final_units')
      .where('id', '=', Number(id))
      .executeTakeFirstOrThrow();
    const text = units!.padStart(7, '0');
    payFake(world.chains['ERC-20'], shop, { final_amount: `${text.slice(0, -6)}.${text.slice(-6)}` });
    await world.chains['ERC-20'].read();
    await shows(frame, 'paid');
  }

  test('is a dialog with a name; Esc closes it and gives the focus back', async () => {
    const { widget_url } = await widget();
    const frame = await click(widget_url);
    await shows(frame, 'choose');
    expect(await dialog().getAttribute('aria-label')).toBe('Zahlung');
    expect(await dialog().getByRole('button').getAttribute('aria-label')).toBe('Schließen');
    expect(await dialog().locator('iframe').getAttribute('title')).toBe('Zahlung');
    // What is behind it cannot be reached, and does not move.
    expect(await dialog().evaluate(found => found.matches(':modal'))).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.documentElement).overflow')).toBe('hidden');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await focused()).toBe('pay');
    expect(await page.evaluate('getComputedStyle(document.documentElement).overflow')).toBe('visible');
    expect(complaints).toEqual([]);
  });

  test('is closed by Esc in the frame too, and by its button, and tells of it once', async () => {
    const { widget_url } = await widget();
    const frame = await open(widget_url);
    await frame.focus('input[value="ERC-20:USDT"]');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await open(widget_url);
    // A second one at the same time is none.
    await page.evaluate(`CryptoScan.open(${JSON.stringify(widget_url)}, handlers)`);
    expect(await dialog().count()).toBe(1);
    await dialog().getByRole('button').click();
    await dialog().waitFor({ state: 'detached' });
    expect(await told()).toEqual(['close', 'close']);
  });

  test('takes the payer’s forms, and tells the shop’s page once when it is paid', async () => {
    const { widget_url, id } = await widget();
    const frame = await open(widget_url);
    await pay(frame, id);
    await page.waitForFunction(`told.includes('paid')`);
    // Loaded anew it says so again, and the shop does not hear it twice.
    await frame.evaluate('location.reload()');
    await page.waitForFunction(`heard.filter(({ type }) => type === 'paid').length > 1`);
    expect(await told()).toEqual(['paid']);
    const { pathname } = new URL(widget_url);
    const pageId = pathname.split('/').at(-1);
    for (const message of (await page.evaluate('heard')) as object[])
      expect(message).toMatchObject({ cryptoscan: 1, pageId, origin: world.gateway.baseUrl });
    expect(complaints).toEqual([]);
    // The way back is out of the frame.
    await shows(frame, 'paid');
    await frame.click('#main a.button');
    await page.waitForURL(`${site.origin}/thanks`);
  });

  test('gives up in the frame', async () => {
    const { widget_url } = await widget();
    const frame = await open(widget_url);
    await frame.click('#cancel summary');
    await frame.click('#cancel-really');
    await page.waitForFunction(`told.includes('cancelled')`);
    expect(await told()).toEqual(['cancelled']);
  });

  test('takes the payer back by itself where the shop does not say what it wants', async () => {
    const { widget_url, id } = await widget();
    const frame = await open(widget_url, false);
    await pay(frame, id);
    await page.waitForURL(`${site.origin}/thanks`, { timeout: patience.timeout });
    expect(page.frames()).toHaveLength(1);
  });

  test('believes no other window, no other payment, and not the shop’s own page', async () => {
    const { widget_url } = await widget();
    const pageId = widget_url.split('/').at(-1);
    const frame = await open(widget_url);
    await put(`<iframe src="${site.origin.replace('localhost', '127.0.0.1')}/stranger"></iframe>`);
    const forged = { cryptoscan: 1, type: 'paid', pageId, forged: true };
    const foreign = await vi.waitUntil(
      () => page.frames().find(found => found.url().endsWith('/stranger')),
      patience,
    );
    await foreign.waitForLoadState();
    await foreign.evaluate(`parent.postMessage(${JSON.stringify(forged)}, '*')`);
    await page.evaluate(`postMessage(${JSON.stringify(forged)}, '*')`);
    // From the right window, of another payment, and in another form.
    const others = [{ ...forged, pageId: 'another' }, { ...forged, cryptoscan: 2 }, 'paid', null];
    for (const other of others) await frame.evaluate(`parent.postMessage(${JSON.stringify(other)}, '*')`);
    await frame.evaluate(`parent.postMessage({ cryptoscan: 1, type: 'close', pageId: '${pageId}' }, '*')`);
    await page.waitForFunction(`told.includes('close')`);
    expect(await told()).toEqual(['close']);
    expect(await page.evaluate('heard.filter(({ forged }) => forged).length')).toBe(4);
  });

  test('is left for the page itself where the merchant has not named the shop’s page', async () => {
    const other = await openShop(world.ground, { settings: { pageOrigins: ['https://shop.example'] } });
    for (const of of [other, await openShop(world.ground)]) {
      const { widget_url } = await widget(of);
      await page.goto(site.origin);
      await page.evaluate(`CryptoScan.open(${JSON.stringify(widget_url)}, handlers)`);
      await page.waitForURL(widget_url);
      await page.waitForSelector('#main[data-screen="choose"]');
    }
  });

  test('is not opened for a link to another installation, nor where another tab was asked for', async () => {
    const { widget_url } = await widget();
    const elsewhere = widget_url.replace('127.0.0.1', 'localhost');
    await put(`<a id="foreign" data-cryptoscan href="${elsewhere}">a</a>`);
    await put(`<a id="own" data-cryptoscan href="${widget_url}">b</a>`);
    // Whether the browser is left to do as it would; seen, and then kept from doing it.
    await page.evaluate(
      `addEventListener('click', event => { isLeft = !event.defaultPrevented; event.preventDefault(); }, { once: true })`,
    );
    await page.click('#own', { modifiers: ['ControlOrMeta'] });
    expect(await page.evaluate('isLeft')).toBe(true);
    expect(await dialog().count()).toBe(0);
    await page.click('#own');
    await spoken(widget_url);
    await page.keyboard.press('Escape');
    await page.click('#foreign');
    await page.waitForURL(elsewhere);
  });
});
