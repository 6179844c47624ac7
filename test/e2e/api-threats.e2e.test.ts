/**
 * What an attacker sends, with the very bytes: twins of a signed body, signatures on other paths, ids and fields of
 * somebody else, texts that mean something to XML, SQL or a proxy. What has a file of its own is in api-auth, api-create,
 * api-format, api-limits, api-secrets and api-signature-v2.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, type Ground, openGround, openShop, type Shop } from '../gateway.ts';
import { type Api, defaultLimits, openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { creating, errorsOf, keyHeaders, type Message, send, signed } from './wire.ts';
import { treeOfJson, xmlTree } from './xml-tree.ts';

let ground: Ground;
let api: Api;
let shop: Shop;
let stranger: Shop;
let signing: Shop;
let made = 0;

beforeAll(async () => {
  ground = await openGround();
  api = await openApi(ground);
  await watchFake(ground, 'TRC-20');
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
  stranger = await openShop(ground, { settings: { auth: 'private-key' } });
  signing = await openShop(ground, { settings: { auth: 'signature' } });
});

afterAll(async () => {
  await api?.stop();
  await ground?.close();
});

const fresh = () => `n${++made}`;
const ask = (message: Message) => send(api.port, message);
const get = (path: string, headers = keyHeaders(shop)) => ask({ path: `/api/v1${path}`, headers });
const post = (body: string, headers = keyHeaders(shop)) => ask(creating(headers, body));
const put = (path: string, body: string, headers = keyHeaders(shop)) =>
  ask({ ...creating(headers, body), method: 'PUT', path: `/api/v1${path}` });
const client = (of = shop) => clientOf({ baseUrl: `http://127.0.0.1:${api.port}` }, of);
const newInvoice = (of = shop) => client(of).createInvoice({ amount: 1, client_reference_id: fresh() });

describe('twins: two bodies with one signature', () => {
  const key = () => `api_key=${signing.publicKey}`;
  /** Signed right, whatever it is. */
  const post = (body: string, query: string) => ask(creating(signed(signing, query), body));

  test.each([
    ['nested', 'data%5Bid%5D=1', '"data":{"id":1}'],
    ['flat, signed like nested', 'data%5Bid%5D=1', '"data[id]":1'],
    ['true, signed like 1', 'metadata=1', '"metadata":true'],
    ['an empty list, signed like nothing', null, '"metadata":[]'],
    ['an empty object, signed like nothing', null, '"metadata":{}'],
  ])('%s: a 400', async (_, part, field) => {
    const query = ['amount=10.5', key(), 'client_reference_id=odd', ...(part ? [part] : [])].join('&');
    const answer = await post(`{"amount":10.5,"client_reference_id":"odd",${field}}`, query);
    expect(Object.keys(errorsOf(answer))).toEqual([JSON.parse(`[${field.split(':')[0]}]`)[0]]);
  });

  test('123456789012.121 and 123456789012.124: both are a 400', async () => {
    for (const amount of ['123456789012.121', '123456789012.124']) {
      const answer = await post(
        `{"amount":${amount},"client_reference_id":"digits"}`,
        `amount=123456789012.12&${key()}&client_reference_id=digits`,
      );
      expect(Object.keys(errorsOf(answer))).toEqual(['amount']);
    }
  });

  test('10.5 and "10.5", absent and null: they mean the same, and count once', async () => {
    const reference = fresh();
    const query = `amount=10.5&${key()}&client_reference_id=${reference}`;
    const bodies = ['"amount":10.5', '"amount":"10.5"', '"amount":10.5,"metadata":null', '"amount":10.50'];
    const answers = [];
    for (const body of bodies)
      answers.push(await post(`{${body},"client_reference_id":"${reference}"}`, query));
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 400]);
    for (const answer of answers.slice(1))
      expect(Object.keys(errorsOf(answer))).toEqual(['client_reference_id']);
    expect(await client(signing).invoice(JSON.parse(answers[0]!.text).data.id)).toMatchObject({
      requested_amount: '10.50000000',
      metadata: null,
    });
  });

  test('{} and []: neither says anything', async () => {
    for (const body of ['{}', '[]'])
      expect(Object.keys(errorsOf(await post(body, key()))).sort()).toEqual([
        'amount',
        'client_reference_id',
      ]);
  });

  test('a key given twice, api_key in the body, and a form of the same text', async () => {
    const query = `amount=2&${key()}&client_reference_id=twice`;
    const twice = '{"amount":1,"amount":2,"client_reference_id":"twice"}';
    expect(Object.keys(errorsOf(await post(twice, query)))).toEqual(['amount']);
    const named = '{"amount":2,"api_key":"x","client_reference_id":"twice"}';
    expect(Object.keys(errorsOf(await post(named, query)))).toEqual(['api_key']);
    const form = creating(
      { ...signed(signing, query), 'content-type': 'application/x-www-form-urlencoded' },
      'amount=1&amount=2&client_reference_id=twice',
    );
    expect(Object.keys(errorsOf(await ask(form)))).toEqual(['amount']);
  });

  test('re-ordered or with other spaces: the same body, which counts once', async () => {
    const reference = fresh();
    const query = `amount=3&${key()}&client_reference_id=${reference}`;
    expect((await post(`{"amount":3,"client_reference_id":"${reference}"}`, query)).status).toBe(200);
    for (const body of [
      `{"client_reference_id":"${reference}","amount":3}`,
      ` { "amount" : 3, "client_reference_id":"${reference}" } `,
    ])
      expect(Object.keys(errorsOf(await post(body, query)))).toEqual(['client_reference_id']);
  });

  test('truncated, or with a field more: 401, or 400 where it is no body any more', async () => {
    const query = `amount=4&${key()}&client_reference_id=cut`;
    expect((await post('{"amount":4}', query)).status).toBe(401);
    expect((await post('{"amount":4,"client_reference_id":"cut","metadata":"x"}', query)).status).toBe(401);
    expect(Object.keys(errorsOf(await post('{"amount":4,"client_reference_id":"cut"', query)))).toEqual([
      'body',
    ]);
  });
});

describe('a signed body sent somewhere else', () => {
  test('a confirmation of one invoice does not confirm another', async () => {
    const [one, two] = [await newInvoice(signing), await newInvoice(signing)];
    const id = 'cd'.repeat(32);
    const headers = signed(signing, `api_key=${signing.publicKey}&transactionId=${id}`);
    const send = (invoice: { id: string }) =>
      put(`/invoice/confirm/${invoice.id}`, `{"transactionId":"${id}"}`, headers);
    expect((await send(one)).status).toBe(200);
    const other = await send(two);
    expect(other.status).toBe(409);
    expect(other.text).not.toContain(one.id);
    expect((await send(one)).status).toBe(200);
    expect(await client(signing).invoice(two.id)).toMatchObject({ status: 'new', transaction_id: null });
  });

  test('a create sent again as a widget makes nothing', async () => {
    const reference = fresh();
    const body = `{"amount":1,"client_reference_id":"${reference}"}`;
    const headers = signed(signing, `amount=1&api_key=${signing.publicKey}&client_reference_id=${reference}`);
    expect((await ask(creating(headers, body))).status).toBe(200);
    const again = await ask({ ...creating(headers, body), path: '/api/v1/invoice/widget' });
    expect(Object.keys(errorsOf(again))).toEqual(['client_reference_id']);
  });
});

describe('fields that are not for the shop to set', () => {
  test('{"status":"completed","final_amount":"0.01","merchant_id":2} is passed over everywhere', async () => {
    const hostile = `"status":"completed","final_amount":"0.01","merchant_id":${stranger.id},"paid_at":1,"compat":true,"page_id":"x"`;
    for (const path of ['/invoice', '/invoice/widget']) {
      const body = `{"amount":"5","client_reference_id":"${fresh()}",${hostile}}`;
      const { status, text } = await ask({ ...creating(keyHeaders(shop), body), path: `/api/v1${path}` });
      expect(status).toBe(200);
      const invoice = await client().invoice(JSON.parse(text).data.id);
      expect(invoice).toMatchObject({ status: 'new', requested_amount: '5.00000000', paid_at: null });
      expect(Number(invoice.final_amount)).toBeGreaterThanOrEqual(5);
    }
    const { id } = await newInvoice();
    const confirmed = await put(
      `/invoice/confirm/${id}`,
      `{"transactionId":"${'ef'.repeat(32)}",${hostile}}`,
    );
    expect(JSON.parse(confirmed.text).data).toMatchObject({
      status: 'paid_manually',
      paid_at: expect.any(Number),
    });
    expect(JSON.parse(confirmed.text).data.final_amount).toBeGreaterThan(1);
  });

  test.each(['{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}', '{"prototype":1}'])(
    '%s is a 400',
    async body => {
      const { id } = await newInvoice();
      for (const answer of [await post(body), await put(`/invoice/confirm/${id}`, body)])
        expect(Object.keys(errorsOf(answer))).toEqual(['body']);
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    },
  );
});

describe('somebody else’s', () => {
  test('invoice is as one that is not there: to view, to confirm, to search', async () => {
    const { id } = await client(stranger).createInvoice({
      amount: 1,
      client_reference_id: 'theirs',
      metadata: 'theirs',
    });
    const body = `{"transactionId":"${'ab'.repeat(32)}"}`;
    const pairs = [
      [await get(`/invoice/${id}`), await get('/invoice/999999999')],
      [await put(`/invoice/confirm/${id}`, body), await put('/invoice/confirm/999999999', body)],
    ];
    for (const [theirs, missing] of pairs)
      expect([theirs!.status, theirs!.text]).toEqual([404, missing!.text]);
    for (const query of [id, 'theirs', stranger.wallets['TRC-20']!])
      expect((await get(`/invoice?query=${query}`)).text).toBe('{"success":true,"data":[]}');
    expect((await client(stranger).invoice(id)).status).toBe('new');
  });

  test.each([
    "' OR 1=1--",
    '%',
    '_',
    '%%',
    '\\',
    '\\%',
    'a%',
    '*',
    '" OR ""="',
    '1; drop table invoices',
    '\u0000',
  ])('the search %j finds what is written so and nothing else', async query => {
    await newInvoice();
    const { status, text } = await get(`/invoice?query=${encodeURIComponent(query)}`);
    if (query === '\u0000') expect(Object.keys(errorsOf({ status, text, headers: {} }))).toEqual(['query']);
    else expect([status, text]).toEqual([200, '{"success":true,"data":[]}']);
  });
});

describe('parameters given twice or as a list', () => {
  test.each(['query=a&query=b', 'query[]=a', 'query=&query=a', 'query[a]=b'])('%s is a 400', async query => {
    expect(Object.keys(errorsOf(await get(`/invoice?${query}`)))).toEqual(['query']);
  });

  test.each(['limit=1&limit=2', 'limit=1e1', 'limit=0', 'limit=101', 'limit=-1'])(
    '%s is a 400',
    async query => {
      expect(Object.keys(errorsOf(await get(`/invoice?query=a&${query}`)))).toEqual(['limit']);
    },
  );
});

describe('texts that mean something elsewhere', () => {
  test(']]></metadata><x/>& is a text in XML; half a character is none', async () => {
    const reference = fresh();
    const body = (metadata: string) =>
      `{"amount":1,"client_reference_id":"${reference}","metadata":"${metadata}"}`;
    expect(Object.keys(errorsOf(await post(body(']]></metadata><x/>&\\u0001\\uD800'))))).toEqual(['body']);
    const { id } = JSON.parse((await post(body(']]></metadata><x/>&\\u0001'))).text).data;
    const [json, xml] = [await get(`/invoice/${id}`), await get(`/invoice/${id}?_format=xml`)];
    expect(JSON.parse(json.text).data.metadata).toBe(']]></metadata><x/>&\u0001');
    expect(xmlTree(xml.text)).toEqual(treeOfJson(json.text.replace('\\u0001', '')));
  });

  test.each(['a\\u202Eb', 'a\\nERROR', 'a\\u0007', '\\u2066'])(
    'the reference %s is a 400',
    async reference => {
      expect(Object.keys(errorsOf(await post(`{"amount":1,"client_reference_id":"${reference}"}`)))).toEqual([
        'client_reference_id',
      ]);
    },
  );
});

describe('headers of a proxy, or of somebody who plays one', () => {
  test('Host and X-Forwarded-Host do not lead payers elsewhere', async () => {
    const hostile = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example;proto=http',
      'x-forwarded-proto': 'http',
    };
    const message = creating(
      { ...keyHeaders(shop), ...hostile },
      `{"amount":1,"client_reference_id":"${fresh()}"}`,
    );
    const answer = await ask({ ...message, path: '/api/v1/invoice/widget' });
    expect(JSON.parse(answer.text).data.widget_url).toMatch(
      /^https:\/\/pay\.example\/payment\/[0-9a-f-]{36}$/,
    );
    expect(JSON.stringify(answer)).not.toContain('evil');
  });

  test('X-Forwarded-For: <script> is no address, whether or not a proxy is trusted', async () => {
    const trusting = await openApi(ground, { trustedProxies: ['127.0.0.1/32'], limits: defaultLimits });
    for (const port of [api.port, trusting.port]) {
      const headers = { ...keyHeaders(shop), 'x-forwarded-for': '<script>alert(1)</script>' };
      const { status, text } = await send(port, { path: '/api/v1/user', headers });
      expect([status, text.includes('script')]).toEqual([200, false]);
    }
    await trusting.stop();
  });
});

describe('a body that is made to be costly', () => {
  test('thousands of fields are refused before they are sorted', async () => {
    const fields = Array.from({ length: 5000 }, (_, n) => `"${n}":${n}`).join(',');
    expect(Object.keys(errorsOf(await post(`{${fields}}`)))).toEqual(['body']);
    const form = creating(
      { ...keyHeaders(shop), 'content-type': 'application/x-www-form-urlencoded' },
      Array.from({ length: 5000 }, (_, n) => `a[${n}]=1`).join('&'),
    );
    expect(Object.keys(errorsOf(await ask(form)))).toEqual(['body']);
  });
});
