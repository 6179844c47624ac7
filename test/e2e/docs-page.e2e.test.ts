/** The reference at /docs: what is served, and in a browser, what it shows, asks for and signs. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openBrowser } from '../browser/browser.ts';
import { strangers, type Witness, watchContext } from '../browser/witness.ts';
import {
  type Ground,
  host,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import { send } from './wire.ts';

const browser = await openBrowser();
let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
});

afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
  await ground?.close();
});

const get = (path: string) => send(gateway.port, { path });

describe('what is served', () => {
  test('is complete, and may load nothing from elsewhere', async () => {
    const page = await get('/docs');
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(4);
    for (const link of [
      'docs',
      ...links,
      'docs/sdk/sign.js',
      'docs/sdk/php-query.js',
      'docs/sign-request.js',
    ]) {
      expect(link).not.toMatch(/^(\w+:|\/)/);
      const { status, headers } = await get(`/${link}`);
      expect({ link, status }).toEqual({ link, status: 200 });
      expect(headers['content-security-policy']).toMatch(
        /default-src 'none'.*connect-src 'self'.*frame-ancestors 'none'/,
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  test.each([
    '/docs/index.html',
    '/docs/package.json',
    '/docs/../server/package.json',
    '/docs/sdk/client.js',
  ])('is not %s', async path => {
    expect((await get(path)).status).toBe(404);
  });

  test('is found with a slash at the end, too', async () => {
    expect(await get('/docs/')).toMatchObject({ status: 302, headers: { location: '../docs' } });
  });
});

describe.skipIf(!browser)('in a browser', () => {
  let page: Page;
  let witness: Witness;

  beforeAll(async () => {
    const context = await browser!.newContext();
    witness = watchContext(context);
    page = await context.newPage();
    await page.goto(`http://${host}:${gateway.port}/docs`);
    await page.locator('#operations-Invoices-createInvoice').waitFor();
  });

  /** Waits until an expression in the page is true of something; answers it. */
  const until = (expression: string) =>
    vi.waitUntil(() => page.evaluate(expression), { timeout: 30_000, interval: 50 });

  async function enter({ publicKey, privateKey }: Pick<Shop, 'publicKey' | 'privateKey'>, auth: string) {
    for (const [id, value] of Object.entries({ 'public-key': publicKey, 'private-key': privateKey, auth }))
      await page.evaluate(`void (document.getElementById('${id}').value = '${value}')`);
  }

  /** Opens an operation, tries it as the example has it, and answers what the page shows of the answer. */
  async function tryOut(operation: string): Promise<{ status: string; shown: string }> {
    const block = `document.getElementById('operations-${operation}')`;
    const click = (selector: string) =>
      until(`(button => button && (button.click(), true))(${block}.querySelector('${selector}'))`);
    if (!(await page.evaluate(`!!${block}.querySelector('.opblock-body')`)))
      await click('.opblock-summary-control');
    if (await page.evaluate(`!${block}.querySelector('.execute')`)) await click('.try-out__btn');
    await page.evaluate(`void ${block}.querySelector('.btn-clear')?.click()`);
    await until(`!${block}.querySelector('.live-responses-table')`);
    await click('.execute');
    // A request that was not sent has a row without a status.
    await until(`!!${block}.querySelector('.live-responses-table tbody .response-col_status')`);
    const status: string = await page.evaluate(
      `${block}.querySelector('.live-responses-table tbody .response-col_status').textContent.trim()`,
    );
    return {
      status,
      shown: await page.evaluate(`${block}.querySelector('.responses-wrapper').textContent`),
    };
  }

  test('without keys nothing is sent, and it says why', async () => {
    await enter({ publicKey: '', privateKey: '' }, 'signature');
    const { shown } = await tryOut('Account-viewUser');
    expect(shown).toContain('Enter the public and the private key');
    expect(witness.requests.filter(request => request.url().includes('/api/v1/'))).toEqual([]);
  });

  test.each([
    ['signature', { auth: 'signature' }],
    ['signature-v2', { auth: 'signature', signatureV2: 'required' }],
    ['private-key', { auth: 'private-key' }],
  ] as const)('a request is tried with a %s', async (auth, settings) => {
    const shop = await openShop(ground, { settings });
    await enter(shop, auth);
    const user = await tryOut('Account-viewUser');
    expect(user.status).toMatch(/^200/);
    const created = await tryOut('Invoices-createInvoice');
    expect(created.status).toMatch(/^200/);
    expect(created.shown).toContain(shop.wallets['TRC-20']);
    expect(user.shown + created.shown).not.toContain(shop.privateKey);
    const withKey = witness.requests.filter(request =>
      JSON.stringify(request.headers()).includes(shop.privateKey),
    );
    expect(withKey.length > 0).toBe(auth === 'private-key');
    const kept = 'JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])';
    expect(await page.evaluate(kept)).not.toContain('private_');
  });

  test('the code of an operation is there in four languages, for this installation', async () => {
    const samples = `document.querySelector('#operations-Invoices-createInvoice .code-samples')`;
    const labels = await page.evaluate(
      `[...${samples}.querySelectorAll('[role=tab]')].map(tab => tab.textContent)`,
    );
    expect(labels).toEqual(['curl', 'PHP', 'Node.js', 'Python']);
    await page.evaluate(`void ${samples}.querySelectorAll('[role=tab]')[3].click()`);
    expect(await until(`/hashlib/.test(${samples}.textContent) && ${samples}.textContent`)).toContain(
      `http://${host}:${gateway.port}/api/v1/invoice`,
    );
  });

  test.each([360, 1280])('it fits a screen of %d pixels, light and dark', async width => {
    await page.setViewportSize({ width, height: 800 });
    for (const value of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: value });
      await until(`document.documentElement.classList.contains('dark-mode') === ${value === 'dark'}`);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  test('it asks nobody else for anything, and breaks no rule of its policy', () => {
    expect(witness.requests.length).toBeGreaterThan(4);
    expect(strangers(witness, `http://${host}:${gateway.port}`)).toEqual([]);
    expect(witness.complaints).toEqual([]);
  });
});
