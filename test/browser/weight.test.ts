/** What a screen costs to load, whom it asks for it, and what it shows first, in a browser that has never been here. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languages } from '../../checkout/src/page-state.ts';
import { openBrowser } from './browser.ts';
import { openSamplePages, type SamplePages, sampleNames } from './sample-pages.ts';
import { openTab, visit } from './sample-tab.ts';
import { strangers, watchContext } from './witness.ts';

const KILOBYTE = 1024;
const browser = await openBrowser();

describe.skipIf(!browser)('a payment page', () => {
  let pages: SamplePages;

  beforeAll(async () => {
    pages = await openSamplePages();
  });

  afterAll(async () => {
    await browser!.close();
    await pages?.close();
  });

  test.each(sampleNames)(
    '%s asks this server alone, for little, and has nothing to complain of',
    async name => {
      const tab = await openTab(browser!, pages, { width: 360, height: 740 });
      const witness = watchContext(tab.context());
      const language = languages[sampleNames.indexOf(name) % languages.length]!;
      await visit(tab, pages.url(name, language));
      const loaded = witness.requests.filter(request => request.resourceType() !== 'eventsource');
      const sizes = await Promise.all(loaded.map(request => request.sizes()));
      const wire = sizes.reduce((sum, size) => sum + size.responseHeadersSize + size.responseBodySize, 0);
      const kinds = loaded.map(request => request.resourceType()).sort();
      const open = await tab.locator('body[data-poll]').count();
      expect(kinds).toEqual(open ? ['document', 'script', 'stylesheet'] : ['document', 'stylesheet']);
      expect(wire).toBeLessThanOrEqual(30 * KILOBYTE);
      for (const request of loaded.filter(one => one.resourceType() === 'script')) {
        const body = await (await request.response())!.body();
        expect(gzipSync(body).length).toBeLessThanOrEqual(8 * KILOBYTE);
      }
      expect(strangers(witness, pages.origin)).toEqual([]);
      expect(witness.complaints).toEqual([]);
      await tab.context().close();
    },
  );

  test.each(languages)('shows the amount first where a payment is awaited, in %s', async language => {
    for (const size of [
      { width: 360, height: 740 },
      { width: 1280, height: 800 },
    ]) {
      const tab = await openTab(browser!, pages, size);
      await visit(tab, pages.url('awaiting', language));
      expect(await largest(tab), `${size.width} pixels wide`).toContain('id="amount"');
      await tab.context().close();
    }
  });
});

/** The largest element of those painted before the payer did anything: https://www.w3.org/TR/largest-contentful-paint/ */
function largest(tab: Page): Promise<string> {
  return tab.evaluate(`new Promise(resolve => {
    const observer = new PerformanceObserver(list => resolve(list.getEntries().at(-1).element.outerHTML));
    observer.observe({ type: 'largest-contentful-paint', buffered: true });
  })`);
}
