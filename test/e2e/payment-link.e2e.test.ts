/** A payment link over HTTP: what looking at it does not do, what its button does once, and what it cannot be made to do. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeLink } from '../../server/src/commands/close-link.ts';
import { createLink } from '../../server/src/commands/create-link.ts';
import type { Link } from '../../server/src/store/payment-links.ts';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { defaultLimits, openApi } from './api-server.ts';
import { FORM, screenOf } from './payment-page-visit.ts';
import { closeWorld, openWorld, type World } from './webhook-world.ts';
import { type Answer, send } from './wire.ts';

let world: World;
let shop: Shop;
let link: Link;

beforeAll(async () => {
  world = await openWorld();
});

beforeEach(async () => {
  shop = await openShop(world.ground, { settings: { name: 'Nordlicht' } });
  link = await make();
});

afterAll(() => closeWorld(world));

async function make(given: object = {}, of = shop): Promise<Link> {
  const settings = {
    amount: '14.30',
    currency: 'USD',
    description: 'Two bags of coffee',
    backUrl: 'https://shop.example/thanks',
    cancelUrl: null,
    maxUses: null,
    expiresAt: null,
    ...given,
  };
  const made = await createLink({ ...world.ground, randomBytes }, { merchantId: of.id, settings });
  if (!made.ok) throw new Error(JSON.stringify(made.fault));
  return made.value;
}

type Headers = Record<string, string>;

const look = (id = link.id, { port = world.gateway.port, headers = {} as Headers, query = '' } = {}) =>
  send(port, { path: `/pay/${id}${query}`, headers });

const tokenOf = ({ text }: Answer): string => /name="token" value="([\w-]{22})"/.exec(text)?.[1] ?? '';

/** Sends a form as a browser does; what `headers` sets to '' is left out. */
function press(
  token: string,
  {
    id = link.id,
    port = world.gateway.port,
    fields = {} as Headers,
    headers = {} as Headers,
    query = '',
  } = {},
): Promise<Answer> {
  const all = { 'content-type': FORM, 'sec-fetch-site': 'same-origin', ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const body = new URLSearchParams({ token, ...fields }).toString();
  return send(port, { method: 'POST', path: `/pay/${id}${query}`, headers: sent, body });
}

/** The path a browser goes to. */
function pageOf(answer: Answer): string {
  expect(answer.status).toBe(303);
  const { pathname, search } = new URL(answer.headers.location ?? '', `${world.gateway.baseUrl}/pay/x`);
  return pathname + search;
}

const made = (of = shop) =>
  world.ground.db.selectFrom('invoices').selectAll().where('merchant_id', '=', of.id).execute();

test('shows shop, thing and price, and looking at it makes nothing', async () => {
  const page = await look();
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  for (const part of ['Nordlicht', 'Two bags of coffee', '$14.30']) expect(page.text).toContain(part);
  expect(page.text).not.toContain('<script');
  expect(page.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  });
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect((await send(world.gateway.port, { method: 'HEAD', path: `/pay/${link.id}` })).status).toBe(200);
  const again = await look();
  expect(tokenOf(page)).not.toBe('');
  expect(tokenOf(again)).not.toBe(tokenOf(page));
  expect((await look(link.id, { query: '?lang=de-DE' })).text).toContain('<html lang="de-DE"');
  expect(await made()).toEqual([]);
  const [, style] = /<link rel="stylesheet" href="([^"]+)"/.exec(page.text) ?? [];
  const { pathname } = new URL(style!, `${world.gateway.baseUrl}/pay/${link.id}`);
  expect((await send(world.gateway.port, { path: pathname })).status).toBe(200);
});

test('its button makes an invoice of the link’s price, on a page of its own, that the shop can find', async () => {
  const path = pageOf(await press(tokenOf(await look()), { query: '?lang=fr-FR' }));
  expect(path).toMatch(/^\/payment\/[0-9a-f-]{36}\?lang=fr-FR$/);
  const page = await send(world.gateway.port, { path });
  expect(screenOf(page)).toBe('choose');
  expect(page.text).toContain('Two bags of coffee');
  const [invoice] = await made();
  expect(invoice).toMatchObject({
    requested_amount: '14.30000000',
    metadata: `payment link ${link.id}`,
    back_url: 'https://shop.example/thanks',
    status: 'awaiting_method',
  });
  expect(invoice!.client_reference_id).toMatch(new RegExp(`^link-${link.id.slice(0, 8)}-[\\w-]{16}$`));
  const found = await clientOf(world.gateway, shop).searchInvoices(`payment link ${link.id}`);
  expect(found.map(({ id }) => id)).toEqual([invoice!.id]);
});

test('“USDT TRC-20 receive only” leaves nothing to choose', async () => {
  const bound = await openShop(world.ground, { settings: { compat: true } });
  const { id } = await make({}, bound);
  const path = pageOf(await press(tokenOf(await look(id)), { id }));
  expect(screenOf(await send(world.gateway.port, { path }))).toBe('awaiting');
});

test('a form sent twice, or eight times at once, makes one invoice', async () => {
  const token = tokenOf(await look());
  const answers = await Promise.all(Array.from({ length: 8 }, () => press(token)));
  answers.push(await press(token));
  expect(new Set(answers.map(pageOf)).size).toBe(1);
  expect(await made()).toHaveLength(1);
});

describe('a payer cannot', () => {
  test('change the price, the shop or the way back', async () => {
    const fields = {
      amount: '0.01',
      currency: 'IDR',
      requested: '0.01',
      merchant: '1',
      merchant_id: '1',
      description: 'x',
      back_url: 'https://evil.example/',
      metadata: 'x',
    };
    pageOf(await press(tokenOf(await look()), { fields, query: '?amount=0.01&currency=IDR' }));
    expect(await made()).toMatchObject([
      {
        requested_amount: '14.30000000',
        source_currency: null,
        widget_description: 'Two bags of coffee',
        back_url: 'https://shop.example/thanks',
        metadata: `payment link ${link.id}`,
      },
    ]);
  });

  test.each([
    ['no token', ''],
    ['a short one', 'abc'],
    ['one that is none', `${'a'.repeat(21)}'`],
  ])('send a form with %s', async (_what, token) => {
    expect((await press(token)).status).toBe(400);
    expect(await made()).toEqual([]);
  });

  test('be made to by another site', async () => {
    const token = tokenOf(await look());
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': '', origin: 'https://evil.example' },
    ] as Headers[])
      expect((await press(token, { headers })).status).toBe(403);
    expect((await press(token, { headers: { 'content-type': 'application/json' } })).status).toBe(415);
    expect(await made()).toEqual([]);
  });

  test('use another method', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
      const answer = await send(world.gateway.port, { method, path: `/pay/${link.id}` });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    }
  });
});

const endAll = (status: 'paid_manually' | 'expired') =>
  world.ground.db
    .updateTable('invoices')
    .set({ status, ended_at: new Date(world.ground.clock.now()) })
    .where('merchant_id', '=', shop.id)
    .execute();

test('what is unknown, closed or over is the same page that says there is none', async () => {
  const token = tokenOf(await look());
  const once = await make({ expiresAt: world.ground.clock.now() + 100 });
  await expect.poll(async () => (await look(once.id)).status, { timeout: 30_000 }).toBe(404);
  await closeLink(world.ground, link.id);
  const unknown = await look('A'.repeat(22));
  expect(unknown.headers['content-type']).toBe('text/html; charset=utf-8');
  for (const id of [link.id, once.id, 'x', `${link.id}A`, '%00', 'a%2Fb']) {
    const answer = await look(id);
    expect([id, answer.status, answer.text]).toEqual([id, 404, unknown.text]);
  }
  for (const id of [link.id, once.id, 'A'.repeat(22)])
    expect([id, (await press(token, { id })).status]).toEqual([id, 404]);
  expect(await made()).toHaveLength(0);
});

describe('a link that may be paid once', () => {
  /** The cookie as the browser sends it, and as it was set. */
  const cookieOf = ({ headers }: Answer) => {
    const [set = ''] = headers['set-cookie'] ?? [];
    return { set, headers: { cookie: set.split(';')[0] ?? '' } };
  };
  const pathOf = (page: string) => page.split('?')[0];

  async function begin() {
    const { id } = await make({ maxUses: 1 });
    const stale = tokenOf(await look(id));
    const answer = await press(tokenOf(await look(id)), { id });
    return { id, stale, page: pageOf(answer), ...cookieOf(answer) };
  }

  test('leads whoever has begun back to their own page, and tells others no more than that', async () => {
    const { id, stale, page, set, headers } = await begin();
    expect(set).toMatch(/^cryptoscan-paying=[\w-]{22}; /);
    for (const part of ['HttpOnly', 'SameSite=Lax', `Path=/pay/${id}`, 'Max-Age=86400'])
      expect(set.split('; ')).toContain(part);
    expect(pathOf(pageOf(await look(id, { headers })))).toBe(page);
    expect(pageOf(await look(id, { headers, query: '?lang=de-DE' }))).toBe(`${page}?lang=de-DE`);
    expect(pageOf(await press(stale, { id, headers }))).toBe(page);
    const others = [await look(id), await press(stale, { id })];
    expect(others.map(({ status }) => status)).toEqual([200, 503]);
    for (const { text } of others) {
      expect(text).toContain('A payment is under way');
      expect(text).not.toMatch(/<form|\/payment\/[0-9a-f]{8}/);
    }
    expect(await made()).toHaveLength(1);
  });

  test('says that it has been paid, and shows its payer how', async () => {
    const { id, stale, page, headers } = await begin();
    await endAll('paid_manually');
    expect(pageOf(await look(id, { headers }))).toBe(page);
    expect(pageOf(await press(stale, { id, headers }))).toBe(page);
    const others = [await look(id), await press(stale, { id })];
    expect(others.map(({ status }) => status)).toEqual([200, 409]);
    for (const { text } of others) {
      expect(text).toContain('This has been paid');
      expect(text).not.toMatch(/<form|\/payment\/[0-9a-f]{8}/);
    }
    await closeLink(world.ground, id);
    expect((await look(id)).status).toBe(404);
    expect(pageOf(await look(id, { headers }))).toBe(page);
  });

  test('may be paid after all where that has ended unpaid, and leads there too', async () => {
    const { id, page, headers } = await begin();
    await endAll('expired');
    const again = await look(id, { headers });
    expect([again.status, again.text.includes(`href="..${page}"`)]).toEqual([200, true]);
    expect((await look(id)).text).not.toContain(page);
    expect(pageOf(await press(tokenOf(again), { id, headers }))).not.toBe(page);
  });

  test('believes no cookie that made nothing by it', async () => {
    const { id } = await begin();
    const other = await begin();
    for (const cookie of [other.headers.cookie, 'cryptoscan-paying=x', `cryptoscan-paying=${'A'.repeat(22)}`])
      expect((await look(id, { headers: { cookie } })).text).toContain('A payment is under way');
  });
});

describe('what cannot be had now is told on the page, which can be tried again', () => {
  test.each([
    ['a shop without a wallet', {}],
    ['a currency without a rate', { currency: 'EUR' }],
  ])('%s', async (_what, given) => {
    const { id } = await make(given);
    if (!('currency' in given))
      await world.ground.db
        .updateTable('wallets')
        .set({ active: false })
        .where('merchant_id', '=', shop.id)
        .execute();
    const token = tokenOf(await look(id));
    const answer = await press(token, { id });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '60']);
    expect(answer.text).toContain('role="alert"');
    expect(tokenOf(answer)).not.toBe(token);
    expect(await made()).toEqual([]);
  });
});

test('one address may send ten forms of a link, then one every six seconds; looking stays free', async () => {
  let time = world.ground.clock.now();
  const api = await openApi(world.ground, { limits: defaultLimits, clock: { now: () => time } });
  try {
    const token = tokenOf(await look(link.id, api));
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await press(token, { port: api.port })).status);
    expect(statuses).toEqual([...Array(10).fill(303), 429]);
    expect((await look(link.id, api)).status).toBe(200);
    time += 6000;
    expect((await press(token, { port: api.port })).status).toBe(303);
  } finally {
    await api.stop();
  }
});

test('shop and thing are only text', async () => {
  const markup = `"><svg onload=alert(1)>'`;
  const hostile = await openShop(world.ground, { settings: { name: markup } });
  const { text } = await look((await make({ description: markup }, hostile)).id);
  expect(text).not.toContain('<svg');
  expect(text).toContain('&lt;svg onload=alert(1)&gt;');
});
