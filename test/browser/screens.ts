/**
 * Pictures of the payer's page, to look at: the few that the documentation keeps, or of every state and size.
 *
 *     npm run screens                      into docs/screens
 *     npm run screens -- --all FOLDER      every state at 360 and 1280 pixels, light and dark
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { openSamplePages, type SamplePages, sampleNames, screenNames } from './sample-pages.ts';
import { openTab, visit } from './sample-tab.ts';
import { smallPng } from './small-png.ts';

type Shot = { name: string; width: 360 | 1280; scheme: 'light' | 'dark' };

const KEPT: readonly Shot[] = [
  ...screenNames.map(name => ({ name, width: 360, scheme: 'light' }) as const),
  ...['choose', 'awaiting', 'confirming'].map(name => ({ name, width: 360, scheme: 'dark' }) as const),
  { name: 'awaiting', width: 1280, scheme: 'light' },
  { name: 'paid', width: 1280, scheme: 'dark' },
];

const ALL: readonly Shot[] = sampleNames.flatMap(name =>
  ([360, 1280] as const).flatMap(width =>
    (['light', 'dark'] as const).map(scheme => ({ name, width, scheme })),
  ),
);

async function take(browser: Browser, pages: SamplePages, shots: readonly Shot[], folder: string) {
  for (const { name, width, scheme } of shots) {
    const tab = await openTab(browser, pages, { width, height: width === 360 ? 740 : 800 });
    await tab.emulateMedia({ colorScheme: scheme });
    await visit(tab, pages.url(name, 'en-US'));
    const picture = await smallPng(tab, await tab.screenshot({ fullPage: true }));
    await writeFile(join(folder, `${name}-${width}-${scheme}.png`), picture);
    await tab.context().close();
  }
}

const { values } = parseArgs({ options: { all: { type: 'string' } } });
const kept = fileURLToPath(new URL('../../docs/screens', import.meta.url));
const folder = values.all ?? kept;
await mkdir(folder, { recursive: true });
const browser = await openBrowser();
if (browser) {
  const pages = await openSamplePages();
  try {
    // A picture of a state that is no more would tell what is no longer true. Those of the dashboard are taken by hand.
    if (folder === kept)
      for (const file of await readdir(folder))
        if (file.endsWith('.png') && !file.startsWith('dashboard-')) await rm(join(folder, file));
    await take(browser, pages, values.all ? ALL : KEPT, folder);
  } finally {
    await pages.close();
    await browser.close();
  }
} else process.exitCode = 1;
