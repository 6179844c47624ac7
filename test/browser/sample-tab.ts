/** A tab that looks at sample pages. Links of the samples lead to shops that do not exist, and are not followed. */
import type { Browser, Page } from 'playwright-core';
import type { SamplePages } from './sample-pages.ts';

export async function openTab(
  browser: Browser,
  { origin }: SamplePages,
  size: { width: number; height: number; scale?: number },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale ?? 1,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
  });
  // An answer without a page leaves the browser where it is.
  await context.route(
    url => url.origin !== origin,
    route => route.fulfill({ status: 204 }),
  );
  return context.newPage();
}

/** A state the page cannot be made for has no look to judge. */
export async function visit(tab: Page, url: string): Promise<void> {
  const answer = await tab.goto(url);
  if (answer?.status() !== 200) throw new Error(`${url}: ${await answer?.text()}`);
}

/** Opens what the payer may open. */
export async function unfold(tab: Page): Promise<void> {
  await tab.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
}
