/** The whole way of a new installation, on a live local chain, clicked in a browser: from the set-up link to an exported file. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CryptoScan } from '@cryptoscan/sdk';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressText } from '../../server/src/chains/registry.ts';
import { issueSetUpToken } from '../../server/src/commands/claim-set-up.ts';
import { openBrowser } from '../browser/browser.ts';
import { type Ground, openGateway, openGround, type TestGateway } from '../gateway.ts';
import { password } from './dashboard-world.ts';
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

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');
  const goTo = (place: string) =>
    page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: place, exact: true }).click();

  /** The first person comes by the link that the terminal shows. */
  async function setUp(): Promise<void> {
    const { db, vault, clock } = ground;
    const token = await issueSetUpToken({ db, vault, clock, randomBytes }, { userId: null });
    await page.goto(at(`/setup#${token}`));
    await page.getByLabel('E-mail address').fill('first@example.com');
    await page.getByLabel('Your name').fill('First Person');
    await page.locator('input[type="password"]').first().fill(password);
    await button('Create your account').click();
    await page.getByRole('navigation', { name: 'Menu' }).waitFor();
  }

  /** A merchant that listens; its keys are shown this once. Answers them. */
  async function addMerchant(): Promise<{ publicKey: string; privateKey: string }> {
    await goTo('Merchants');
    await button('Add a merchant').click();
    await dialog().getByLabel('Name').fill('Lamps');
    await dialog().getByLabel('Website').fill('https://shop.example/');
    await dialog().getByLabel('Webhook URL').fill(sink.url('/hook'));
    await dialog().getByRole('button', { name: 'Add a merchant' }).click();
    const shown = page.getByText(/private_[\w-]{43}/);
    await shown.waitFor();
    const privateKey = (await shown.first().textContent()) ?? '';
    const publicKey =
      (await page
        .getByText(/public_[\w-]+/)
        .first()
        .textContent()) ?? '';
    await button('I have kept them').click();
    await page.getByRole('heading', { level: 1, name: 'Lamps' }).waitFor();
    return { publicKey: publicKey.trim(), privateKey: privateKey.trim() };
  }

  /** Answers the 20 bytes of its address. */
  async function addWallet(): Promise<string> {
    const address = `0x${randomBytes(20).toString('hex')}`;
    await button('Add a wallet').click();
    await dialog().getByLabel('Network').selectOption(CODE);
    await dialog()
      .getByLabel('Address')
      .fill(addressText(chain.network, `41${address.slice(2)}`));
    await dialog().getByText('This is a valid address').waitFor();
    await dialog().getByRole('button', { name: 'Add a wallet' }).click();
    await page.getByRole('cell', { name: addressText(chain.network, `41${address.slice(2)}`) }).waitFor();
    return address;
  }

  /** Made by hand; answers what is due in base units, with its page open. */
  async function createInvoice(reference: string): Promise<bigint> {
    await goTo('Invoices');
    await page.getByRole('link', { name: 'New invoice' }).click();
    await page.getByLabel('Amount').fill('25');
    await page.getByLabel('Reference').fill(reference);
    await button('Create invoice').click();
    await page.getByText('The invoice is ready.').waitFor();
    await page.getByRole('link', { name: 'To the invoice' }).click();
    await page.getByText('Created by hand').waitFor();
    const { final_units } = await ground.db
      .selectFrom('invoices')
      .select('final_units')
      .where('client_reference_id', '=', reference)
      .executeTakeFirstOrThrow();
    return BigInt(final_units ?? 0);
  }

  const events = () => sink.at('/hook').map(({ body }) => JSON.parse(body).event_type);

  test('goes from the set-up link to a file with exactly what was paid, by clicking', {
    timeout: 240_000,
  }, async () => {
    await setUp();
    const keys = await addMerchant();
    const wallet = await addWallet();

    const due = await createInvoice('paid exactly');
    await pay(chain, wallet, due);
    await bury(chain);
    await page.getByText('is final: paid').waitFor({ timeout: patience.timeout });
    await page
      .getByRole('link', { name: /^Webhooks/ })
      .last()
      .click();
    await page.getByRole('link', { name: 'paid', exact: true }).click();
    await dialog().getByText('200').first().waitFor({ timeout: patience.timeout });
    await page.keyboard.press('Escape');
    // The key that was shown is one that the API takes.
    const client = new CryptoScan({ baseUrl: gateway.baseUrl, ...keys, auth: 'signature' });
    expect(await client.invoice(1)).toMatchObject({ status: 'completed' });

    const short = (await createInvoice('paid short')) - 1_000_000n;
    await pay(chain, wallet, short);
    await bury(chain);
    await goTo('To be decided');
    await page.getByRole('link', { name: 'Transfers', exact: true }).click();
    await vi.waitUntil(async () => {
      if (await page.getByRole('table').getByText('Waits for you').count()) return true;
      await page.reload();
      await page.getByRole('heading', { name: 'To be decided' }).waitFor();
      return false;
    }, patience);
    await page.getByRole('link', { name: /USDT/ }).click();
    const likeliest = page.getByRole('article').filter({ hasText: 'paid short' });
    await likeliest.getByText('Short by an exchange’s usual fee').waitFor();
    await likeliest.getByRole('button', { name: 'It is for this one' }).click();
    await button('Mark as paid').click();
    await page.getByText('Accepted', { exact: true }).waitFor();
    await page.keyboard.press('Escape');

    await createInvoice('paid in the shop');
    await button('Confirm payment manually').click();
    await dialog().getByLabel('Transaction id').fill('ab'.repeat(32));
    await dialog().getByLabel('Reason').fill('The payer showed it at the counter');
    await button('Confirm payment').click();
    await dialog().getByText('could not be seen on the blockchain').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).first().click();
    await vi.waitUntil(() => events().length >= 3, patience);
    expect(events()).toEqual(['paid', 'paid_manually', 'paid_manually']);

    await createInvoice('never paid');
    await goTo('Invoices');
    await page.getByText('Filters').click();
    await page.getByLabel('Status').selectOption('paid_manually');
    await page.waitForURL(/status=paid_manually/);
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    const [, ...lines] = (await readFile(await (await waiting).path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    for (const reference of ['paid short', 'paid in the shop'])
      expect(lines.filter(line => line.includes(reference))).toHaveLength(1);

    await goTo('Reports');
    await button('Reconciliation').click();
    await page.getByText('Everything is accounted for').waitFor();
  });
});
