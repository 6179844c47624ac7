/**
 * The payer's page: when its largest text stands on a slow line, in cold browsers; and how soon the server answers with it
 * under load. Baseline: /healthz of the same process under the same load.
 */
import { createHmac, randomInt } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { Pool } from 'undici';
import { freePort } from '../../server/src/dev/free-port.ts';
import { networks } from '../../server/src/domain/asset.ts';
import { startGateway } from '../../server/src/main.ts';
import { openBrowser } from '../browser/browser.ts';
import {
  logger,
  loopback,
  type Merchant,
  makeMerchant,
  makeWallet,
  onGround,
  percentile,
  pretendWatched,
  ratio,
  vault,
} from './ground.ts';

const HOST = '127.0.0.1';
const LOADS = 21;
const CONNECTIONS = 32;
const PAGES = 100;
const MILLISECONDS = 8000;
const kilobits = (rate: number) => (rate * 1000) / 8;

/** Lighthouse's "slow 4G": as the line it simulates, and as it asks a browser to slow each request down for that. */
const LINES = [
  {
    name: '150 ms, 1.6 Mbit/s',
    latency: 150,
    downloadThroughput: kilobits(1600),
    uploadThroughput: kilobits(750),
  },
  {
    name: '562.5 ms a request, 1.47 Mbit/s',
    latency: 562.5,
    downloadThroughput: kilobits(1474.56),
    uploadThroughput: kilobits(675),
  },
];

export async function benchPage(): Promise<void> {
  await onGround(async ground => {
    await pretendWatched(ground, 'ERC-20');
    const merchant = await makeMerchant(ground);
    await makeWallet(ground, { merchantId: merchant.id, address: `0x${'1'.repeat(40)}` });
    const port = await freePort(HOST, randomInt(10_000, 32_000));
    const gateway = await startGateway({
      connection: ground.connection,
      vault,
      logger,
      host: HOST,
      port,
      baseUrl: null,
      limits: null,
      rates: { quorum: 2, sources: [] },
      networks: [{ network: networks['ERC-20'], providers: [{ url: `http://${HOST}:1` }] }],
      roles: ['api'],
      webhookAllow: loopback,
      trustedProxies: [],
    });
    try {
      const origin = `http://${HOST}:${port}`;
      const paths = await createPages(origin, merchant);
      await paint(`${origin}${paths[0]}`);
      await answer(origin, paths);
    } finally {
      await gateway.stop();
    }
  });
}

/** The paths of pages on which the payer has chosen. */
async function createPages(origin: string, merchant: Merchant): Promise<string[]> {
  const paths: string[] = [];
  for (let n = 0; n < PAGES; n++) {
    const signed = `amount=${n + 10}&api_key=${merchant.publicKey}&client_reference_id=p${n}`;
    const made = await fetch(`${origin}/api/v1/invoice/widget`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'public-key': merchant.publicKey,
        signature: createHmac('sha256', merchant.privateKey).update(signed).digest('hex'),
      },
      body: JSON.stringify({ amount: `${n + 10}`, client_reference_id: `p${n}` }),
    });
    const text = await made.text();
    if (!made.ok) throw new Error(text);
    const { data } = JSON.parse(text) as { data: { widget_url: string } };
    const { pathname } = new URL(data.widget_url);
    const body = new URLSearchParams({ from: '', method: 'ERC-20:USDT' });
    const page = await fetch(`${origin}${pathname}/method`, { method: 'POST', headers: { origin }, body });
    if (!(await page.text()).includes('data-screen="awaiting"')) throw new Error('nothing was chosen');
    paths.push(pathname);
  }
  return paths;
}

async function paint(url: string): Promise<void> {
  const browser = await openBrowser();
  if (!browser) return;
  console.log(`the amount is painted (LCP), ${LOADS} cold loads, processor four times slower`);
  try {
    for (const line of LINES) {
      const times: number[] = [];
      for (let n = 0; n < LOADS; n++) times.push(await load(browser, url, line));
      const [median, most] = [percentile(times, 0.5), Math.max(...times)];
      console.log(`${line.name.padEnd(32)} median ${median.toFixed(0)} ms  max ${most.toFixed(0)} ms`);
    }
  } finally {
    await browser.close();
  }
}

/** One load in a browser without a cache; answers when the amount was painted, in milliseconds from the start. */
async function load(browser: Browser, url: string, line: (typeof LINES)[number]): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const tab = await context.newPage();
  const devtools = await context.newCDPSession(tab);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', { offline: false, ...line });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await tab.goto(url, { waitUntil: 'load' });
  const [isAmount, at] = (await tab.evaluate(`new Promise(resolve => {
    const tell = ({ element, startTime }) => resolve([!!element?.querySelector('#amount'), startTime]);
    new PerformanceObserver(list => tell(list.getEntries().at(-1))).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    });
  })`)) as [boolean, number];
  await context.close();
  if (!isAmount) throw new Error('something else than the amount was the largest');
  return at;
}

/** From the request to the first byte of the answer, which is there when its head is. */
async function answer(origin: string, paths: readonly string[]): Promise<void> {
  const alive = await ask(origin, ['/healthz']);
  const page = await ask(origin, paths);
  console.log(`first byte of the answer, ${CONNECTIONS} connections at once`);
  for (const [name, { times, rate }] of Object.entries({ 'GET /healthz': alive, 'GET /payment/…': page }))
    console.log(
      `${name.padEnd(16)} ${rate.toFixed(0)}/s  p50 ${percentile(times, 0.5).toFixed(1)} ms  p99 ${percentile(times, 0.99).toFixed(1)} ms`,
    );
  console.log(
    `the page takes ${ratio(percentile(page.times, 0.5), percentile(alive.times, 0.5))} at p50, ${ratio(percentile(page.times, 0.99), percentile(alive.times, 0.99))} at p99`,
  );
}

async function ask(origin: string, paths: readonly string[]): Promise<{ times: number[]; rate: number }> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const times: number[] = [];
  const begun = performance.now();
  const client = async () => {
    while (performance.now() - begun < MILLISECONDS) {
      const asked = performance.now();
      const path = paths[randomInt(paths.length)] ?? '';
      const { statusCode, body } = await pool.request({
        path,
        method: 'GET',
        headers: { 'accept-encoding': 'gzip' },
      });
      times.push(performance.now() - asked);
      await body.dump();
      if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  return { times, rate: times.length / seconds };
}
