import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import { creating } from './api-server.ts';
import { wallet } from './dashboard-routes.ts';
import { type Browser, type Dashboard, openDashboard, signedIn, somebody } from './dashboard-world.ts';

const HOUR = 3_600_000;
const ONE = wallet.address;
const TWO = 'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8';
let ground: Ground;
let dashboard: Dashboard;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground);
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

async function shop() {
  const { email, userId } = await somebody(dashboard.deps);
  const owner = await signedIn(dashboard, email);
  const made = await owner.post(`/users/${userId}/merchants`, { name: 'Shop', url: 'https://shop.example' });
  expect(made.status).toBe(201);
  return { owner, userId, at: `/users/${userId}/merchants/${made.body.id}`, made: made.body };
}

/** One for which no coin was chosen, so that it holds nothing itself. */
async function anInvoice(merchantId: number): Promise<number> {
  const page = { id: randomUUID(), description: 'Coffee', backUrl: null, cancelUrl: null, lang: null };
  const [made] = await creating(ground)([
    {
      merchant: { id: merchantId, compat: false, paymentMinutes: 30 },
      requested: { units: 1_000_000_000n, scale: 8 },
      source: null,
      clientReferenceId: 'order 1',
      metadata: null,
      method: null,
      page,
    },
  ]);
  if (!made?.ok) throw new Error(made?.fault);
  return made.value.id;
}

const patch = (browser: Browser, path: string, body: unknown) => browser.ask('PATCH', path, body);

describe('a merchant', () => {
  test('is made with keys that are shown once', async () => {
    const { owner, userId, at, made } = await shop();
    expect(Object.keys(made).sort()).toEqual(['id', 'private_key', 'public_key', 'webhook_secret']);
    const { body, text } = await owner.get(at);
    expect(body).toMatchObject({
      name: 'Shop',
      payment_minutes: 30,
      keys: [{ public_key: made.public_key }],
    });
    expect(text).not.toContain(made.private_key);
    expect(text).not.toContain(made.webhook_secret);
    expect((await owner.get(`/users/${userId}/merchants`)).body.merchants).toMatchObject([{ name: 'Shop' }]);
  });

  test('is changed, each fault told beside its field, and all of it audited', async () => {
    const { owner, userId, at } = await shop();
    const bad = await patch(owner, at, {
      payment_minutes: 91,
      webhook_url: 'http://10.0.0.1/',
      page_origins: ['*'],
    });
    expect(Object.keys(bad.body.error.fields).sort()).toEqual([
      'page_origins',
      'payment_minutes',
      'webhook_url',
    ]);
    const hook = 'https://shop.example/hook?token=abc';
    expect((await patch(owner, at, { name: 'New', payment_minutes: 90, webhook_url: hook })).status).toBe(
      204,
    );
    expect((await owner.get(at)).body).toMatchObject({ name: 'New', payment_minutes: 90, webhook_url: hook });
    const [entry] = (await owner.get(`/users/${userId}/audit-log`)).body.entries;
    expect(entry).toMatchObject({
      action: 'merchant.change',
      after: { name: 'New', paymentMinutes: 90, webhookUrl: 'https://shop.example/hook' },
    });
  });

  test('has a logo that is a picture, of up to a megabyte as it is sent', async () => {
    const { owner, at } = await shop();
    const file = readFileSync(new URL('../../server/src/lib/image/fixtures/photo.jpg', import.meta.url));
    const put = (logo: Buffer) => owner.ask('PUT', `${at}/logo`, { logo: logo.toString('base64') });
    expect((await put(file)).status).toBe(204);
    expect((await owner.get(at)).body.logo).toMatch(/^[0-9a-f]{64}$/);
    const svg = await put(Buffer.from('<svg/>'));
    expect(svg.body.error.fields).toEqual({ logo: ['must be a PNG, JPEG or WebP image'] });
    expect((await put(Buffer.alloc(1000 * 1024))).body.error.fields.logo).toEqual([
      'must be a PNG, JPEG or WebP image',
    ]);
    expect((await put(Buffer.alloc(2 * 1024 * 1024))).status).toBe(413);
    expect((await owner.ask('DELETE', `${at}/logo`)).status).toBe(204);
    expect((await owner.get(at)).body.logo).toBeNull();
  });

  test('gets new keys while the old ones last a while longer', async () => {
    const { owner, at, made } = await shop();
    const keys = await owner.post(`${at}/keys`, { overlap_hours: 2 });
    expect(keys.body.public_key).not.toBe(made.public_key);
    const [fresh, old] = (await owner.get(at)).body.keys;
    expect(fresh).toMatchObject({ public_key: keys.body.public_key, expires_at: null });
    expect(Math.abs(old.expires_at - dashboard.deps.clock.now() - 2 * HOUR)).toBeLessThan(60_000);
    const bad = await owner.post(`${at}/keys`, { overlap_hours: -1 });
    expect(Object.keys(bad.body.error.fields)).toEqual(['overlap_hours']);
  });
});

describe('a wallet', () => {
  test('is checked while it is typed, and told apart from others', async () => {
    const { owner } = await shop();
    const look = async (network: string, address: string) =>
      (await owner.post('/address-check', { network, address })).body;
    expect(await look('TRC-20', ` ${ONE} `)).toEqual({ address: ONE, fault: null });
    expect((await look('TRC-20', ONE.replace('TN', 'TM'))).fault).toContain('check');
    expect((await look('TRC-20', '0x52908400098527886E0F7030069857D2E4169EE7')).fault).toContain('Ethereum');
    expect((await owner.get('/places')).body).toMatchObject({ wallet_hold_hours: 24 });
  });

  test('waits beside another one, is shown with its time, and can be stopped', async () => {
    const { owner, userId, at } = await shop();
    const first = await owner.post(`${at}/wallets`, wallet);
    expect(first.body).toMatchObject({ active_from: null });
    const second = await owner.post(`${at}/wallets`, { ...wallet, address: TWO });
    expect(second.body.active_from).toBeGreaterThan(dashboard.deps.clock.now() + 23 * HOUR);
    expect((await owner.get(`/users/${userId}/overview`)).body.held).toMatchObject([
      { id: second.body.id, active_from: second.body.active_from, merchant_name: 'Shop' },
    ]);
    await patch(owner, `${at}/wallets/${second.body.id}`, { active: false });
    expect((await owner.get(`/users/${userId}/overview`)).body.held).toEqual([]);
    const other = await shop();
    const foreign = await patch(other.owner, `${other.at}/wallets/${second.body.id}`, { active: true });
    expect(foreign.status).toBe(404);
    const bad = await owner.post(`${at}/wallets`, { ...wallet, max_tail: 0 });
    expect(bad.body.error.fields).toEqual({ max_tail: ['must be at least 1'] });
  });

  test('says how many of its tails are held at the busiest price', async () => {
    const { owner, userId, at } = await shop();
    const { id } = (await owner.post(`${at}/wallets`, { ...wallet, max_tail: 4 })).body;
    const { db } = dashboard.deps;
    const row = await db.selectFrom('wallets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const invoiceId = await anInvoice(row.merchant_id);
    // 10.000 with tails 1, 2 and 4; 10.005 lies beyond them; 20.000 with one that has lapsed.
    for (const units of [10_001_000, 10_002_000, 10_004_000, 10_005_000, 20_001_000]) {
      const { network, address_key, asset } = row;
      const held_until = units > 20_000_000 ? new Date(0) : null;
      const hold = { network, address_key, asset, units: String(units), invoice_id: invoiceId, held_until };
      await db.insertInto('reservations').values(hold).execute();
    }
    expect((await owner.get(`${at}/wallets`)).body.wallets).toMatchObject([{ id, used: 3, max_tail: 4 }]);
    expect((await owner.get(`/users/${userId}/overview`)).body.nearly_full).toMatchObject([{ id, used: 3 }]);
  });
});

test('three thousand merchants do not hide the wallet that waits, the newest invoice or one that is named', async () => {
  const { owner, userId, made } = await shop();
  const { db } = dashboard.deps;
  await sql`
    insert into merchants (user_id, name, url, auth, payment_minutes, compat, private_key_header, webhook_secret, created_at)
    select user_id, 'Branch ' || n, url, auth, payment_minutes, false, private_key_header, webhook_secret, created_at
      from merchants, generate_series(1, 3000) n where id = ${made.id} order by n`.execute(db);
  const { merchants } = (await owner.get(`/users/${userId}/merchants`)).body;
  expect(merchants).toHaveLength(3001);
  const last = `/users/${userId}/merchants/${merchants.at(-1).id}`;
  await owner.post(`${last}/wallets`, wallet);
  await owner.post(`${last}/wallets`, { ...wallet, address: TWO });
  const other = `/users/${userId}/merchants/${merchants[7].id}`;
  await owner.post(`${other}/wallets`, wallet);
  const invoices: number[] = [];
  for (const at of [last, other])
    invoices.unshift((await owner.post(`${at}/invoices`, { amount: '5' })).body.id);
  const overview = (await owner.get(`/users/${userId}/overview`)).body;
  expect(overview.held).toMatchObject([{ merchant_name: 'Branch 3000' }]);
  expect(overview).toMatchObject({ first_merchant: made.id, networks: [{ code: 'TRC-20' }] });
  const listed = (await owner.get(`/users/${userId}/invoices`)).body;
  expect(listed.invoices.map(({ id }: { id: number }) => id)).toEqual(invoices);
  for (const id of invoices) await owner.post(`/users/${userId}/invoices/${id}/cancel`);
  const found = (await owner.get(`/users/${userId}/invoices?query=hand-&status=cancelled`)).body;
  expect(found.invoices).toHaveLength(2);
  const told = (await owner.get(`/users/${userId}/webhooks`)).body;
  expect(told.deliveries.map((one: { invoice_id: number }) => one.invoice_id)).toEqual(invoices.toReversed());
});

describe('payment links and the balance', () => {
  test('are made, shown with a button, and closed', async () => {
    const { owner, userId, at } = await shop();
    const asked = { amount: '14.3', currency: 'EUR', description: 'Coffee' };
    const made = await owner.post(`${at}/links`, asked);
    expect(made.body).toMatchObject({ amount: '14.30', currency: 'EUR', state: 'open', paid: 0 });
    expect(made.body.button).toContain(`href="https://pay.example/pay/${made.body.id}"`);
    const bad = await owner.post(`${at}/links`, { ...asked, amount: '-1', back_url: 'javascript:1' });
    expect(Object.keys(bad.body.error.fields).sort()).toEqual(['amount', 'back_url']);
    const stranger = await shop();
    const close = (who: typeof stranger) =>
      who.owner.post(`/users/${who.userId}/links/${made.body.id}/close`);
    expect((await close(stranger)).status).toBe(404);
    expect((await stranger.owner.get(`/users/${stranger.userId}/links`)).body.links).toEqual([]);
    expect((await owner.post(`/users/${userId}/links/${made.body.id}/close`)).status).toBe(204);
    expect((await owner.get(`/users/${userId}/links`)).body.links).toMatchObject([{ state: 'closed' }]);
  });

  test('say what is owed, and that nobody takes top-ups yet', async () => {
    const { owner, userId } = await shop();
    expect((await owner.get(`/users/${userId}/balance`)).body).toMatchObject({
      balance: '0.00',
      can_top_up: false,
      entries: [],
      cursor: null,
    });
    const refused = await owner.post(`/users/${userId}/top-ups`, { amount: '10' });
    expect(refused.body.error.fields.merchant[0]).toContain('no merchant takes top-ups');
  });

  test('stand beside how far the account has come and its last thirty days', async () => {
    const { email, userId } = await somebody(dashboard.deps);
    const owner = await signedIn(dashboard, email);
    expect((await owner.get(`/users/${userId}/overview`)).body).toMatchObject({
      steps: { merchant: false, wallet: false, key: false, payment: false, webhook: false },
      first_merchant: null,
    });
    const { days } = (await owner.get(`/users/${userId}/days`)).body;
    expect(days).toHaveLength(30);
    expect(days.at(-1)).toEqual({
      day: new Date(dashboard.deps.clock.now()).toISOString().slice(0, 10),
      created: 0,
      paid: 0,
      expired: 0,
      paid_usd: '0',
    });
  });
});
