/**
 * Shops that listen, chains that pay when told to, and a look at the table of deliveries: what the tests of webhooks
 * share. The gateway has every role but `watch`; the chains are read when the test says so.
 */
import type { CreatedInvoice } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { vi } from 'vitest';
import type { MerchantSettings } from '../../server/src/commands/merchant-settings.ts';
import { updateMerchant } from '../../server/src/commands/update-merchant.ts';
import { parseCidrs } from '../../server/src/lib/address-guard.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { type FakeWatch, payFake, watchFake } from './fake-watch.ts';
import { openSink, type Received, type Sink } from './sink.ts';

export const patience = { timeout: 45_000, interval: 10 };

export type World = {
  ground: Ground;
  sink: Sink;
  chains: { 'TRC-20': FakeWatch; 'ERC-20': FakeWatch };
  gateway: TestGateway;
};
type Code = keyof World['chains'];

export async function openWorld(): Promise<World> {
  const ground = await openGround();
  const chains = {
    'TRC-20': await watchFake(ground, 'TRC-20'),
    'ERC-20': await watchFake(ground, 'ERC-20'),
  };
  const gateway = await openGateway(ground, { roles: ['api', 'settle', 'dispatch'] });
  return { ground, sink: await openSink(), chains, gateway };
}

export async function closeWorld(world: World | undefined): Promise<void> {
  await world?.gateway.stop();
  await world?.sink.close();
  await world?.ground.close();
}

/** A shop whose webhooks go to a path of the sink that is its own. */
export async function listening(
  { ground, sink }: World,
  path: string,
  settings: Partial<MerchantSettings> = {},
): Promise<Shop> {
  return openShop(ground, { settings: { webhookUrl: sink.url(path), ...settings } });
}

export async function change({ ground }: World, shop: Shop, settings: Partial<MerchantSettings>) {
  const allow = parseCidrs(['127.0.0.0/8']);
  if (!allow.ok) throw new Error(allow.fault);
  const changed = await updateMerchant({ ...ground, allow: allow.value }, shop.id, settings);
  if (!changed.ok) throw new Error(JSON.stringify(changed.fault));
}

let made = 0;

export function create({ gateway }: World, shop: Shop, fields: Record<string, string> = {}) {
  return clientOf(gateway, shop).createInvoice({
    amount: '15',
    client_reference_id: `order ${++made}`,
    cryptocurrency: 'USDT',
    network: 'ERC-20',
    ...fields,
  });
}

/** An invoice with its final payment on the chain and in the table. */
export async function paid(world: World, shop: Shop, network: Code = 'ERC-20') {
  const invoice = await create(world, shop, { network });
  const payment = payFake(world.chains[network], shop, invoice);
  await world.chains[network].read();
  return { ...invoice, payment };
}

/** Moves an invoice's time to pay by so many minutes. */
export async function shift({ ground }: World, { id }: CreatedInvoice, minutes: number): Promise<void> {
  await sql`update invoices set created_at = created_at + make_interval(mins => ${minutes}),
       method_at = method_at + make_interval(mins => ${minutes}), expire_at = expire_at + make_interval(mins => ${minutes}) where id = ${id}`.execute(
    ground.db,
  );
}

/** An invoice past its deadline, and past it the chain has been read. */
export async function expired(world: World, shop: Shop): Promise<CreatedInvoice> {
  const invoice = await create(world, shop);
  await shift(world, invoice, -45);
  const { chain, read } = world.chains['ERC-20'];
  chain.mine(world.ground.clock.now());
  await read();
  return invoice;
}

/** The nth request to a path, once it is there. */
export const request = ({ sink }: World, path: string, n = 0): Promise<Received> =>
  vi.waitUntil(() => sink.at(path)[n], patience);

export type Delivery = {
  id: number;
  state: string;
  attempts: number;
  due_at: number;
  lease: string | null;
  type: string;
};

export async function deliveriesOf({ ground }: World, invoice: { id: string }): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`
    select d.id, d.state, d.attempts, d.due_at, d.lease, o.type from deliveries d join outbox o on o.id = d.outbox_id
     where d.invoice_id = ${invoice.id} order by d.id`.execute(ground.db);
  return rows;
}

/** The last delivery of an invoice, of which there are `events`, once that many requests of it are on record. */
export const recorded = (
  world: World,
  invoice: { id: string },
  requests: number,
  events = 1,
): Promise<Delivery> =>
  vi.waitUntil(async () => {
    const all = await deliveriesOf(world, invoice);
    const last = all.at(-1);
    return all.length === events && last?.attempts === requests && last.lease === null ? last : undefined;
  }, patience);

export const attemptsOf = ({ ground }: World, { id }: Delivery) =>
  ground.db.selectFrom('attempts').selectAll().where('delivery_id', '=', id).orderBy('number').execute();

/** Moves a delivery and its requests back in time, so that the next request is due now. */
export async function hasten({ ground }: World, { id, due_at }: Delivery): Promise<void> {
  const by = `${Math.max(0, due_at - ground.clock.now())} milliseconds`;
  await sql`update attempts set started_at = started_at - ${by}::interval, ended_at = ended_at - ${by}::interval
     where delivery_id = ${id}`.execute(ground.db);
  await sql`update deliveries set due_at = due_at - ${by}::interval where id = ${id}`.execute(ground.db);
  await sql`select pg_notify('cryptoscan', 'dispatch')`.execute(ground.db);
}
