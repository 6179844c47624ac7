/** The reference at /docs: what is served, and in a browser where there is one, what it shows, asks for and signs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Ground,
  host,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { chromium, openPage, type Page } from './docs-page-browser.ts';
import { watchFake } from './fake-watch.ts';
import { send } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
});

afterAll(async () => {
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

describe.skipIf(!chromium)('in a browser', () => {
  let page: Page;

  beforeAll(async () => {
    page = await openPage(chromium!);
    await page.call('Page.navigate', { url: `http://${host}:${gateway.port}/docs` });
    await page.until(`!!document.querySelector('#operations-Invoices-createInvoice')`);
  });

  afterAll(async () => {
    await page?.close();
  });

  const sent = () =>
    page.events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => params.request as { url: string; headers: Record<string, string> });

  async function enter({ publicKey, privateKey }: Pick<Shop, 'publicKey' | 'privateKey'>, auth: string) {
    for (const [id, value] of Object.entries({ 'public-key': publicKey, 'private-key': privateKey, auth }))
      await page.evaluate(`void (document.getElementById('${id}').value = '${value}')`);
  }

  /** Opens an operation, tries it as the example has it, and answers what the page shows of the answer. */
  async function tryOut(operation: string): Promise<{ status: string; shown: string }> {
    const block = `document.getElementById('operations-${operation}')`;
    const click = (selector: string) =>
      page.until(`(button => button && (button.click(), true))(${block}.querySelector('${selector}'))`);
    if (!(await page.evaluate(`!!${block}.querySelector('.opblock-body')`)))
      await click('.opblock-summary-control');
    if (await page.evaluate(`!${block}.querySelector('.execute')`)) await click('.try-out__btn');
    await page.evaluate(`void ${block}.querySelector('.btn-clear')?.click()`);
    await page.until(`!${block}.querySelector('.live-responses-table')`);
    await click('.execute');
    // A request that was not sent has a row without a status.
    await page.until(`!!${block}.querySelector('.live-responses-table tbody .response-col_status')`);
    const status = await page.evaluate<string>(
      `${block}.querySelector('.live-responses-table tbody .response-col_status').textContent.trim()`,
    );
    return {
      status,
      shown: await page.evaluate<string>(`${block}.querySelector('.responses-wrapper').textContent`),
    };
  }

  test('without keys nothing is sent, and it says why', async () => {
    await enter({ publicKey: '', privateKey: '' }, 'signature');
    const { shown } = await tryOut('Account-viewUser');
    expect(shown).toContain('Enter the public and the private key');
    expect(sent().filter(({ url }) => url.includes('/api/v1/'))).toEqual([]);
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
    const withKey = sent().filter(({ headers }) => JSON.stringify(headers).includes(shop.privateKey));
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
    expect(await page.until(`/hashlib/.test(${samples}.textContent) && ${samples}.textContent`)).toContain(
      `http://${host}:${gateway.port}/api/v1/invoice`,
    );
  });

  test.each([360, 1280])('it fits a screen of %d pixels, light and dark', async width => {
    await page.call('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    for (const value of ['light', 'dark']) {
      await page.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      await page.until(`document.documentElement.classList.contains('dark-mode') === ${value === 'dark'}`);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  test('it asks nobody else for anything, and breaks no rule of its policy', () => {
    const strangers = sent().filter(
      ({ url }) => !/^(data|about|blob):/.test(url) && new URL(url).port !== String(gateway.port),
    );
    expect(strangers).toEqual([]);
    const faults = page.events.filter(
      ({ method }) => method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown',
    );
    expect(faults.map(({ params }) => JSON.stringify(params))).toEqual([]);
  });
});
