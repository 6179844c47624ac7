/** A request sent again with its Idempotency-Key gets the first answer again, whatever happened in between. */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { group } from '../../server/src/lib/group.ts';
import { deleteKeys } from '../../server/src/store/idempotency.ts';
import { openShop } from '../gateway.ts';
import { creating as createOn, openApi } from './api-server.ts';
import { askingOf, said, useTwoServers } from './use-two-servers.ts';
import { creating, errorsOf, keyHeaders, sendBytes, signed } from './wire.ts';
import { xmlTree } from './xml-tree.ts';

const GROUP = { max: 64, runs: 2, limit: 5000, isolate: () => true };

const world = useTwoServers();
const { fresh, bodyOf, keyed, ask, invoices, kept } = askingOf(world);

describe('the same body', () => {
  test('gets the first answer byte for byte, from every process, and makes one invoice', async () => {
    for (const path of ['/api/v1/invoice', '/api/v1/invoice/widget']) {
      const message = { ...keyed('again', bodyOf(fresh())), path };
      const first = await ask(message);
      expect(first.status).toBe(200);
      for (const port of [world.api.port, world.other.port])
        expect(said(await ask(message, port))).toEqual(said(first));
    }
    expect(await invoices()).toBe(2);
  });

  test('gets it in the form of the first one', async () => {
    const message = keyed('form', bodyOf(fresh()));
    const first = await ask({ ...message, path: `${message.path}?_format=xml` });
    xmlTree(first.text);
    expect(said(await ask(message))).toEqual(said(first));
  });

  test('gets a refusal again, although it would be accepted now', async () => {
    await world.ground.db
      .updateTable('wallets')
      .set({ active: false })
      .where('merchant_id', '=', world.shop.id)
      .execute();
    const message = keyed('refused', bodyOf(fresh()));
    const first = await ask(message);
    expect(Object.keys(errorsOf(first))).toEqual(['network']);
    await world.ground.db
      .updateTable('wallets')
      .set({ active: true })
      .where('merchant_id', '=', world.shop.id)
      .execute();
    expect(said(await ask(message))).toEqual(said(first));
    expect((await ask(keyed('another', message.body as string))).status).toBe(200);
  });

  test('gets what the route itself refused again, too', async () => {
    const message = keyed('invalid', '{"amount":"0"}');
    const first = await ask(message);
    expect(Object.keys(errorsOf(first)).sort()).toEqual(['amount', 'client_reference_id']);
    expect(said(await ask(message))).toEqual(said(first));
    expect(await kept()).toHaveLength(1);
  });

  test('without its key is told that the reference is taken, and with another key as well', async () => {
    const body = bodyOf(fresh());
    expect((await ask(keyed('first', body))).status).toBe(200);
    for (const message of [creating(keyHeaders(world.shop), body), keyed('second', body)])
      expect(Object.keys(errorsOf(await ask(message)))).toEqual(['client_reference_id']);
  });

  test('a day later is a new request', async () => {
    const message = keyed('old', bodyOf(fresh()));
    await ask(message);
    const move = (by: string) =>
      sql`update idempotency_keys set created_at = created_at - ${by}::interval where merchant_id = ${world.shop.id}`.execute(
        world.ground.db,
      );
    await move('23 hours 59 minutes');
    expect((await ask(message)).status).toBe(200);
    await move('2 minutes');
    const late = await ask(message);
    expect(Object.keys(errorsOf(late))).toEqual(['client_reference_id']);
    expect(said(await ask(message))).toEqual(said(late));
    await move('25 hours');
    await deleteKeys(world.ground.db, world.ground.clock.now() - 24 * 3_600_000, 1000);
    expect(await kept()).toEqual([]);
  });
});

describe('another body', () => {
  test('is a 409 and makes nothing', async () => {
    const first = keyed('mine', bodyOf(fresh()));
    await ask(first);
    for (const body of [bodyOf(fresh()), `${first.body} `, '{}']) {
      const { status, text } = await ask(keyed('mine', body), world.other.port);
      expect([status, JSON.parse(text)]).toEqual([
        409,
        { success: false, data: { name: 'Conflict', message: expect.any(String), code: 0, status: 409 } },
      ]);
    }
    expect(await invoices()).toBe(1);
    expect((await ask(first)).status).toBe(200);
  });

  test('is another matter at another merchant, path or method', async () => {
    const stranger = await openShop(world.ground, { settings: { auth: 'private-key' } });
    const body = bodyOf(fresh());
    expect((await ask(keyed('k', body))).status).toBe(200);
    expect((await ask(keyed('k', body, keyHeaders(stranger)))).status).toBe(200);
    expect((await ask({ ...keyed('k', bodyOf(fresh())), path: '/api/v1/invoice/widget' })).status).toBe(200);
    // However its path is written, it is the same path.
    expect((await ask({ ...keyed('k', bodyOf(fresh())), path: '/api/v1/%69nvoice?x=1' })).status).toBe(409);
    expect(await invoices()).toBe(2);
  });
});

describe('what is not kept', () => {
  test('401: the right proof comes later', async () => {
    const message = keyed('k', bodyOf(fresh()), { ...keyHeaders(world.shop), 'private-key': 'wrong' });
    expect((await ask(message)).status).toBe(401);
    expect(await kept()).toEqual([]);
    expect((await ask(keyed('k', message.body as string))).status).toBe(200);
  });

  test('503 of a network that is not read', async () => {
    const late = { clock: { now: () => world.ground.clock.now() + 3_600_000 } };
    const create = createOn({ ...world.ground, ...late });
    const behind = await openApi(world.ground, { createInvoice: group(create, GROUP) });
    const message = keyed('behind', bodyOf(fresh()));
    expect((await ask(message, behind.port)).status).toBe(503);
    await behind.stop();
    expect(await kept()).toEqual([]);
    expect((await ask(message)).status).toBe(200);
  });

  test('answers of what changes nothing: a key there is not looked at', async () => {
    const headers = { ...keyHeaders(world.shop), 'idempotency-key': 'é'.repeat(300) };
    expect((await ask({ path: '/api/v1/user', headers })).status).toBe(200);
    expect(await kept()).toEqual([]);
  });
});

describe('the key itself', () => {
  test.each(['x', ' a  b, c;"\u007e" '.trim(), 'x'.repeat(255), '__proto__', "' or 1=1--"])(
    'may be %j',
    async key => {
      const message = keyed(key, bodyOf(fresh()));
      const first = await ask(message);
      expect(first.status).toBe(200);
      expect(said(await ask(message))).toEqual(said(first));
    },
  );

  test.each(['', 'x'.repeat(256), 'é', '\u0080', 'a\tb'])('may not be %j', async key => {
    const body = bodyOf(fresh());
    expect(Object.keys(errorsOf(await ask(keyed(key, body))))).toEqual(['Idempotency-Key']);
    expect(await invoices()).toBe(0);
    expect((await ask(keyed(key, body, {}))).status).toBe(401);
  });

  test('may not be given twice', async () => {
    const body = bodyOf(fresh());
    const lines = Object.entries({
      ...creating(keyHeaders(world.shop), body).headers,
      'content-length': body.length,
    });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const twice = 'Idempotency-Key: a\r\nidempotency-key: a\r\n';
    const answer = await sendBytes(
      world.api.port,
      `POST /api/v1/invoice HTTP/1.1\r\nHost: x\r\n${head}${twice}\r\n${body}`,
    );
    expect(Object.keys(errorsOf(answer))).toEqual(['Idempotency-Key']);
  });
});

test('a signed request may use a key, which is not signed', async () => {
  const signing = await openShop(world.ground, { settings: { auth: 'signature' } });
  const reference = fresh();
  const query = `amount=15.00&api_key=${signing.publicKey}&client_reference_id=${reference}`;
  const message = keyed('signed', bodyOf(reference), signed(signing, query));
  const first = await ask(message);
  expect(first.status).toBe(200);
  expect(said(await ask(message))).toEqual(said(first));
});
