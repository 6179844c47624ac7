/** What a payment page gives away, whom it obeys, and how it answers those it does not know. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientOf, openShop, type Shop } from '../gateway.ts';
import { defaultLimits, openApi } from './api-server.ts';
import { payFake } from './fake-watch.ts';
import {
  FORM,
  redirectOf,
  screenOf,
  shows,
  submit,
  type Visit,
  view,
  visitOf,
} from './payment-page-visit.ts';
import { closeWorld, listening, openWorld, type World } from './webhook-world.ts';
import { type Answer, send } from './wire.ts';

let world: World;
let shop: Shop;
let visit: Visit;
let invoiceId: string;
let made = 0;

beforeAll(async () => {
  world = await openWorld();
  shop = await openShop(world.ground);
});

afterAll(() => closeWorld(world));

beforeEach(async () => {
  ({ visit, invoiceId } = await widget());
});

async function widget(fields: Record<string, string> = {}, of: Shop = shop) {
  const created = await clientOf(world.gateway, of).createWidget({
    amount: '25',
    client_reference_id: `order ${++made}`,
    ...fields,
  });
  return { visit: visitOf(created), invoiceId: created.id };
}

const invoice = () =>
  world.ground.db
    .selectFrom('invoices')
    .selectAll()
    .where('id', '=', Number(invoiceId))
    .executeTakeFirstOrThrow();

const at = (path: string): Visit => ({ ...visit, path });

/** The addresses of the style and the script, as the browser would resolve them. */
async function assetsOf(page: Visit): Promise<string[]> {
  const { text } = await view(page);
  const links = [...text.matchAll(/<(?:link|script)[^>]* (?:href|src)="([^"]+)"/g)];
  return links.map(([, link]) => new URL(link!, `${page.origin}${page.path}`).pathname);
}

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

function isGuarded({ headers }: Answer): void {
  expect(headers['content-security-policy']?.split('; ')).toEqual(policy);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'same-origin',
  });
  expect(headers['permissions-policy']).toContain('clipboard-write=(self)');
}

describe('every answer', () => {
  test.each<[string, number, () => Promise<Answer>]>([
    ['the page', 200, () => view(visit)],
    ['its head', 200, () => view(visit, { method: 'HEAD' })],
    ['its changing part', 200, () => view(visit, { below: '/main' })],
    ['the head of that', 200, () => view(visit, { below: '/main', method: 'HEAD' })],
    ['a choice', 303, () => submit(visit, 'method', { fields: { method: 'TRC-20:USDT' } })],
    ['a cancel', 303, () => submit(visit, 'cancel')],
    [
      'a form of another site',
      403,
      () => submit(visit, 'cancel', { headers: { 'sec-fetch-site': 'cross-site' } }),
    ],
    ['what is no form', 415, () => submit(visit, 'cancel', { headers: { 'content-type': 'text/plain' } })],
    ['a form of no kind', 415, () => submit(visit, 'cancel', { headers: { 'content-type': '' } })],
    ['a form too large', 413, () => submit(visit, 'method', { fields: { method: 'x'.repeat(4096) } })],
    ['a method that is not', 405, () => view(visit, { method: 'DELETE' })],
    ['an unknown page', 404, () => view(at(`/payment/${randomUUID()}`))],
    ['a name that is none', 404, () => view(at('/payment/1'))],
    ['an unknown file', 404, () => view(at('/payment/assets/page.css'))],
    ['a path below', 404, () => view(visit, { below: '/other' })],
    ['the path above', 404, () => view(at('/payment'))],
  ])('%s (%i) carries the headers, and is not kept', async (_what, status, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    isGuarded(answer);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('that nothing is new carries them too', async () => {
    const { headers } = await view(visit, { below: '/main' });
    const same = await view(visit, { below: '/main', headers: { 'if-none-match': headers.etag! } });
    expect(same.status).toBe(304);
    isGuarded(same);
  });

  test('style and script may be kept for ever, under names made from them', async () => {
    const paths = await assetsOf(visit);
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      expect(path).toMatch(/^\/payment\/assets\/page-[\w-]{16}\.(css|js)$/);
      const answer = await view(at(path));
      expect(answer.status).toBe(200);
      isGuarded(answer);
      expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(answer.headers['content-type']).toBe(
        path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      );
      expect((await view(at(path.replace('page-', 'page-x')))).status).toBe(404);
    }
    // The page that says there is none looks the same, however deep its path.
    for (const path of ['/payment', '/payment/', '/payment/a', '/payment/a/b/c'])
      expect(await assetsOf(at(path))).toContain(paths.find(name => name.endsWith('.css')));
  });

  test.each([
    ['', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/main', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
    ['/method', 'POST', ['GET', 'HEAD', 'PUT', 'OPTIONS']],
    ['/cancel', 'POST', ['GET', 'HEAD', 'DELETE']],
  ])('of a page%s names %s to who asks otherwise', async (below, allow, methods) => {
    for (const method of methods) {
      const answer = await view(visit, { below, method });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
    }
    expect((await invoice()).status).toBe('awaiting_method');
  });
});

describe('a page nobody has', () => {
  test('and a name nobody could have are answered alike', async () => {
    const unknown = await view(at(`/payment/${randomUUID()}`));
    expect(unknown.headers['content-type']).toBe('text/html; charset=utf-8');
    const id = visit.path.slice('/payment/'.length);
    const names = [
      '1',
      id.toUpperCase(),
      id.replaceAll('-', ''),
      `{${id}}`,
      `${id}%00`,
      '%27',
      'x'.repeat(99),
    ];
    for (const name of names) {
      const answer = await view(at(`/payment/${name}`));
      expect([name, answer.status, answer.text]).toEqual([name, 404, unknown.text]);
    }
  });

  test('takes no forms', async () => {
    for (const name of [randomUUID(), 'x'])
      for (const form of ['method', 'cancel'])
        expect(
          (await submit(at(`/payment/${name}`), form, { fields: { method: 'TRC-20:USDT' } })).status,
        ).toBe(404);
  });
});

describe('a form', () => {
  const choosing = (headers: Record<string, string>) =>
    submit(visit, 'method', { fields: { method: 'TRC-20:USDT' }, headers });

  test.each<[string, Record<string, string>]>([
    ['of another origin', { origin: 'https://evil.example', 'sec-fetch-site': '' }],
    ['of another site by the browser’s word', { 'sec-fetch-site': 'cross-site' }],
    ['of a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['of no origin', { origin: 'null', 'sec-fetch-site': '' }],
    ['of another site without an origin', { origin: '', 'sec-fetch-site': 'cross-site' }],
    [
      'that names its own host',
      { origin: 'http://evil.example', host: 'evil.example', 'sec-fetch-site': '' },
    ],
  ])('%s is refused and changes nothing', async (_what, headers) => {
    const before = await invoice();
    expect((await choosing(headers)).status).toBe(403);
    expect((await submit(visit, 'cancel', { headers })).status).toBe(403);
    expect(await invoice()).toEqual(before);
    const held = world.ground.db.selectFrom('reservations').select('units');
    expect(await held.where('invoice_id', '=', Number(invoiceId)).execute()).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['of this page', {}],
    ['of this page, from a browser that says only the origin', { 'sec-fetch-site': '' }],
    ['of this page under another name of the same machine', { origin: 'http://localhost:1' }],
    ['from what is no browser', { origin: '', 'sec-fetch-site': '' }],
    ['with its kind in full', { 'content-type': `${FORM}; charset=UTF-8` }],
  ])('%s counts', async (_what, headers) => {
    expect((await choosing(headers)).status).toBe(303);
    expect((await invoice()).network).toBe('TRC-20');
  });

  test('keeps the language of the page, and only one there is', async () => {
    const answer = await submit(visit, 'method?lang=de-DE&x=1', { fields: { method: 'TRC-20:USDT' } });
    expect(redirectOf(visit, 'method', answer)).toBe(`${visit.path}?lang=de-DE`);
    const strange = await submit(visit, `cancel?lang=${encodeURIComponent('de\r\nset-cookie: a=b')}`);
    expect(strange.headers['set-cookie']).toBeUndefined();
    expect(strange.headers.location).not.toMatch(/\r|\n| /);
  });

  test('that names a coin twice chooses neither', async () => {
    const answer = await send(visit.port, {
      method: 'POST',
      path: `${visit.path}/method`,
      headers: { 'content-type': FORM },
      body: 'method=TRC-20%3AUSDT&method=ERC-20%3AUSDT',
    });
    expect(redirectOf(visit, 'method', answer)).toBe(`${visit.path}?notice=unavailable`);
    expect((await invoice()).status).toBe('awaiting_method');
  });
});

describe('what is asked in the address', () => {
  test('is the language and a notice there is; nothing else shows', async () => {
    const plain = (await view(visit)).text;
    const strip = (text: string) => text.replace(/ data-now="\d+"/, '');
    for (const query of [
      '?x=%3Cscript%3E',
      '?notice=%3Cb%3E',
      '?notice=toString',
      '?notice=ended&notice=ended',
      '?lang[]=de-DE',
      '?lang=xx',
    ])
      expect([query, strip((await view(visit, { below: query })).text)]).toEqual([query, strip(plain)]);
    expect((await view(visit, { below: '?lang=es-ES' })).text).toContain('<html lang="es-ES"');
    expect((await view(visit, { headers: { 'accept-language': 'fr;q=0.9, ru' } })).text).toContain(
      '<html lang="ru-RU"',
    );
    expect((await view(visit, { below: '?notice=ended' })).text).toContain('id="notice"');
  });

  test('is not the host', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    };
    expect((await view(visit, { headers })).text).not.toContain('evil.example');
    const answer = await submit(visit, 'cancel', { headers });
    expect(answer.headers.location).not.toContain('evil.example');
  });
});

test('a hostile shop’s words are text', async () => {
  const name = `"><svg onload=alert(1)>'`;
  const hostile = await openShop(world.ground, { settings: { name } });
  const description = `{{constructor.constructor('alert(1)')()}}</main><script>alert(2)</script>`;
  const page = await widget({ widget_description: description }, hostile);
  await submit(page.visit, 'method', { fields: { method: 'TRC-20:USDT' } });
  for (const below of ['', '/main', '?lang=ru-RU']) {
    const { text } = await view(page.visit, { below });
    expect(text).not.toMatch(/<svg onload|<script>|alert\(1\)>|<\/main><script/);
    expect([...text.matchAll(/<script/g)]).toHaveLength(below === '/main' ? 0 : 1);
  }
  const { text } = await view(page.visit);
  expect(text).toContain('&lt;svg onload=alert(1)&gt;');
  expect(text).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
});

test('a page tells nothing that is the shop’s alone, at any step', async () => {
  const mark = 'MARKED';
  const own = await listening(world, `/${mark}-hook`);
  const other = await openShop(world.ground);
  const page = await widget(
    {
      client_reference_id: `${mark}-reference`,
      metadata: `${mark}-metadata`,
      back_url: 'https://shop.example/back',
    },
    own,
  );
  const { email } = await world.ground.db
    .selectFrom('users')
    .select('email')
    .where('id', '=', own.userId)
    .executeTakeFirstOrThrow();
  const secrets = [mark, own.publicKey, own.privateKey, own.webhookSecret, email, other.address.slice(2)];
  const seen: string[] = [];
  const look = async () => {
    for (const below of ['', '/main']) {
      const answer = await view(page.visit, { below });
      const all = answer.text + JSON.stringify(answer.headers);
      for (const secret of secrets) expect(all).not.toContain(secret);
      for (const address of Object.values(other.wallets)) expect(all).not.toContain(address);
      seen.push(screenOf(answer) ?? '');
    }
  };
  await look();
  await submit(page.visit, 'method', { fields: { method: 'ERC-20:USDT' } });
  await look();
  const { final_units } = await world.ground.db
    .selectFrom('invoices')
    .select('final_units')
    .where('id', '=', Number(page.invoiceId))
    .executeTakeFirstOrThrow();
  const padded = final_units!.padStart(7, '0');
  const { chain, read } = world.chains['ERC-20'];
  const before = chain.blocks.length;
  const { payer } = payFake(world.chains['ERC-20'], own, {
    final_amount: `${padded.slice(0, -6)}.${padded.slice(-6)}`,
  });
  secrets.push(payer);
  const all = chain.blocks;
  chain.blocks = all.slice(0, before + 2);
  await read();
  await shows(page.visit, 'confirming');
  await look();
  chain.blocks = all;
  await read();
  await shows(page.visit, 'paid');
  await look();
  expect(new Set(seen)).toEqual(new Set(['choose', 'awaiting', 'confirming', 'paid']));
});

test.each([
  [Object.assign(new Error('secret detail'), { code: '08006' }), 503, '1'],
  [new Error('secret detail'), 500, undefined],
])('%s is told as %i, without a detail, and the page stays', async (error, status, retryAfter) => {
  const api = await openApi(world.ground, { chooseMethod: () => Promise.reject(error) });
  try {
    const page = { ...visit, port: api.port };
    const answer = await submit(page, 'method', { fields: { method: 'TRC-20:USDT' } });
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.text).not.toContain('secret');
    isGuarded(answer);
    expect(screenOf(await view(page))).toBe('choose');
  } finally {
    await api.stop();
  }
});

describe('how much may be asked', () => {
  let time = 0;
  const limited = async (limits: typeof defaultLimits | null, use: (port: number) => Promise<void>) => {
    time = world.ground.clock.now();
    const api = await openApi(world.ground, { limits, clock: { now: () => time } });
    try {
      await use(api.port);
    } finally {
      await api.stop();
    }
  };
  const statuses = async (count: number, ask: () => Promise<Answer>) => {
    const found: number[] = [];
    for (let n = 0; n < count; n++) found.push((await ask()).status);
    return found;
  };

  test('of forms: ten of a page, then one every six seconds; looking at it stays free', async () => {
    await limited(defaultLimits, async port => {
      const page = { ...visit, port };
      const form = () => submit(page, 'method', { fields: { method: 'x' } });
      expect(await statuses(10, form)).toEqual(Array(10).fill(303));
      const refused = await form();
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '6']);
      isGuarded(refused);
      expect(await statuses(50, () => view(page))).toEqual(Array(50).fill(200));
      const another = { ...(await widget()).visit, port };
      expect((await submit(another, 'cancel')).status).toBe(303);
      time += 6000;
      expect(await statuses(2, form)).toEqual([303, 429]);
    });
  });

  test('of pages that are not there: three hundred, then five a second; who has a page still sees it', async () => {
    await limited(defaultLimits, async port => {
      const page = { ...visit, port };
      expect((await view(page)).status).toBe(200);
      const guess = () => view({ ...page, path: `/payment/${randomUUID()}` });
      expect(await statuses(301, guess)).toEqual([...Array(300).fill(404), 429]);
      expect((await view({ ...page, path: '/payment/x' })).status).toBe(429);
      expect((await view(page)).status).toBe(200);
      const unseen = { ...(await widget()).visit, port };
      expect((await view(unseen)).status).toBe(429);
      time += 200;
      expect((await view(unseen)).status).toBe(200);
    });
  });

  test('without limits as much as one likes', async () => {
    await limited(null, async port => {
      const page = { ...visit, port };
      const form = () => submit(page, 'method', { fields: { method: 'x' } });
      expect(await statuses(20, form)).toEqual(Array(20).fill(303));
      expect(await statuses(40, () => view({ ...page, path: '/payment/x' }))).toEqual(Array(40).fill(404));
    });
  });
});
