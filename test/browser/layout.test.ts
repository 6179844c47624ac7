/** Every screen in every language on the narrowest screens: nothing beside the screen, nothing cut, nothing too small to hit. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { openSamplePages, type SamplePages, visits } from './sample-pages.ts';
import { openTab, unfold, visit } from './sample-tab.ts';

const browser = await openBrowser();

/** What does not fit, found in the page. Half a pixel is rounding. */
const MISFITS = `(() => {
  const found = [];
  const tell = (what, element) => found.push(what + ': ' + element.outerHTML.slice(0, 120));
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) found.push('scrolls sideways: ' + scrollWidth + ' > ' + innerWidth);
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('.unseen, noscript') || !element.checkVisibility()) continue;
    const { left, right, width, height } = element.getBoundingClientRect();
    if (left < -0.5 || right > innerWidth + 0.5) tell('beside the screen', element);
    const { overflowX, overflowY } = getComputedStyle(element);
    const isCut = (overflow, inner, outer) => overflow !== 'visible' && inner > outer + 1;
    if (isCut(overflowX, element.scrollWidth, element.clientWidth)) tell('cut', element);
    if (isCut(overflowY, element.scrollHeight, element.clientHeight)) tell('cut', element);
    if (element.matches('a, button, summary, label') && (width < 24 || height < 24)) tell('too small to hit', element);
  }
  return found;
})()`;

describe.skipIf(!browser)('a payment page', () => {
  let pages: SamplePages;
  let tab: Page;

  beforeAll(async () => {
    pages = await openSamplePages();
    tab = await openTab(browser!, pages, { width: 360, height: 740 });
  });

  afterAll(async () => {
    await browser!.close();
    await pages?.close();
  });

  async function misfits(width: number): Promise<unknown> {
    await tab.setViewportSize({ width, height: 740 });
    return tab.evaluate(MISFITS);
  }

  // 320 pixels are also what a window of 640 has at a zoom of 200 %.
  test.each(visits)('%s in %s fits 320 and 360 pixels', async (name, language) => {
    await visit(tab, pages.url(name, language));
    await unfold(tab);
    for (const width of [320, 360]) expect(await misfits(width), `at ${width}`).toEqual([]);
  });

  test.each(visits)('%s in %s fits with letters of twice the size', async (name, language) => {
    const devtools = await tab.context().newCDPSession(tab);
    try {
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
      await visit(tab, pages.url(name, language));
      expect(await tab.evaluate('getComputedStyle(document.body).fontSize')).toBe('32px');
      expect(await misfits(480)).toEqual([]);
    } finally {
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
      await devtools.detach();
    }
  });
});
