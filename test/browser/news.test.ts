/** How an open page takes in news: on a slow line too, and without choosing anything in the payer's place. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Screen } from '../../checkout/src/page-state.ts';
import { renderMain } from '../../checkout/src/render-main.ts';
import { screens, stateOf } from '../../checkout/test/samples.ts';
import { openBrowser } from './browser.ts';
import { shows } from './payer.ts';
import { openSamplePages, type SamplePages } from './sample-pages.ts';
import { openTab, visit } from './sample-tab.ts';

const browser = await openBrowser();

describe.skipIf(!browser)('an open page', () => {
  let pages: SamplePages;

  beforeAll(async () => {
    pages = await openSamplePages();
  });

  afterAll(async () => {
    await browser!.close();
    await pages?.close();
  });

  /** The page of a sample, whose every look is answered with `next`, `delay` ms after it asked. */
  async function openAt(sample: string, next: Screen, delay = 0): Promise<Page> {
    const tab = await openTab(browser!, pages, { width: 360, height: 740 });
    await tab.route('**/main?*', async route => {
      await new Promise(resolve => setTimeout(resolve, delay));
      const body = renderMain(stateOf(next, 'en-US', { pageId: sample }));
      // A look that was broken off wants no answer any more.
      await route.fulfill({ contentType: 'text/html; charset=utf-8', body }).catch(() => undefined);
    });
    await visit(tab, pages.url(sample, 'en-US'));
    return tab;
  }

  /** What the page does on word of news. */
  const wake = (tab: Page) => tab.evaluate(`dispatchEvent(new Event('focus'))`);

  test('shows what became of the payment where news comes faster than answers do', async () => {
    const tab = await openAt('awaiting', screens.confirming!, 1500);
    await tab.evaluate(`setInterval(() => dispatchEvent(new Event('focus')), 1000)`);
    await wake(tab);
    await shows(tab, 'confirming');
    await tab.context().close();
  });

  const methods = [
    { asset: 'USDT', network: 'TRC-20' },
    { asset: 'USDT', network: 'BEP-20' },
  ];
  const checked = (tab: Page) =>
    tab.evaluate(`[...document.querySelectorAll('input:checked')].map(({ value }) => value)`);

  test.each([
    ['keeps what was chosen while it is offered', 'TRC-20:USDT', methods, ['TRC-20:USDT']],
    ['has nothing chosen where that is offered no more', 'TRC-20:USDT', methods.slice(1), []],
    ['chooses nothing where the payer has not', null, methods.slice(1), []],
  ])('%s', async (_, choice, offered, expected) => {
    const tab = await openAt('choose', { kind: 'choose', methods: offered });
    if (choice) await tab.check(`input[value="${choice}"]`);
    await wake(tab);
    await expect.poll(() => tab.locator('input[type=radio]').count()).toBe(offered.length);
    expect(await checked(tab)).toEqual(expected);
    await tab.context().close();
  });
});
