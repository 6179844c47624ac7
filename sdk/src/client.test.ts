import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  ApiError,
  AuthenticationError,
  type ClientOptions,
  ConflictError,
  type CreateInvoice,
  CryptoScan,
  CryptoScanError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
  ValidationError,
} from './index.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

const seen: Seen[] = [];
let server: Server;
let baseUrl = '';
let answer: (response: ServerResponse) => void = () => {};

function reply(status: number, body: unknown, headers: Record<string, string> = {}): void {
  answer = response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

function fault(status: number, headers: Record<string, string> = {}): void {
  const data = { name: 'Name', message: `said ${status}`, code: 0, status };
  reply(status, { success: false, data }, headers);
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(response);
  });
  for (let tries = 0; !server.listening && tries < 50; tries++) {
    server.listen(10_000 + Math.floor(Math.random() * 22_000), '127.0.0.1');
    await once(server, 'listening').catch(() => undefined);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no free port found');
  baseUrl = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  seen.length = 0;
});

function client(options: Partial<ClientOptions> = {}): CryptoScan {
  return new CryptoScan({ baseUrl, publicKey: 'public_1', privateKey: 'private_1', ...options });
}

const sha = (query: string) => createHmac('sha256', 'private_1').update(query).digest('hex');

test('a create sends texts only, signed as PHP would sign the body that went out', async () => {
  const created = {
    id: '12589',
    final_amount: '125.69',
    cryptocurrency: 'USDT',
    network: 'TRC-20',
    wallet: 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir',
    expire_at: '1677422490',
  };
  reply(200, { success: true, data: created });
  const input = {
    amount: 10.5,
    client_reference_id: 7n,
    currency: 'EUR',
    metadata: 'é ~*',
    network: undefined,
  };
  expect(await client().createInvoice(input)).toEqual(created);
  expect(seen).toMatchObject([{ method: 'POST', url: '/api/v1/invoice' }]);
  expect(seen[0]?.body).toBe(
    '{"amount":"10.5","client_reference_id":"7","currency":"EUR","metadata":"é ~*"}',
  );
  expect(seen[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'public-key': 'public_1',
    signature: sha('amount=10.5&api_key=public_1&client_reference_id=7&currency=EUR&metadata=%C3%A9+%7E%2A'),
  });
  expect(seen[0]?.headers).not.toHaveProperty('private-key');
});

test('a view and a user have no body and sign the public key alone', async () => {
  const user = { id: 2, status: 'Active', balance: 85, currency: 'USD' };
  reply(200, { success: true, data: user });
  expect(await client().user()).toEqual(user);
  reply(200, '{"success":true,"data":{"id":32,"final_amount":10.540,"requested_amount":"10.54000000"}}');
  expect(await client().invoice(32)).toEqual({
    id: 32,
    final_amount: 10.54,
    requested_amount: '10.54000000',
  });
  await client().invoice('../user?x');
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /api/v1/user',
    'GET /api/v1/invoice/32',
    'GET /api/v1/invoice/..%2Fuser%3Fx',
  ]);
  for (const { headers, body } of seen)
    expect([headers.signature, body]).toEqual([sha('api_key=public_1'), '']);
});

test('with private-key authentication the key is sent instead of a signature', async () => {
  reply(200, { success: true, data: {} });
  await client({ auth: 'private-key' }).user();
  expect(seen[0]?.headers).toMatchObject({ 'public-key': 'public_1', 'private-key': 'private_1' });
  expect(seen[0]?.headers).not.toHaveProperty('signature');
});

test('a widget is made of its own fields, and tells the details of the payment or none', async () => {
  const page = { id: '523654', expire_at: '1677422490', widget_url: 'https://pay.example/payment/69908b3b' };
  reply(200, { success: true, data: page });
  const input = {
    amount: '20',
    client_reference_id: 'w1',
    widget_description: '100%',
    back_url: 'https://shop.example/ok?a=1&b=2',
    cancel_url: 'https://shop.example/no',
    lang: 'ru-RU' as const,
  };
  const widget = await client().createWidget({ ...input, nobodys_business: 'x' } as typeof input);
  expect(widget).toEqual(page);
  expect(widget.wallet).toBeUndefined();
  expect(seen).toMatchObject([{ method: 'POST', url: '/api/v1/invoice/widget' }]);
  expect(JSON.parse(seen[0]!.body)).toEqual(input);
  expect(seen[0]?.headers.signature).toBe(
    sha(
      'amount=20&api_key=public_1&back_url=https%3A%2F%2Fshop.example%2Fok%3Fa%3D1%26b%3D2&' +
        'cancel_url=https%3A%2F%2Fshop.example%2Fno&client_reference_id=w1&lang=ru-RU&widget_description=100%25',
    ),
  );
  const details = { final_amount: '133.23', cryptocurrency: 'USDT', network: 'TRC-20', wallet: 'TNVq' };
  reply(200, { success: true, data: { ...page, ...details } });
  const compat = await client().createWidget(input);
  // The type has the amount as soon as the wallet is there.
  const amount: string = compat.wallet === undefined ? '' : compat.final_amount;
  expect(amount).toBe('133.23');
});

test('a confirmation puts the transaction under the invoice', async () => {
  const confirmed = { id: 124, wallet: null, final_amount: 53.8053, requested_amount: 53.80526186 };
  reply(200, { success: true, data: confirmed });
  expect(await client().confirmInvoice('124', 'b3a7')).toEqual(confirmed);
  expect(seen).toMatchObject([{ method: 'PUT', url: '/api/v1/invoice/confirm/124' }]);
  expect(seen[0]?.body).toBe('{"transactionId":"b3a7"}');
  expect(seen[0]?.headers.signature).toBe(sha('api_key=public_1&transactionId=b3a7'));
});

test('a search asks for its value letter by letter, a page at a time', async () => {
  reply(200, { success: true, data: [{ id: 36 }] });
  expect(await client().searchInvoices('a b&c=é%')).toEqual([{ id: 36 }]);
  await client().searchInvoices('x', { limit: 5, cursor: 36 });
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/v1/invoice?query=a%20b%26c%3D%C3%A9%25',
    '/api/v1/invoice?query=x&limit=5&cursor=36',
  ]);
  expect(seen[0]?.headers.signature).toBe(sha('api_key=public_1'));
});

test('a search of everything follows the pages to the end', async () => {
  const pages = [[{ id: 9 }, { id: 8 }], [{ id: 7 }, { id: 6 }], [{ id: 5 }]];
  answer = response => {
    response.writeHead(200).end(JSON.stringify({ success: true, data: pages[seen.length - 1] }));
  };
  const ids: number[] = [];
  for await (const { id } of client().searchAllInvoices('x', { limit: 2 })) ids.push(id);
  expect(ids).toEqual([9, 8, 7, 6, 5]);
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/v1/invoice?query=x&limit=2',
    '/api/v1/invoice?query=x&limit=2&cursor=8',
    '/api/v1/invoice?query=x&limit=2&cursor=6',
  ]);
});

test('a search of everything ends at a server that knows no cursor', async () => {
  reply(200, { success: true, data: [{ id: 9 }, { id: 8 }] });
  const ids: number[] = [];
  for await (const { id } of client().searchAllInvoices('x', { limit: 2 })) ids.push(id);
  expect([ids, seen.length]).toEqual([[9, 8], 2]);
});

test('the rates come as a list, and one of them by its code', async () => {
  const rates = [{ currency: 'EUR', rate: 0.93574, status: 'enabled' }];
  reply(200, { success: true, data: rates });
  expect(await client().currencyRates()).toEqual(rates);
  reply(200, { success: true, data: { status: 'not_supported', rate: null } });
  expect(await client().currencyStatus('X/Y')).toEqual({ status: 'not_supported', rate: null });
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /api/v1/currency-rate',
    'GET /api/v1/currency-rate/X%2FY/status',
  ]);
});

test('an idempotency key is passed on by both creates', async () => {
  reply(200, { success: true, data: {} });
  const input = { amount: '1', client_reference_id: 'a' };
  await client().createInvoice(input, { idempotencyKey: 'k-1' });
  await client().createWidget(input, { idempotencyKey: 'k-2' });
  expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['k-1', 'k-2']);
  await expect(client().createInvoice(input, { idempotencyKey: 'k\n' })).rejects.toThrow(TypeError);
  expect(seen).toHaveLength(2);
});

test('a field set to null is left out', async () => {
  reply(200, { success: true, data: {} });
  const input = { amount: '1', client_reference_id: 'a', metadata: null, currency: undefined };
  await client().createInvoice(input as unknown as CreateInvoice);
  expect(seen[0]?.body).toBe('{"amount":"1","client_reference_id":"a"}');
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, '', ' ', 'ten', '1,5', '1e309'])(
  'the amount %s is refused before anything is sent',
  async amount => {
    const error = await client()
      .createInvoice({ amount, client_reference_id: 'a' })
      .catch(error => error);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.errors).toHaveProperty('amount');
    expect(seen).toEqual([]);
  },
);

test('half a surrogate pair is refused before anything is sent', async () => {
  const calls = [
    client().createInvoice({ amount: 1, client_reference_id: 'a', metadata: 'x\ud800' }),
    client().searchInvoices('x\ud800'),
    client().invoice('x\ud800'),
  ];
  for (const call of calls) await expect(call).rejects.toThrow(ValidationError);
  expect(seen).toEqual([]);
});

test('a 400 carries its errors by field', async () => {
  const errors = { amount: ['Amount cannot be blank.'], client_reference_id: ['One.', 'Two.'] };
  reply(400, { success: false, data: { message: 'Invalid request data', errors } });
  const error = await client()
    .user()
    .catch(error => error);
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toMatchObject({ name: 'ValidationError', status: 400, errors });
  expect(error.message).toBe('Invalid request data: Amount cannot be blank. One. Two.');
});

test.each([
  [401, AuthenticationError],
  [404, NotFoundError],
  [429, RateLimitError],
  [409, ConflictError],
  [503, UnavailableError],
  [415, ApiError],
  [500, ApiError],
])('status %i rejects with its own kind of error', async (status, kind) => {
  fault(status);
  const error = await client()
    .user()
    .catch(error => error);
  expect(error.constructor).toBe(kind);
  expect(error.name).toBe(kind.name);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toBeInstanceOf(CryptoScanError);
  expect([error.status, error.message]).toEqual([status, `said ${status}`]);
});

test.each([429, 503, 409])('a %i says how long to wait when the server does', async status => {
  fault(status, { 'retry-after': '17' });
  await expect(client().user()).rejects.toMatchObject({ status, retryAfter: 17 });
  fault(status, { 'retry-after': 'soon' });
  await expect(client().user()).rejects.toMatchObject({ status, retryAfter: null });
  fault(status);
  await expect(client().user()).rejects.toMatchObject({ status, retryAfter: null });
});

test.each([
  [200, '<html>'],
  [200, '{"success":false,"data":{}}'],
  [200, '{"success":true}'],
  [502, ''],
  [400, '{"success":false,"data":{"errors":{"amount":"not a list"}}}'],
])('an answer of another shape (%i %s) is an error, not a result', async (status, body) => {
  reply(status, body);
  await expect(client().user()).rejects.toBeInstanceOf(ApiError);
});

test('a list where an object belongs is no result either, nor the other way round', async () => {
  reply(200, { success: true, data: [] });
  await expect(client().user()).rejects.toBeInstanceOf(ApiError);
  reply(200, { success: true, data: {} });
  await expect(client().currencyRates()).rejects.toBeInstanceOf(ApiError);
});

test('a redirect is not followed, so the keys stay with their server', async () => {
  reply(302, '', { location: `${baseUrl}/elsewhere` });
  await expect(client({ auth: 'private-key' }).user()).rejects.toMatchObject({ status: 302 });
  expect(seen).toHaveLength(1);
});

test('an endless answer is cut off', async () => {
  answer = response => {
    response.writeHead(200);
    const more = () => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  };
  await expect(client().user()).rejects.toMatchObject({
    status: 200,
    message: expect.stringContaining('larger'),
  });
});

test('silence ends in a NetworkError when the time is up', async () => {
  answer = () => {};
  await expect(client({ timeoutMs: 50 }).user()).rejects.toMatchObject({
    name: 'NetworkError',
    timedOut: true,
  });
});

test('an answer that stalls half way counts as silence', async () => {
  answer = response => {
    response.writeHead(200);
    response.write('{"success":');
  };
  await expect(client({ timeoutMs: 200 }).user()).rejects.toMatchObject({
    name: 'NetworkError',
    timedOut: true,
  });
});

test('a broken connection is a NetworkError', async () => {
  answer = response => response.destroy();
  const error = await client()
    .user()
    .catch(error => error);
  expect(error).toBeInstanceOf(NetworkError);
  expect(error.timedOut).toBe(false);
});

test("the caller's own abort comes back as its reason", async () => {
  const controller = new AbortController();
  answer = () => controller.abort(new Error('changed my mind'));
  await expect(client().user({ signal: controller.signal })).rejects.toThrow('changed my mind');
});

test('a base URL may end in the path of the API or in a slash', async () => {
  reply(200, { success: true, data: {} });
  for (const end of ['/', '/api/v1', '/api/v1/', '/shop/']) await client({ baseUrl: baseUrl + end }).user();
  expect(seen.map(({ url }) => url)).toEqual([
    '/api/v1/user',
    '/api/v1/user',
    '/api/v1/user',
    '/shop/api/v1/user',
  ]);
});

test('settings that cannot work are refused without quoting a key', () => {
  const odd: Partial<ClientOptions>[] = [
    ...['', 'pay.example.com', 'ftp://a', 'https://u:p@a', 'https://a?x', 'https://a#x'].map(url => ({
      baseUrl: url,
    })),
    ...['', 'secret\n', ' secret', 'sécret'].map(key => ({ privateKey: key })),
    { auth: 'none' as 'signature' },
  ];
  for (const options of odd) {
    expect(() => client(options)).toThrow(TypeError);
    expect(() => client(options)).not.toThrow(/secret|sécret/);
  }
});

test('neither the client nor its errors show a key', async () => {
  fault(401);
  const shop = client({ auth: 'private-key' });
  const error = await shop.user().catch(error => error);
  answer = response => response.destroy();
  const broken = await shop.user().catch(error => error);
  for (const value of [shop, error, broken]) {
    expect(inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value)).not.toContain('private_1');
  }
});
