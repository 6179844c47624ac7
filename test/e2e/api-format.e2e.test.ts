/** Every kind of answer in both forms: each endpoint and each error, JSON held against XML. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, type Ground, openGround, openShop, type Shop } from '../gateway.ts';
import { type Api, defaultLimits, openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { type Answer, creating, keyHeaders, type Message, send } from './wire.ts';
import { treeOfJson, xmlTree } from './xml-tree.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const XML_TYPE = 'application/xml; charset=utf-8';

let ground: Ground;
let api: Api;
let shop: Shop;

beforeAll(async () => {
  ground = await openGround();
  api = await openApi(ground);
  await watchFake(ground, 'TRC-20');
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
});

afterAll(async () => {
  await api?.stop();
  await ground?.close();
});

const keys = () => keyHeaders(shop);
const get = (path: string, headers = keys()): Message => ({ path: `/api/v1${path}`, headers });
const client = () => clientOf({ baseUrl: `http://127.0.0.1:${api.port}` }, shop);
const ask = (message: Message, port = api.port) => send(port, message);

const withFormat = (message: Message, format: string): Message => ({
  ...message,
  path: `${message.path}${message.path.includes('?') ? '&' : '?'}_format=${format}`,
});
const accepting = (message: Message, accept: string): Message => ({
  ...message,
  headers: { ...message.headers, accept },
});

/** Sends a message in both forms; answers the JSON one when the XML one says the same. */
async function inBoth(message: Message, port = api.port): Promise<Answer> {
  const json = await ask(message, port);
  expect(json.headers['content-type']).toBe(JSON_TYPE);
  for (const inXml of [withFormat(message, 'xml'), accepting(message, 'application/xml')]) {
    const xml = await ask(inXml, port);
    expect([xml.status, xml.headers['content-type']]).toEqual([json.status, XML_TYPE]);
    expect(xmlTree(xml.text)).toEqual(treeOfJson(json.text));
    expect(Buffer.byteLength(xml.text)).toBe(Number(xml.headers['content-length']));
  }
  return json;
}

describe('an answer of each endpoint is the same in XML', () => {
  test('viewing, searching and the user', async () => {
    const metadata = ']]></metadata><x/>& &lt;b&gt; &nbsp; \u0085 "\'\r\n😀';
    const created = await client().createInvoice({ amount: '15.00', client_reference_id: 'a&b', metadata });
    await client().createInvoice({ amount: '1', client_reference_id: 'a&c' });
    for (const path of [`/invoice/${created.id}`, '/invoice?query=a%26', '/invoice?query=none', '/user'])
      expect((await inBoth(get(path))).status, path).toBe(200);
    expect((await inBoth(get('/currency-rate'))).status).toBe(200);
    expect((await inBoth(get('/currency-rate/EUR/status'))).status).toBe(200);
  });

  test('control characters in a text are left out of the XML and nothing else is', async () => {
    const metadata = 'a\u0001\u0008b\u001f';
    const { id } = await client().createInvoice({ amount: 1, client_reference_id: 'control', metadata });
    const { text } = await ask(withFormat(get(`/invoice/${id}`), 'xml'));
    expect(text).toContain('<metadata>ab</metadata>');
    xmlTree(text);
  });

  test('creating and confirming', async () => {
    for (const [n, path] of ['/invoice', '/invoice/widget'].entries()) {
      const message = { ...creating(keys(), `{"amount":"2","client_reference_id":"xml ${n}"}`) };
      const { status, text, headers } = await ask({ ...message, path: `/api/v1${path}?_format=xml` });
      expect([status, headers['content-type']]).toEqual([200, XML_TYPE]);
      const tree = Object.fromEntries(xmlTree(text) as [string, [string, string][]][]);
      const data = Object.fromEntries(tree.data ?? []);
      const viewed = await client().invoice(data.id!);
      expect([tree.success, data.expire_at]).toEqual(['true', String(viewed.expire_at)]);
    }
    const { id } = await client().createInvoice({ amount: 3, client_reference_id: 'confirmed' });
    const confirm = { ...creating(keys(), `{"transactionId":"${'ab'.repeat(32)}"}`), method: 'PUT' };
    const answer = await inBoth({ ...confirm, path: `/api/v1/invoice/confirm/${id}` });
    expect(JSON.parse(answer.text).data).toMatchObject({ status: 'paid_manually', payer_wallet: null });
  });
});

describe('an error is the same in XML', () => {
  const error = (name: string, status: number) => ({
    success: false,
    data: { name, status, code: 0, message: expect.any(String) },
  });
  const cases: [number, string, () => Message][] = [
    [401, 'Unauthorized', () => get('/user', {})],
    [404, 'Not Found', () => get('/nothing')],
    [404, 'Not Found', () => get('/invoice/999999')],
    [404, 'Not Found', () => get('/%')],
    [404, 'Not Found', () => get(`/invoice/${'1'.repeat(200)}`)],
    [405, 'Method Not Allowed', () => ({ ...get('/user'), method: 'POST' })],
    [413, 'Payload Too Large', () => creating(keys(), 'x'.repeat(65 * 1024))],
    [415, 'Unsupported Media Type', () => ({ ...creating({ 'content-type': 'text/plain' }, '{}') })],
  ];

  test.each(cases)('%i %s', async (status, name, message) => {
    const answer = await inBoth(message());
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, error(name, status)]);
  });

  test('400, of fields and of the whole body', async () => {
    for (const body of ['{}', '{', '[1]', '{"amount":"x","client_reference_id":{"a":1}}']) {
      const { status, text } = await inBoth(creating(keys(), body));
      expect([status, JSON.parse(text).data.message]).toEqual([400, 'Invalid request data']);
    }
  });

  test('the 401 in XML is one and the same for every reason', async () => {
    const reasons = [
      {},
      { 'public-key': 'x' },
      { ...keys(), 'private-key': 'x' },
      { 'public-key': shop.publicKey },
    ];
    const texts = new Set<string>();
    for (const headers of reasons) texts.add((await ask(withFormat(get('/user', headers), 'xml'))).text);
    expect([...texts]).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?><response><success>false</success><data><name>Unauthorized</name>' +
        '<message>Your request was made with invalid credentials</message><code>0</code><status>401</status></data></response>',
    ]);
  });

  test('409, 500 and 503, with nothing internal in them', async () => {
    const narrow = await openShop(ground, { settings: { auth: 'private-key' }, wallet: { maxTail: 1 } });
    await clientOf({ baseUrl: `http://127.0.0.1:${api.port}` }, narrow).createInvoice({
      amount: 1,
      client_reference_id: 'the only one',
    });
    const conflict = await inBoth(creating(keyHeaders(narrow), '{"amount":1,"client_reference_id":"b"}'));
    expect([conflict.status, JSON.parse(conflict.text)]).toEqual([409, error('Conflict', 409)]);
    const faults: [Error, number, string][] = [
      [new Error('relation "secret" does not exist'), 500, 'Internal Server Error'],
      [Object.assign(new Error('secret host'), { code: 'ECONNREFUSED' }), 503, 'Service Unavailable'],
    ];
    for (const [fault, status, name] of faults) {
      const failing = await openApi(ground, { createInvoice: () => Promise.reject(fault) });
      const message = creating(keys(), '{"amount":1,"client_reference_id":"fault"}');
      const answer = await inBoth(message, failing.port).finally(() => failing.stop());
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, error(name, status)]);
      expect(answer.text).not.toContain('secret');
      expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
    }
  });

  test('429', async () => {
    const limits = { ...defaultLimits, merchant: { perSecond: 0.001, burst: 1 } };
    const limited = await openApi(ground, { limits });
    try {
      expect((await ask(get('/user'), limited.port)).status).toBe(200);
      const answer = await inBoth(get('/user'), limited.port);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([429, error('Too Many Requests', 429)]);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await limited.stop();
    }
  });
});

describe('a form that cannot be given', () => {
  test('is a 406, and one given twice or as a list a 400, once it is known who asks', async () => {
    for (const query of ['_format=yaml', '_format=', '_format=XML']) {
      const { status, text } = await ask(get(`/user?${query}`));
      expect([status, JSON.parse(text).data]).toMatchObject([
        406,
        { name: 'Not Acceptable', code: 0, status: 406 },
      ]);
      expect((await ask(get(`/user?${query}`, {}))).status).toBe(401);
    }
    for (const query of [
      '_format=xml&_format=json',
      '_format[]=xml',
      '_format%5B%5D=xml',
      '_format[a]=json',
    ]) {
      const { status, text } = await ask(get(`/user?${query}`));
      expect([status, Object.keys(JSON.parse(text).data.errors)]).toEqual([400, ['_format']]);
      expect((await ask(get(`/user?${query}`, {}))).status).toBe(401);
    }
    expect((await ask(accepting(get('/user'), 'text/html'))).status).toBe(406);
  });

  test('is told in the form that Accept asks for', async () => {
    const { status, headers, text } = await ask(accepting(get('/user?_format=yaml'), 'application/xml'));
    expect([status, headers['content-type']]).toEqual([406, XML_TYPE]);
    xmlTree(text);
  });

  test('creates nothing', async () => {
    const message = creating(keys(), '{"amount":1,"client_reference_id":"never"}');
    for (const refused of [withFormat(message, 'yaml'), accepting(message, 'image/png')])
      expect((await ask(refused)).status).toBe(406);
    expect((await ask(message)).status).toBe(200);
  });
});

describe('methods', () => {
  const paths: [string, string][] = [
    ['/invoice', 'GET, HEAD, POST'],
    ['/invoice/widget', 'POST'],
    ['/invoice/1', 'GET, HEAD'],
    ['/invoice/confirm/1', 'PUT'],
    ['/user', 'GET, HEAD'],
    ['/currency-rate', 'GET, HEAD'],
    ['/currency-rate/EUR/status', 'GET, HEAD'],
  ];

  test.each(paths)('%s can handle %s and tells so of every other one', async (path, allow) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
      if (allow.split(', ').includes(method)) continue;
      const { status, headers, text } = await ask({ ...get(path), method });
      expect([method, status, headers.allow]).toEqual([method, 405, allow]);
      if (method !== 'HEAD') expect(JSON.parse(text).data.status).toBe(405);
      expect((await ask({ ...get(path, {}), method })).status).toBe(401);
    }
  });

  test('a widget and a confirmation are no invoices', async () => {
    expect((await ask(get('/invoice/widget'))).headers.allow).toBe('POST');
    expect((await ask(get('/invoice/confirm'))).status).toBe(404);
  });

  test('one that HTTP does not know is in the envelope too', async () => {
    const { status, text } = await ask({ ...get('/user'), method: 'PROPFIND' });
    expect([404, 405]).toContain(status);
    expect(JSON.parse(text)).toMatchObject({ success: false, data: { code: 0 } });
  });
});
