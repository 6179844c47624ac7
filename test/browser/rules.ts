/** Holds a page of the dashboard against WCAG 2.2 AA, in light and in dark. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What axe calls the rules of WCAG 2.2, level AA, and of all that it contains. */
export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

type Scheme = 'light' | 'dark';

/** `look` sees the page in each scheme; the page is left light. */
export async function breaksNoRule(page: Page, look?: (scheme: Scheme) => Promise<void>): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`[data-theme="${colorScheme}"]`).waitFor();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(WCAG).analyze();
    const faults = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`),
    );
    expect(faults).toEqual([]);
    await look?.(colorScheme);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** What runs off the screen: the page itself, a window over it, or what stands in a cell of a table and in no sight. */
const RUNNING_OFF = `[
  ...[document.documentElement, ...document.querySelectorAll('[role="dialog"]')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ tagName, scrollWidth }) => tagName + ', ' + scrollWidth + ' px wide'),
  ...[...document.querySelectorAll('td')].filter(cell => {
    const [own, frame] = [cell, cell.closest('section')].map(one => one.getBoundingClientRect());
    return own.left < frame.left || own.right > frame.right + 1 || cell.scrollWidth > cell.clientWidth + 1;
  }).map(cell => 'a cell: ' + cell.innerText),
]`;

/** On a phone the page scrolls downwards alone, and every cell of its tables is seen as a whole. */
export async function fitsPhone(page: Page): Promise<void> {
  await page.setViewportSize({ width: 375, height: 740 });
  expect(await page.evaluate(RUNNING_OFF), page.url()).toEqual([]);
}

/** The same, no wider than a screen or a phone; pictures of it go into the folder that `PICTURES` names. */
export async function breaksNoRuleNorFrame(page: Page, name: string): Promise<void> {
  const pictures = process.env.PICTURES;
  await breaksNoRule(page, async scheme => {
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (pictures)
        await page.screenshot({ path: `${pictures}/${name}-${width}-${scheme}.png`, fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });
}
