/** Who is let in, in which order a request is judged, and the bodies that a signature cannot vouch for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { watchFake } from './fake-watch.ts';
import { creating, errorsOf, keyHeaders, type Message, send, signed } from './wire.ts';

const UNAUTHORIZED =
  '{"success":false,"data":{"name":"Unauthorized","message":"Your request was made with invalid credentials","code":0,"status":401}}';

let ground: Ground;
let gateway: TestGateway;
/** One for each kind of authentication. */
let byKey: Shop;
let bySignature: Shop;
let made = 0;

beforeAll(async () => {
  ground = await openGround();
  gateway = await openGateway(ground, { roles: ['api'] });
  await watchFake(ground, 'TRC-20');
  byKey = await openShop(ground, { settings: { auth: 'private-key' } });
  bySignature = await openShop(ground, { settings: { auth: 'signature' } });
});

afterAll(async () => {
  await gateway?.stop();
  await ground?.close();
});

const ask = (message: Message) => send(gateway.port, message);
const getUser = (headers: Record<string, string>) => ask({ path: '/api/v1/user', headers });
const apiKey = () => `api_key=${bySignature.publicKey}`;
/** A reference that no other test uses. */
const fresh = () => `n${++made}`;
/** JSON text of a body that is right. */
const right = () => `{"amount":"1","client_reference_id":"${fresh()}"}`;

describe('a request without the right proof', () => {
  const wrong = (): [string, Record<string, string>][] => [
    ['nothing', {}],
    ['an unknown public key', keyHeaders({ ...byKey, publicKey: 'public_unknown' })],
    [
      'an unknown public key, signed',
      signed({ ...bySignature, publicKey: 'public_unknown' }, 'api_key=public_unknown'),
    ],
    ['no public key', { 'private-key': byKey.privateKey }],
    ['no proof', { 'public-key': byKey.publicKey }],
    ['no signature', { 'public-key': bySignature.publicKey }],
    ['a wrong private key', keyHeaders({ ...byKey, privateKey: `${byKey.privateKey}x` })],
    ['a private key cut short', keyHeaders({ ...byKey, privateKey: byKey.privateKey.slice(0, -1) })],
    ['an empty private key', { 'public-key': byKey.publicKey, 'private-key': '' }],
    [
      'the key of somebody else',
      keyHeaders({ publicKey: byKey.publicKey, privateKey: bySignature.privateKey }),
    ],
    ['a wrong signature', { 'public-key': bySignature.publicKey, signature: 'ab'.repeat(32) }],
    ['a signature that is no hex', { 'public-key': bySignature.publicKey, signature: 'x' }],
    ['a signature of another body', signed(bySignature, `amount=1&${apiKey()}`)],
    ['the private key where a signature is demanded', keyHeaders(bySignature)],
    ['a signature where the private key is demanded', signed(byKey, `api_key=${byKey.publicKey}`)],
    ['the name every object has', keyHeaders({ publicKey: '__proto__', privateKey: 'x' })],
  ];

  test('gets one and the same 401, byte for byte', async () => {
    for (const [what, headers] of wrong()) {
      const viewed = await getUser(headers);
      expect([what, viewed.status, viewed.text]).toEqual([what, 401, UNAUTHORIZED]);
      expect(viewed.headers['content-type'], what).toBe('application/json; charset=utf-8');
      const created = await ask(creating(headers, right()));
      expect([what, created.status, created.text]).toEqual([what, 401, UNAUTHORIZED]);
    }
    expect(await ground.db.selectFrom('invoices').select('id').execute()).toEqual([]);
  });

  test('gets it at every address, those that lead nowhere too', async () => {
    for (const path of ['/invoice', '/invoice/1', '/user', '/nothing']) {
      const { status, text } = await ask({ path: `/api/v1${path}` });
      expect([path, status, text]).toEqual([path, 401, UNAUTHORIZED]);
    }
  });
});

describe('a request with the right proof', () => {
  test('is let in, by either kind', async () => {
    expect((await getUser(keyHeaders(byKey))).status).toBe(200);
    expect((await getUser(signed(bySignature, apiKey()))).status).toBe(200);
    const { signature = '', ...rest } = signed(bySignature, apiKey());
    expect((await getUser({ ...rest, signature: signature.toUpperCase() })).status).toBe(200);
  });

  test.each([
    ['without a body', {}],
    ['with the body []', { body: '[]', headers: { 'content-type': 'application/json' } }],
    ['with the body {}', { body: '{}', headers: { 'content-type': 'application/json' } }],
    ['with an empty body', { body: '', headers: { 'content-type': 'application/json' } }],
    ['with a content type and no body', { headers: { 'content-type': 'application/json' } }],
    [
      'with the body [] in chunks',
      { body: '[]', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
    ],
  ] as [string, Partial<Message>][])('a GET %s signs the public key alone', async (_, { body, headers }) => {
    const message: Message = {
      path: '/api/v1/user',
      headers: { ...headers, ...signed(bySignature, apiKey()) },
    };
    expect((await ask(body === undefined ? message : { ...message, body })).status).toBe(200);
  });

  test('an address and its query are not signed', async () => {
    const path = '/api/v1/user?a=1&query=a%20b';
    expect((await ask({ path, headers: signed(bySignature, apiKey()) })).status).toBe(200);
  });

  test('null fields are absent from the signature', async () => {
    const reference = fresh();
    const body = `{"amount":7.5,"metadata":null,"client_reference_id":"${reference}","currency":null}`;
    const query = `amount=7.5&${apiKey()}&client_reference_id=${reference}`;
    expect((await ask(creating(signed(bySignature, query), body))).status).toBe(200);
  });

  test('a form creates as JSON does, and is signed over the same text', async () => {
    const reference = `${fresh()} é~*`;
    const form = 'content-type';
    const kind = { [form]: 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({
      client_reference_id: reference,
      amount: '7.50',
      metadata: '',
      currency: '',
    });
    const written = reference
      .replaceAll(' ', '+')
      .replace('é', '%C3%A9')
      .replace('~', '%7E')
      .replace('*', '%2A');
    const query = `amount=7.50&${apiKey()}&client_reference_id=${written}&currency=&metadata=`;
    const answer = await ask({ ...creating({ ...signed(bySignature, query), ...kind }, body.toString()) });
    expect(answer.status).toBe(200);
    const invoice = await clientOf(gateway, bySignature).invoice(JSON.parse(answer.text).data.id);
    expect(invoice).toMatchObject({
      client_reference_id: reference,
      requested_amount: '7.50000000',
      metadata: null,
    });
  });
});

describe('a signed body that could be read two ways', () => {
  // REF stands for the reference, KEY for api_key=<public key>: the same in all of them.
  const bodies: [string, string, string, string][] = [
    ['a field given twice', '{"amount":1,"amount":2,REF}', 'amount=2&KEY&REF', 'amount'],
    ['a nested object', '{"amount":1,REF,"data":{"id":1}}', 'amount=1&KEY&REF&data%5Bid%5D=1', 'data'],
    ['its flat twin', '{"amount":1,REF,"data[id]":1}', 'amount=1&KEY&REF&data%5Bid%5D=1', 'data[id]'],
    ['a dot in a name', '{"a.b":1,"amount":1,REF}', 'a.b=1&amount=1&KEY&REF', 'a.b'],
    ['a boolean', '{"amount":true,REF}', 'amount=1&KEY&REF', 'amount'],
    ['an empty list', '{"amount":1,REF,"metadata":[]}', 'amount=1&KEY&REF', 'metadata'],
    ['the name api_key', '{"amount":1,"api_key":"other",REF}', 'amount=1&KEY&REF', 'api_key'],
    ['15 digits', '{"amount":123456789012.121,REF}', 'amount=123456789012.12&KEY&REF', 'amount'],
    ['a list', '[1]', '0=1&KEY', 'body'],
  ];

  test.each(bodies)(
    '%s is refused once it is signed right, and is a 401 before',
    async (_, written, unsigned, field) => {
      const body = written.replace('REF', '"client_reference_id":"a"');
      const query = unsigned.replace('KEY', apiKey()).replace('REF', 'client_reference_id=a');
      const right = signed(bySignature, query);
      expect(Object.keys(errorsOf(await ask(creating(right, body))))).toEqual([field]);
      const wrong = { ...right, signature: 'ab'.repeat(32) };
      expect((await ask(creating(wrong, body))).text).toBe(UNAUTHORIZED);
    },
  );

  test('none of them made an invoice', async () => {
    const rows = ground.db.selectFrom('invoices').select('id').where('client_reference_id', '=', 'a');
    expect(await rows.execute()).toEqual([]);
  });
});

describe('the order in which a request is judged', () => {
  const limit = 64 * 1024;
  const padded = (size: number) => {
    const body = `{"amount":1,"client_reference_id":"${fresh()}","padding":""}`;
    return body.replace('""', `"${'x'.repeat(size - body.length)}"`);
  };
  const text = { 'content-type': 'text/plain' };

  test('too large comes first', async () => {
    for (const headers of [{}, keyHeaders(byKey), text, { 'content-type': '' }]) {
      const answer = await ask(creating(headers, padded(limit + 1)));
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        413,
        {
          success: false,
          data: { name: 'Payload Too Large', message: expect.any(String), code: 0, status: 413 },
        },
      ]);
    }
    expect((await ask(creating(keyHeaders(byKey), padded(limit)))).status).toBe(200);
  });

  test('and holds for a body of unknown length too', async () => {
    const chunked = { ...keyHeaders(byKey), 'transfer-encoding': 'chunked' };
    expect((await ask(creating(chunked, padded(limit + 1)))).status).toBe(413);
  });

  test('then the kind of the body', async () => {
    for (const kind of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      'x',
    ]) {
      const { status, text: said } = await ask(creating({ 'content-type': kind }, '{'));
      expect([kind, status, JSON.parse(said)]).toEqual([
        kind,
        415,
        {
          success: false,
          data: { name: 'Unsupported Media Type', message: expect.any(String), code: 0, status: 415 },
        },
      ]);
    }
    const json = { ...keyHeaders(byKey), 'content-type': 'application/json; charset=utf-8' };
    expect((await ask(creating(json, right()))).status).toBe(200);
  });

  test.each([
    ['{', 'no end'],
    ['', 'nothing'],
    ['{"amount":1}x', 'something after it'],
    ['\uFEFF{}', 'a byte order mark'],
    ["{'amount':1}", 'other quotes'],
    ['{"a":[[[[[1]]]]]}', 'too deep'],
    ['['.repeat(60_000), 'very deep'],
    [`[${'1,'.repeat(20_000)}1]`, 'very long'],
  ])('then whether it can be read: %#', async (body, what) => {
    const answer = await ask(creating({}, body));
    if (what === 'nothing') expect(answer.text).toBe(UNAUTHORIZED);
    else expect(Object.keys(errorsOf(answer)), what).toEqual(['body']);
  });

  test('100,000 brackets are too large, and bytes that are no UTF-8 cannot be read', async () => {
    expect((await ask(creating(keyHeaders(byKey), '['.repeat(100_000)))).status).toBe(413);
    const broken = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(Object.keys(errorsOf(await ask(creating({}, broken))))).toEqual(['body']);
  });

  test('then who asks, then its shape, then its fields', async () => {
    for (const body of ['[1]', '"text"', '1', 'true']) {
      expect((await ask(creating({}, body))).text, body).toBe(UNAUTHORIZED);
      expect(Object.keys(errorsOf(await ask(creating(keyHeaders(byKey), body)))), body).toEqual(['body']);
    }
    expect((await ask(creating({}, '{"amount":-1}'))).text).toBe(UNAUTHORIZED);
    expect(Object.keys(errorsOf(await ask(creating(keyHeaders(byKey), '[]')))).sort()).toEqual([
      'amount',
      'client_reference_id',
    ]);
  });
});
