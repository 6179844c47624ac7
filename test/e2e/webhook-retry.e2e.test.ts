/** What becomes of an event when the shop does not answer 200, or may not be reached, or the gateway ends meanwhile. */
import { type CreatedInvoice, verifyWebhook } from '@cryptoscan/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schedule } from '../../server/src/domain/delivery.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { openGateway } from '../gateway.ts';
import { payFake } from './fake-watch.ts';
import {
  attemptsOf,
  change,
  closeWorld,
  create,
  deliveriesOf,
  expired,
  hasten,
  listening,
  openWorld,
  paid,
  patience,
  recorded,
  request,
  shift,
  type World,
} from './webhook-world.ts';

let world: World;
// Begun first and looked at last: it takes the full 15 seconds.
const hung: CreatedInvoice[] = [];

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => closeWorld(world));

const kinds = (path: string) => world.sink.at(path).map(({ body }) => JSON.parse(body).event_type);

describe('a shop that hangs', () => {
  test('is asked four times at once at most, and the others are told meanwhile', async () => {
    const slow = await listening(world, '/hang');
    world.sink.answer('/hang', () => undefined);
    for (let n = 0; n < 6; n++) hung.push(await paid(world, slow));
    await request(world, '/hang', 3);
    const other = await paid(world, await listening(world, '/meanwhile'));
    expect((await recorded(world, other, 1)).state).toBe('delivered');
    expect(world.sink.at('/hang')).toHaveLength(4);
    world.sink.answer('/hang', ({ answered }) => answered.writeHead(200).end());
  });
});

describe('an answer other than 200', () => {
  test('is asked again on the schedule with the same id, until there is one', async () => {
    const shop = await listening(world, '/retry');
    // null: the connection is closed without an answer.
    const answers = [201, 204, 301, 302, 307, 400, 404, 500, null, 200];
    world.sink.answer('/retry', ({ answered }) => {
      const status = answers[world.sink.at('/retry').length - 1] ?? null;
      if (status === null) answered.destroy();
      else {
        answered.writeHead(status, { location: world.sink.url('/elsewhere') });
        answered.end(status === 204 ? undefined : `is ${status}`);
      }
    });
    const invoice = await paid(world, shop);
    for (let n = 1; n < answers.length; n++) {
      const delivery = await recorded(world, invoice, n);
      expect(delivery.state).toBe('open');
      const last = (await attemptsOf(world, delivery)).at(-1)!;
      expect(delivery.due_at - last.started_at).toBe(schedule[n]);
      await hasten(world, delivery);
    }
    const delivery = await recorded(world, invoice, answers.length);
    expect(delivery.state).toBe('delivered');
    const requests = world.sink.at('/retry');
    expect(requests.map(({ body }) => JSON.parse(body).retry_count)).toEqual(answers.map((_, n) => n));
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map(({ body }) => JSON.stringify(JSON.parse(body).data))).size).toBe(1);
    for (const { body, headers } of requests)
      expect(await verifyWebhook(body, headers, shop)).toMatchObject({ ok: true });
    const attempts = await attemptsOf(world, delivery);
    expect(attempts.map(({ status, body }) => [status, body])).toEqual(
      answers.map(status => [status, status === null ? null : status === 204 ? '' : `is ${status}`]),
    );
    expect(attempts[8]?.error).toMatch(/^reset: /);
    expect(world.sink.at('/elsewhere')).toEqual([]);
  });

  test('ends after the tenth request', async () => {
    const shop = await listening(world, '/never');
    world.sink.answer('/never', ({ answered }) => answered.writeHead(503).end());
    const invoice = await expired(world, shop);
    for (let n = 1; n < 10; n++) await hasten(world, await recorded(world, invoice, n));
    expect((await recorded(world, invoice, 10)).state).toBe('exhausted');
    // Whatever else were due would have gone out before this.
    await recorded(world, await paid(world, shop), 1);
    expect(kinds('/never')).toEqual([...Array(10).fill('expired'), 'paid']);
  });

  test('goes to the address set meanwhile; to none where it was taken away', async () => {
    const shop = await listening(world, '/old');
    world.sink.answer('/old', ({ answered }) => answered.writeHead(500).end());
    const [moved, gone] = [await paid(world, shop), await paid(world, shop)];
    const [first, second] = [await recorded(world, moved, 1), await recorded(world, gone, 1)];
    await change(world, shop, { webhookUrl: world.sink.url('/new') });
    await hasten(world, first);
    expect(JSON.parse((await request(world, '/new')).body)).toMatchObject({
      retry_count: 1,
      data: { id: Number(moved.id) },
    });
    await recorded(world, moved, 2);
    await change(world, shop, { webhookUrl: null });
    await hasten(world, second);
    await expect.poll(async () => (await deliveriesOf(world, gone))[0]?.state, patience).toBe('no_endpoint');
    expect([world.sink.at('/old').length, world.sink.at('/new').length]).toEqual([2, 1]);
  });

  test('is not waited for when a later event takes its place', async () => {
    const shop = await listening(world, '/later');
    world.sink.answer('/later', ({ answered }) => answered.writeHead(500).end());
    const invoice = await create(world, shop);
    const ethereum = world.chains['ERC-20'];
    await shift(world, invoice, -45);
    ethereum.chain.mine(world.ground.clock.now());
    await ethereum.read();
    await recorded(world, invoice, 1);
    // A payment that was in time after all, as when a chain forks.
    await shift(world, invoice, 45);
    payFake(ethereum, shop, invoice);
    await ethereum.read();
    const later = await recorded(world, invoice, 1, 2);
    const states = (await deliveriesOf(world, invoice)).map(({ type, state }) => [type, state]);
    expect(states).toEqual([
      ['expired', 'superseded'],
      ['paid', 'open'],
    ]);
    await hasten(world, later);
    await recorded(world, invoice, 2, 2);
    expect(kinds('/later')).toEqual(['expired', 'paid', 'paid']);
  });
});

describe('a shop that has hung for 15 seconds', () => {
  test('has failed, and the rest is sent', async () => {
    const first = await recorded(world, hung[0]!, 1);
    expect(first.state).toBe('open');
    expect(await attemptsOf(world, first)).toMatchObject([
      {
        number: 0,
        status: null,
        headers: null,
        body: null,
        error: 'timeout: No answer came within 15 seconds.',
      },
    ]);
    for (const invoice of hung.slice(4)) expect((await recorded(world, invoice, 1)).state).toBe('delivered');
  });
});

describe('a gateway that ends, and one that may not reach this machine', () => {
  const restart = async (webhookAllow: string[]) => {
    await world.gateway.stop();
    world.gateway = await openGateway(world.ground, { roles: ['dispatch'], webhookAllow });
  };

  test('counts nothing of a request cut short; the next one sends it anew, or says why it may not', async () => {
    const { sink } = world;
    const shop = await listening(world, '/cut');
    sink.answer('/cut', () => undefined);
    const invoice = await paid(world, shop);
    const before = await request(world, '/cut');
    await world.gateway.stop();
    expect(await deliveriesOf(world, invoice)).toMatchObject([{ state: 'open', attempts: 0, lease: null }]);
    const { connections } = sink;
    world.gateway = await openGateway(world.ground, { roles: ['dispatch'], webhookAllow: [] });
    const blocked = { status: null, error: expect.stringMatching(/^blocked: /) };
    const literal = await recorded(world, invoice, 1);
    await change(world, shop, { webhookUrl: sink.url('/cut').replace('127.0.0.1', 'localhost') });
    await hasten(world, literal);
    const byName = await recorded(world, invoice, 2);
    expect(await attemptsOf(world, byName)).toMatchObject([blocked, blocked]);
    expect(sink.connections).toBe(connections);
    await restart(['127.0.0.0/8', '::1/128']);
    sink.answer('/cut', ({ answered }) => answered.writeHead(200).end());
    await hasten(world, byName);
    expect((await recorded(world, invoice, 3)).state).toBe('delivered');
    const last = sink.at('/cut').at(-1)!;
    expect(last.headers['webhook-id']).toBe(before.headers['webhook-id']);
    expect(JSON.parse(last.body).retry_count).toBe(2);
  });

  test('nothing that must always hold was broken by any of it', async () => {
    expect(await findViolations(world.ground.db)).toEqual([]);
  });
});
