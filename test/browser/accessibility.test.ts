/**
 * What a machine can tell of accessibility, of every screen, light and dark: each in one language, all of them in turn, and
 * with EVERY_LANGUAGE (npm run test:languages) in each.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languages } from '../../checkout/src/page-state.ts';
import { openBrowser } from './browser.ts';
import { WCAG } from './rules.ts';
import { openSamplePages, type SamplePages, sampleNames, visits } from './sample-pages.ts';
import { openTab, unfold, visit } from './sample-tab.ts';

const browser = await openBrowser();

const isAsked = ([name, language]: (typeof visits)[number]) =>
  process.env.EVERY_LANGUAGE !== undefined ||
  // What is odd is there in one language alone.
  visits.filter(([other]) => other === name).length === 1 ||
  language === languages[sampleNames.indexOf(name) % languages.length];

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

  /** What is wrong, where, and why. */
  async function faults(only?: string): Promise<string[]> {
    const axe = new AxeBuilder({ page: tab }).setLegacyMode(true);
    const { violations } = await (only ? axe.withRules(only) : axe.withTags(WCAG)).analyze();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }

  test.each(visits.filter(isAsked))(
    '%s in %s breaks no rule of WCAG 2.2 AA, light or dark',
    async (name, language) => {
      await tab.emulateMedia({ colorScheme: 'light' });
      await visit(tab, pages.url(name, language));
      await unfold(tab);
      expect(await faults()).toEqual([]);
      // Nothing but the colours is another in the dark.
      await tab.emulateMedia({ colorScheme: 'dark' });
      expect(await faults('color-contrast')).toEqual([]);
    },
  );
});
