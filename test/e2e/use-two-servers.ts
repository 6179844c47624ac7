/** For a test file on idempotency keys: two processes on one database, a shop for each test, and how it asks. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Ground, openGround, openShop, type Shop } from '../gateway.ts';
import { type Api, openApi } from './api-server.ts';
import { watchFake } from './fake-watch.ts';
import { creating, keyHeaders, type Message, send } from './wire.ts';

/** `other` is another process on the same database; `shop` is a new one for each test. */
export type TwoServers = { ground: Ground; api: Api; other: Api; shop: Shop };

/** Called once at the top of a test file. What it answers is filled before each test. */
export function useTwoServers(): TwoServers {
  const world = {} as TwoServers;
  beforeAll(async () => {
    world.ground = await openGround();
    [world.api, world.other] = await Promise.all([openApi(world.ground), openApi(world.ground)]);
    await watchFake(world.ground, 'TRC-20');
  });
  beforeEach(async () => {
    world.shop = await openShop(world.ground, { settings: { auth: 'private-key' } });
  });
  afterAll(async () => {
    await world.api?.stop();
    await world.other?.stop();
    await world.ground?.close();
  });
  return world;
}

/** What a shop of these servers asks, and what is in their database of it. */
export function askingOf(world: TwoServers) {
  let made = 0;
  return {
    fresh: () => `n${++made}`,
    bodyOf: (reference: string) => `{"amount":"15.00","client_reference_id":"${reference}"}`,
    keyed: (key: string, body: string, headers = keyHeaders(world.shop)): Message =>
      creating({ ...headers, 'idempotency-key': key }, body),
    ask: (message: Message, port = world.api.port) => send(port, message),
    invoices: async ({ id }: Shop = world.shop) => {
      const rows = world.ground.db.selectFrom('invoices').select('id').where('merchant_id', '=', id);
      return (await rows.execute()).length;
    },
    kept: () =>
      world.ground.db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('merchant_id', '=', world.shop.id)
        .execute(),
  };
}

/** What is the same of two answers that are the same, byte for byte. */
export const said = ({ status, headers, text }: Awaited<ReturnType<typeof send>>) => [
  status,
  headers['content-type'],
  text,
];
