/** Every example of the API document, asked of a running gateway: names, kinds and determined values, in JSON and in XML. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adjustBalance } from '../../server/src/commands/adjust-balance.ts';
import type { Shop } from '../gateway.ts';
import {
  ask,
  becomes,
  closeDocumented,
  expire,
  idText,
  messageOf,
  openDocumented,
  openDocumentedShop,
  pin,
  type World,
} from './document/documented-world.ts';
import { type Example, example, exampleNames, expectAsPrinted } from './document/examples.ts';
import { readSpelled, type Spelled } from './document/json-kinds.ts';
import { unitsOf } from './fake-watch.ts';
import { bury, idOf, pay } from './live-chain.ts';
import { type Answer, type Message, send } from './wire.ts';
import { treeOfJson, xmlTree } from './xml-tree.ts';

let world: World;
let shop: Shop;
let bound: Shop;

beforeAll(async () => {
  world = await openDocumented();
  shop = await openDocumentedShop(world, '/open');
  bound = await openDocumentedShop(world, '/bound', { compat: true });
});

afterAll(() => closeDocumented(world));

const inXml = (message: Message): Message[] => [
  { ...message, path: `${message.path}${message.path.includes('?') ? '&' : '?'}_format=xml` },
  { ...message, headers: { ...message.headers, accept: 'application/xml' } },
];

/** Fails unless the answers in XML, to the parameter and to the header, say what the JSON one says. */
async function expectSameInXml(message: Message, { status, text }: Answer): Promise<void> {
  for (const asked of inXml(message)) {
    const xml = await send(world.gateway.port, asked);
    expect([xml.status, xml.headers['content-type']]).toEqual([status, 'application/xml; charset=utf-8']);
    expect(xmlTree(xml.text)).toEqual(treeOfJson(text));
  }
}

/** Sends the example's request; answers what came back, which has the example's status and is in JSON. */
async function replay(as: Shop, { request, status }: Example): Promise<Answer & { message: Message }> {
  const message = messageOf(as, request);
  const answer = await send(world.gateway.port, message);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  return { ...answer, message };
}

const at = (printed: Example, id: string): Example => ({
  ...printed,
  request: { ...printed.request, path: printed.request.path.replace('{id}', id) },
});

type Data = Record<string, unknown>;
const dataOf = ({ text }: Answer) => (readSpelled(text) as { data: Data }).data;
const seconds = (data: Data, name: string) => Number((data[name] as Spelled).text);
const order = (amount: number, reference: string) => ({
  method: 'POST',
  path: 'invoice',
  fields: { amount, client_reference_id: reference, metadata: null },
});

describe('the envelope', () => {
  test('of a success', async () => {
    const printed = example('envelope');
    const envelope = JSON.parse((await replay(shop, printed)).text);
    const names = new Set([...printed.answer.keys()].map(path => path.split('.')[0]));
    expect(Object.keys(envelope)).toEqual([...names]);
    expect(envelope.success).toBe(true);
  });

  test('of an error', async () => {
    const printed = example('error-unauthorized');
    const answer = await replay({ ...shop, privateKey: 'private_wrong' }, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
  });

  test('of a list of errors', async () => {
    const printed = example('error-invalid');
    const answer = await replay(shop, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
  });
});

describe('creating', () => {
  const cases: [string, () => Shop][] = [
    ['create-invoice', () => shop],
    ['create-widget', () => shop],
    ['create-widget-compat', () => bound],
  ];

  test.each(cases)('%s', async (name, owner) => {
    const printed = example(name);
    const answer = await replay(owner(), printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    const data = dataOf(answer);
    const viewed = await ask(world, owner(), { method: 'GET', path: `invoice/${idText(data)}` });
    expect(seconds(viewed, 'expire_at') - seconds(viewed, 'created_at')).toBe(30 * 60);
    expect(data.expire_at).toBe((viewed.expire_at as Spelled).text);
    expect([data.wallet ?? null, data.cryptocurrency ?? null, data.network ?? null]).toEqual([
      viewed.wallet,
      viewed.cryptocurrency,
      viewed.network,
    ]);
    const { fields } = printed.request;
    expect([viewed.client_reference_id, viewed.metadata]).toEqual([
      fields?.client_reference_id,
      fields?.metadata,
    ]);
  });

  test.each(cases)('%s says the same in XML', async (name, owner) => {
    const printed = example(name);
    const compat = owner() === bound;
    for (const format of [0, 1]) {
      // Of twins, since each of them may make the request only once.
      const twin = await openDocumentedShop(world, '/twin', { compat });
      const json = await replay(await openDocumentedShop(world, '/twin', { compat }), printed);
      const { text } = await send(world.gateway.port, inXml(messageOf(twin, printed.request))[format]!);
      const tree = xmlTree(text) as [string, [string, string][]][];
      const own = Object.fromEntries(tree[1]?.[1] ?? []);
      // What is each invoice's own is taken from what is known of the twin elsewhere.
      const viewed = await ask(world, twin, { method: 'GET', path: `invoice/${own.id}` });
      const said = {
        ...JSON.parse(json.text).data,
        id: idText(viewed),
        expire_at: (viewed.expire_at as Spelled).text,
        ...(viewed.wallet !== null && { wallet: viewed.wallet }),
        ...(own.widget_url && { widget_url: own.widget_url }),
      };
      expect(tree).toEqual(treeOfJson(JSON.stringify({ success: true, data: said })));
    }
  });

  test('a widget_url is a page of this installation', async () => {
    for (const owner of [shop, bound]) {
      const fields = { amount: 7.5, client_reference_id: 'page' };
      const { widget_url } = await ask(world, owner, { method: 'POST', path: 'invoice/widget', fields });
      const [base, page] = String(widget_url).split('/payment/');
      expect(base).toBe(world.gateway.baseUrl);
      expect(page).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    }
  });
});

describe('viewing, searching and confirming', () => {
  test('view-invoice', async () => {
    const created = await ask(world, shop, order(10.54, '287'));
    const hash = await pay(world.chain, shop.address, unitsOf(created as { final_amount: string }));
    await bury(world.chain);
    await becomes(world, shop, idText(created), { status: 'completed' });
    const printed = at(example('view-invoice'), idText(created));
    const answer = await replay(shop, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
    const data = dataOf(answer);
    expect([idText(data), data.wallet]).toEqual([created.id, created.wallet]);
    expect(data.transaction_id).toBe(idOf(world.chain, hash));
    expect(seconds(data, 'expire_at') - seconds(data, 'created_at')).toBe(1_678_993_517 - 1_678_991_717);
  });

  test('view-invoice, with the nulls as printed, while nothing was seen', async () => {
    const created = await ask(world, shop, order(11.54, '288'));
    const printed = at(example('view-invoice'), idText(created));
    const answer = await replay(shop, printed);
    const unseen = printed.deviations.filter(({ kind }) => !kind);
    const others = { 'data.status': 'new', 'data.client_reference_id': '288' };
    const amounts = { 'data.requested_amount': '11.54000000', 'data.final_amount': '11.55' };
    const changed = Object.entries({ ...others, ...amounts }).map(([at, value]) => ({
      at,
      value,
      document: 'of another invoice',
      ruling: 'The values of this one.',
    }));
    expectAsPrinted(readSpelled(answer.text), { ...printed, deviations: [...unseen, ...changed] });
    await expectSameInXml(answer.message, answer);
  });

  test('search-invoices', async () => {
    const created = await ask(world, shop, order(6.5, '539'));
    await pay(world.chain, shop.address, unitsOf(created as { final_amount: string }));
    await becomes(world, shop, idText(created), { status: 'new', transaction_id: expect.any(String) });
    const printed = example('search-invoices');
    const answer = await replay(shop, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
    const [found] = dataOf(answer) as unknown as [Data];
    const viewed = await ask(world, shop, { method: 'GET', path: `invoice/${created.id}` });
    expect(found).toEqual(viewed);
    expect(seconds(found, 'expire_at') - seconds(found, 'created_at')).toBe(1_679_586_737 - 1_679_584_937);
  });

  test('the example URL of a search finds what has that reference, and is a list where nothing has', async () => {
    const url = { method: 'GET', path: 'invoice?query=123456789' };
    expect(await ask(world, bound, url)).toEqual([]);
    const created = await ask(world, bound, order(1.5, '123456789'));
    const found = (await ask(world, bound, url)) as unknown as Data[];
    expect(found.map(idText)).toEqual([created.id]);
  });

  test('confirm-invoice', async () => {
    const late = await openDocumentedShop(world, '/late', { paymentMinutes: 45 });
    await pin(world, late, 'EUR', '0.85027');
    const fields = { amount: 45.749, currency: 'EUR', client_reference_id: 'aic03vWcrY' };
    const created = await ask(world, late, { method: 'POST', path: 'invoice/widget', fields });
    await pin(world, late, 'EUR', '0.93574');
    await expire(world, late, idText(created), 3);
    const transactionId = idOf(world.chain, await pay(world.chain, late.address, 53_805_300n));
    const printed = at(example('confirm-invoice'), idText(created));
    const confirming = { ...printed, request: { ...printed.request, fields: { transactionId } } };
    const answer = await replay(late, confirming);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
    const data = dataOf(answer);
    expect([idText(data), data.transaction_id]).toEqual([created.id, transactionId]);
    expect(data.payer_wallet).toMatch(/^T[1-9A-HJ-NP-Za-km-z]{33}$/);
    expect(seconds(data, 'expire_at') - seconds(data, 'created_at')).toBe(1_751_631_088 - 1_751_628_388);
    expect(seconds(data, 'paid_at')).toBeGreaterThan(seconds(data, 'expire_at'));
    // The id as printed, of 40 digits, is none.
    const invalid = await send(world.gateway.port, messageOf(late, printed.request));
    expect([invalid.status, Object.keys(JSON.parse(invalid.text).data.errors)]).toEqual([
      400,
      ['transactionId'],
    ]);
  });
});

describe('the user and the currencies', () => {
  test('user', async () => {
    await adjustBalance(world.ground, shop.userId, { amount: '85', memo: 'a test' });
    const printed = example('user');
    const answer = await replay(shop, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
  });

  test('currency-rate', async () => {
    const printed = example('currency-rate');
    const answer = await replay(shop, printed);
    const { success, data } = readSpelled(answer.text) as { success: boolean; data: Data[] };
    // There may be more: currencies that have a rate without the operator's doing.
    const named = data.filter(({ currency }) => ['BYN', 'EUR', 'GBP'].includes(String(currency)));
    expectAsPrinted({ success, data: named }, printed);
    await expectSameInXml(answer.message, answer);
  });

  test('currency-status', async () => {
    const printed = example('currency-status');
    const answer = await replay(shop, printed);
    expectAsPrinted(readSpelled(answer.text), printed);
    await expectSameInXml(answer.message, answer);
  });

  test('the example URL of a status tells what the list tells of that currency', async () => {
    const { text } = await send(
      world.gateway.port,
      messageOf(shop, { method: 'GET', path: 'currency-rate/GBP/status' }),
    );
    expect(text).toBe('{"success":true,"data":{"status":"disabled","rate":0.80534}}');
  });
});

test('no example is left out', () => {
  expect(exampleNames.toSorted()).toEqual([
    ...['confirm-invoice', 'create-invoice', 'create-widget', 'create-widget-compat', 'currency-rate'],
    ...['currency-status', 'envelope', 'error-invalid', 'error-unauthorized', 'search-invoices', 'user'],
    ...['view-invoice', 'webhook-cancelled', 'webhook-expired', 'webhook-paid', 'webhook-paid-manually'],
  ]);
});

describe('an answer that differs from its example', () => {
  const printed = example('user');
  const user = '{"success":true,"data":{"id":2,"status":"Active","balance":85.00,"currency":"USD"}}';
  const isSame = (text: string) => () => expectAsPrinted(readSpelled(text), printed);

  test('is seen', () => {
    expect(isSame(user)).not.toThrow();
    expect(isSame(user.replace('"id":2', '"id":"2"'))).toThrow();
    expect(isSame(user.replace('"id":2', '"id":2.0'))).toThrow();
    expect(isSame(user.replace('85.00', '85'))).toThrow();
    expect(isSame(user.replace('85.00', '"85.00"'))).toThrow();
    expect(isSame(user.replace('"USD"', 'null'))).toThrow();
    expect(isSame(user.replace('"status"', '"state"'))).toThrow();
    expect(isSame(user.replace(',"currency":"USD"', ''))).toThrow();
  });
});
