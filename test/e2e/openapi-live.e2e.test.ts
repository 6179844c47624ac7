/** What a running gateway answers, against the published description. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ground, openGateway, openGround, openShop, type Shop, type TestGateway } from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import { type Document, validator } from './openapi-validator.ts';
import { type Answer, keyHeaders, type Message, send } from './wire.ts';

let ground: Ground;
let gateway: TestGateway;
let shop: Shop;
let compatShop: Shop;
let document: Document;
let validate: ReturnType<typeof validator>;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await Promise.all([watchFake(ground, 'TRC-20'), watchFake(ground, 'ERC-20')]);
  shop = await openShop(ground, { settings: { auth: 'private-key' } });
  compatShop = await openShop(ground, { settings: { auth: 'private-key', compat: true } });
  document = JSON.parse((await send(gateway.port, { path: '/openapi.json' })).text);
  validate = validator(document);
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

type Asked = Omit<Message, 'path'> & { path?: string; shop?: Shop; fields?: object };

/** Asks for an operation, `METHOD /path` as described; `path` as it is asked for. */
function ask(
  operation: string,
  { shop: asking = shop, fields, path, headers, ...rest }: Asked = {},
): Promise<Answer> {
  const [method = '', template = ''] = operation.split(' ');
  return send(gateway.port, {
    method,
    path: `/api/v1${path ?? template}`,
    headers: { ...keyHeaders(asking), ...(fields && { 'content-type': 'application/json' }), ...headers },
    ...(fields && { body: JSON.stringify(fields) }),
    ...rest,
  });
}

type Described = {
  $ref?: string;
  content: Record<string, { schema: object }>;
  headers?: Record<string, { required: boolean }>;
};

/** How an answer of this status is described; its own description must be there unless `default` will do. */
function described(operation: string, status: number): Described {
  const [method = '', path = ''] = operation.split(' ');
  const { responses } = document.paths[path]![method.toLowerCase()]!;
  const response = (responses[status] ?? responses.default) as Described;
  return response.$ref
    ? (document.components.responses[response.$ref.split('/').at(-1)!] as Described)
    : response;
}

/** Fails unless the answer has this status and is as described; answers its `data`. */
function expectDescribed(operation: string, { status, headers, text }: Answer, expected: number) {
  expect({ status, text }).toMatchObject({ status: expected });
  const response = described(operation, status);
  const content = response.content[headers['content-type']!.split(';')[0]!]!;
  expect(validate(content.schema, JSON.parse(text))).toEqual([]);
  for (const [name, { required }] of Object.entries(response.headers ?? {}))
    if (required) expect(headers).toHaveProperty(name.toLowerCase());
  return JSON.parse(text).data;
}

let made = 0;
const order = (fields: object = {}) => ({
  amount: '125.50',
  client_reference_id: `order-${++made}`,
  ...fields,
});

async function created(): Promise<string> {
  return JSON.parse((await ask('POST /invoice', { fields: order() })).text).data.id;
}

describe('answers are as described', () => {
  test('an invoice, created, viewed, found and confirmed', async () => {
    const { id } = expectDescribed(
      'POST /invoice',
      await ask('POST /invoice', { fields: order({ metadata: 'm' }) }),
      200,
    );
    const view = () => ask('GET /invoice/{id}', { path: `/invoice/${id}` });
    expectDescribed('GET /invoice/{id}', await view(), 200);
    const find = (query: string) => ask('GET /invoice', { path: `/invoice?query=${query}` });
    expect(expectDescribed('GET /invoice', await find('order-'), 200).length).toBeGreaterThan(0);
    expect(expectDescribed('GET /invoice', await find('nothing-like-it'), 200)).toEqual([]);
    const confirm = { path: `/invoice/confirm/${id}`, fields: { transactionId: 'a'.repeat(64) } };
    expectDescribed('PUT /invoice/confirm/{id}', await ask('PUT /invoice/confirm/{id}', confirm), 200);
    expect(expectDescribed('GET /invoice/{id}', await view(), 200).status).toBe('paid_manually');
  });

  test('a widget where the payer chooses, and in "USDT TRC-20 receive only" mode', async () => {
    const create = 'POST /invoice/widget';
    const open = expectDescribed(create, await ask(create, { fields: order({ lang: 'de-DE' }) }), 200);
    expect(Object.keys(open)).toEqual(['id', 'expire_at', 'widget_url']);
    const view = { path: `/invoice/${open.id}` };
    expectDescribed('GET /invoice/{id}', await ask('GET /invoice/{id}', view), 200);
    const bound = expectDescribed(create, await ask(create, { shop: compatShop, fields: order() }), 200);
    expect(bound).toHaveProperty('final_amount');
  });

  test('the user, the currencies, and one of them', async () => {
    expectDescribed('GET /user', await ask('GET /user'), 200);
    expect(
      expectDescribed('GET /currency-rate', await ask('GET /currency-rate'), 200).length,
    ).toBeGreaterThan(0);
    const status = 'GET /currency-rate/{code}/status';
    for (const code of ['USD', 'EUR', 'nothing'])
      expectDescribed(status, await ask(status, { path: `/currency-rate/${code}/status` }), 200);
  });

  test('each example of a request is accepted', async () => {
    for (const [path, { post }] of Object.entries(document.paths)) {
      const { examples = {} } = (post?.requestBody as Body | undefined)?.content['application/json'] ?? {};
      for (const { value } of Object.values(examples)) {
        // A currency needs a rate, which this gateway may not have.
        const fields = { ...value, client_reference_id: `order-${++made}`, currency: 'USD' };
        expectDescribed(`POST ${path}`, await ask(`POST ${path}`, { fields }), 200);
      }
    }
    expect(made).toBeGreaterThan(3);
  });

  test('a planted fault is seen', async () => {
    const { content } = described('GET /user', 200);
    const user = JSON.parse((await ask('GET /user')).text);
    expect(
      validate(content['application/json']!.schema, { ...user, data: { ...user.data, id: '1' } }),
    ).not.toEqual([]);
    expect(
      validate(content['application/json']!.schema, { ...user, data: { ...user.data, more: 1 } }),
    ).not.toEqual([]);
  });
});

type Body = { content: Record<string, { examples: Record<string, { value: object }> }> };

describe('errors are as described', () => {
  test('400: by field', async () => {
    for (const create of ['POST /invoice', 'POST /invoice/widget'])
      expect(
        Object.keys(expectDescribed(create, await ask(create, { fields: {} }), 400).errors),
      ).toHaveLength(2);
    expectDescribed('GET /invoice', await ask('GET /invoice'), 400);
    const confirm = { path: `/invoice/confirm/${await created()}`, fields: {} };
    expectDescribed('PUT /invoice/confirm/{id}', await ask('PUT /invoice/confirm/{id}', confirm), 400);
  });

  test('401 and 406: of every operation', async () => {
    for (const [path, item] of Object.entries(document.paths))
      for (const method of Object.keys(item)) {
        const operation = `${method.toUpperCase()} ${path}`;
        const headers = { 'private-key': 'wrong' };
        expectDescribed(operation, await ask(operation, { headers }), 401);
        expectDescribed(operation, await ask(operation, { path: `${path}?_format=yaml` }), 406);
      }
  });

  test('404, and 405 with what is allowed', async () => {
    expectDescribed('GET /invoice/{id}', await ask('GET /invoice/{id}', { path: '/invoice/999999' }), 404);
    expectDescribed('GET /user', await ask('GET /nowhere'), 404);
    const answer = await ask('DELETE /user');
    expectDescribed('GET /user', answer, 405);
    expect(answer.headers.allow).toContain('GET');
  });

  test('409: a key that was used for another body', async () => {
    const headers = { 'idempotency-key': 'once' };
    expectDescribed('POST /invoice', await ask('POST /invoice', { headers, fields: order() }), 200);
    expectDescribed('POST /invoice', await ask('POST /invoice', { headers, fields: order() }), 409);
  });

  test('413 and 415', async () => {
    const large = order({ metadata: 'm'.repeat(70_000) });
    expectDescribed('POST /invoice', await ask('POST /invoice', { fields: large }), 413);
    const headers = { 'content-type': 'text/plain' };
    expectDescribed('POST /invoice', await ask('POST /invoice', { headers, fields: order() }), 415);
  });
});

test('XML is answered as described, by the parameter and by the header', async () => {
  for (const asked of [{ path: '/user?_format=xml' }, { headers: { accept: 'application/xml' } }]) {
    const { headers, text } = await ask('GET /user', asked);
    const type = headers['content-type']!.split(';')[0]!;
    expect(validate(described('GET /user', 200).content[type]!.schema, text)).toEqual([]);
    expect(text).toContain('<response><success>true</success><data><id>');
  }
});

test('the description is revalidated, not sent again', async () => {
  const { headers } = await send(gateway.port, { path: '/openapi.json' });
  const again = await send(gateway.port, {
    path: '/openapi.json',
    headers: { 'if-none-match': headers.etag! },
  });
  expect(again).toMatchObject({ status: 304, text: '' });
});
