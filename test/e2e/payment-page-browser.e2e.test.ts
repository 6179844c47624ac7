/** The payment page in a real browser, with scripts and without: the forms, the policy it runs under, whom it talks to. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { chromium, openPage, type Page } from './docs-page-browser.ts';
import { payFake } from './fake-watch.ts';
import { patience, visitOf } from './payment-page-visit.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';

describe.runIf(chromium).each(['with', 'without'])('a browser %s scripts', scripts => {
  let world: World;
  let shop: Shop;
  let page: Page;

  beforeAll(async () => {
    world = await openWorld();
    shop = await openShop(world.ground);
    page = await openPage(chromium ?? '');
    await page.call('Emulation.setScriptExecutionDisabled', { value: scripts === 'without' });
  });

  afterAll(async () => {
    await page?.close();
    await closeWorld(world);
  });

  const widget = (reference: string) =>
    clientOf(world.gateway, shop).createWidget({ amount: '25', client_reference_id: reference });

  /** Opens a page on which the payer is to choose. */
  async function open(reference: string) {
    const created = await widget(reference);
    await page.call('Page.navigate', { url: created.widget_url });
    await page.until(`location.href === '${created.widget_url}' && document.readyState === 'complete'`);
    await shows('choose');
    return created;
  }

  const shows = (screen: string) =>
    page.until(
      `document.getElementById('main')?.dataset.screen === '${screen}' && document.readyState === 'complete'`,
    );

  const complaints = () =>
    page.events.filter(({ method, params }) => {
      if (method === 'Runtime.exceptionThrown') return true;
      const { entry } = params as { entry?: { level: string; url?: string } };
      return method === 'Log.entryAdded' && entry?.level === 'error' && !entry.url?.endsWith('/favicon.ico');
    });

  test('chooses, pays and sees it, and asks nobody else for anything', async () => {
    const created = await open('pays');
    await page.evaluate(`document.querySelector('input[value="ERC-20:USDT"]').click()`);
    await page.evaluate(`document.querySelector('form[action*="/method"] button').click()`);
    await shows('awaiting');
    expect(await page.evaluate('location.pathname')).toBe(visitOf(created).path);
    expect(await page.evaluate('document.body.textContent')).toContain(shop.wallets['ERC-20']);
    const { final_units: units } = await world.ground.db
      .selectFrom('invoices')
      .select('final_units')
      .where('id', '=', Number(created.id))
      .executeTakeFirstOrThrow();
    const text = units!.padStart(7, '0');
    payFake(world.chains['ERC-20'], shop, { final_amount: `${text.slice(0, -6)}.${text.slice(-6)}` });
    await world.chains['ERC-20'].read();
    // Without scripts the page reloads itself, if slowly.
    if (scripts === 'without') {
      const status = async () => (await clientOf(world.gateway, shop).invoice(created.id)).status;
      await expect.poll(status, patience).toBe('completed');
      await page.call('Page.reload');
    }
    await shows('paid');
    const asked = page.events.flatMap(({ method, params }) =>
      method === 'Network.requestWillBeSent' ? [(params as { request: { url: string } }).request.url] : [],
    );
    expect(asked.length).toBeGreaterThan(3);
    expect(
      asked.filter(url => !url.startsWith(`${world.gateway.baseUrl}/`) && !url.startsWith('data:')),
    ).toEqual([]);
    expect(complaints()).toEqual([]);
  });

  test('gives up', async () => {
    const created = await open('gives up');
    await page.evaluate(`document.querySelector('form[action*="/cancel"] button').click()`);
    await shows('cancelled');
    const { status } = await clientOf(world.gateway, shop).invoice(created.id);
    expect(status).toBe('cancelled');
    expect(complaints()).toEqual([]);
  });
});
