/**
 * The whole way of a new installation, on a live local chain: from the set-up link to an exported file. What has a page of its
 * own in this test is done there, with the browser; the rest goes through the same routes from that page, in its session.
 */
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressText } from '../../server/src/chains/registry.ts';
import { issueSetUpToken } from '../../server/src/commands/claim-set-up.ts';
import { openBrowser } from '../browser/browser.ts';
import { clientOf, type Ground, openGateway, openGround, type Shop, type TestGateway } from '../gateway.ts';
import { password } from './dashboard-world.ts';
import { unitsOf } from './fake-watch.ts';
import { bury, type LiveChain, openLive, pay } from './live-chain.ts';
import { openSink, type Sink } from './sink.ts';

const CODE = 'TRC-20';
const patience = { timeout: 45_000, interval: 50 };
const browser = await openBrowser();

describe.skipIf(!browser)('a new installation', () => {
  let ground: Ground;
  let gateway: TestGateway;
  let sink: Sink;
  let chain: LiveChain;
  let page: Page;

  beforeAll(async () => {
    [ground, sink, chain] = await Promise.all([openGround(), openSink(), openLive(CODE)]);
    gateway = await openGateway(ground, { providers: { [CODE]: chain.rpcUrl } });
    const cursors = () => ground.db.selectFrom('cursors').select('network').execute();
    await vi.waitUntil(async () => (await cursors()).length > 0, patience);
    const context = await browser!.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
  });

  afterAll(async () => {
    await browser!.close();
    await gateway?.stop();
    await chain?.stop();
    await sink?.close();
    await ground?.close();
  });

  const at = (path: string) => `${gateway.baseUrl}/dashboard${path}`;

  /** A request of the page that stands open. */
  async function ask(method: string, path: string, body: unknown = null) {
    const answer = await page.evaluate(
      async ([how, url, sent]) => {
        const response = await fetch(url as string, {
          method: how as string,
          ...(sent !== null && {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(sent),
          }),
        });
        return { status: response.status, text: await response.text() };
      },
      [method, at(`/api/${path}`), body] as const,
    );
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  /** The first person comes by the link that the terminal shows; answers their account. */
  async function setUp(): Promise<number> {
    const { db, vault, clock } = ground;
    const token = await issueSetUpToken({ db, vault, clock, randomBytes }, { userId: null });
    await page.goto(at(`/setup#${token}`));
    await page.getByLabel('E-mail address').fill('first@example.com');
    await page.getByLabel('Your name').fill('First Person');
    await page.locator('input[type="password"]').first().fill(password);
    await page.getByRole('button', { name: 'Create your account' }).click();
    await page.getByRole('navigation', { name: 'Menu' }).waitFor();
    return JSON.parse(await ask('GET', 'session')).accounts[0].user_id;
  }

  /** A merchant that listens, with a wallet; its keys are told this once. */
  async function openMerchant(userId: number): Promise<Shop> {
    const made = JSON.parse(
      await ask('POST', `users/${userId}/merchants`, {
        name: 'Lamps',
        url: 'https://shop.example/',
        webhook_url: sink.url('/hook'),
      }),
    );
    const address = `0x${randomBytes(20).toString('hex')}`;
    const written = addressText(chain.network, `41${address.slice(2)}`);
    await ask('POST', `users/${userId}/merchants/${made.id}/wallets`, {
      network: CODE,
      cryptocurrency: 'USDT',
      address: written,
      digits: 3,
      max_tail: 999,
      commission_payer: 'merchant',
      hold_hours: 24,
      active: true,
      qr: 'address',
    });
    return {
      id: made.id,
      userId,
      publicKey: made.public_key,
      privateKey: made.private_key,
      webhookSecret: made.webhook_secret,
      auth: 'signature',
      address,
      wallets: { [CODE]: written },
    };
  }

  async function create(shop: Shop, reference: string) {
    return clientOf(gateway, shop).createInvoice({ amount: '25', client_reference_id: reference });
  }

  const events = () => sink.at('/hook').map(({ body }) => JSON.parse(body).event_type);

  test('goes from the set-up link to a file with exactly what was paid', async () => {
    const userId = await setUp();
    const shop = await openMerchant(userId);

    const exact = await create(shop, 'paid exactly');
    await pay(chain, shop.address, unitsOf(exact));
    await bury(chain);
    await vi.waitUntil(() => events().includes('paid'), patience);

    const short = await create(shop, 'paid short');
    await create(shop, 'never paid');
    await pay(chain, shop.address, unitsOf(short) - 1_000_000n);
    await bury(chain);
    await page.goto(at('/money'));
    await vi.waitUntil(async () => {
      if (await page.getByText('Waits for you', { exact: true }).count()) return true;
      await page.reload();
      await page.getByRole('heading', { name: 'Unmatched money' }).waitFor();
      return false;
    }, patience);
    await page.getByRole('link', { name: /USDT/ }).click();
    const likeliest = page.getByRole('article').filter({ hasText: 'paid short' });
    await likeliest.getByText('Short by an exchange’s usual fee').waitFor();
    await likeliest.getByRole('button', { name: 'It is for this one' }).click();
    await page.getByRole('button', { name: 'Mark as paid' }).click();
    await page.getByText('Accepted', { exact: true }).waitFor();
    await vi.waitUntil(() => events().includes('paid_manually'), patience);
    expect(events()).toEqual(['paid', 'paid_manually']);

    const log = await ask('GET', `users/${userId}/webhooks`);
    expect(log.match(/"state":"delivered"/g)).toHaveLength(2);
    const file = await ask(
      'GET',
      `users/${userId}/invoices/export?format=csv&status=completed,paid_manually`,
    );
    const [, ...lines] = file.trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    for (const reference of ['paid exactly', 'paid short'])
      expect(lines.filter(line => line.includes(reference))).toHaveLength(1);

    await page.goto(at('/reports?view=reconciliation'));
    await page.getByText('Everything is accounted for').waitFor();
  });
});
