/**
 * A gateway in the state the document's examples were taken in: a chain that can be paid on, the rates the document
 * tells, a user with its balance, and wallets whose tail is always one cent, so that the amounts come out as printed.
 */
import { sql } from 'kysely';
import { expect, vi } from 'vitest';
import { setCurrency } from '../../../server/src/commands/currency-settings.ts';
import type { MerchantSettings } from '../../../server/src/commands/merchant-settings.ts';
import {
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../../gateway.ts';
import { type LiveChain, mine, openLive } from '../live-chain.ts';
import { openSink, type Received, type Sink } from '../sink.ts';
import { keyHeaders, type Message, send } from '../wire.ts';
import { readSpelled, type Spelled } from './json-kinds.ts';

const patience = { timeout: 45_000, interval: 20 };

export type World = { ground: Ground; chain: LiveChain; sink: Sink; gateway: TestGateway };

export async function openDocumented(): Promise<World> {
  const [ground, chain, sink] = await Promise.all([openGround(), openLive('TRC-20'), openSink()]);
  await setCurrency(ground, 'BYN', { pinnedRate: '2.52334' });
  await setCurrency(ground, 'EUR', { pinnedRate: '0.93574' });
  await setCurrency(ground, 'GBP', { pinnedRate: '0.80534', enabled: false });
  const gateway = await openGateway(ground, { providers: { 'TRC-20': chain.rpcUrl } });
  const cursors = () => ground.db.selectFrom('cursors').select('network').execute();
  await vi.waitUntil(async () => (await cursors()).length > 0, patience);
  return { ground, chain, sink, gateway };
}

export async function closeDocumented(world: World | undefined): Promise<void> {
  await world?.gateway.stop();
  await Promise.all([world?.chain.stop(), world?.sink.close()]);
  await world?.ground.close();
}

/** A shop whose webhooks go to `path` of the sink. */
export function openDocumentedShop(
  { ground, sink }: World,
  path: string,
  settings: Partial<MerchantSettings> = {},
): Promise<Shop> {
  return openShop(ground, {
    settings: { auth: 'private-key', webhookUrl: sink.url(path), ...settings },
    wallet: { digits: 2, maxTail: 1 },
  });
}

/** What is sent for a request of the document. */
export function messageOf(
  shop: Shop,
  { method, path, fields }: { method: string; path: string; fields?: Record<string, unknown> },
): Message {
  const type = fields && { 'content-type': 'application/json' };
  return {
    method,
    path: `/api/v1/${path}`,
    headers: { ...keyHeaders(shop), ...type },
    ...(fields && { body: JSON.stringify(fields) }),
  };
}

/** The `data` of a 200; fails on anything else. Numbers as they are spelled. */
export async function ask(
  { gateway }: World,
  shop: Shop,
  request: Parameters<typeof messageOf>[1],
): Promise<Record<string, unknown>> {
  const { status, text } = await send(gateway.port, messageOf(shop, request));
  expect({ status, text }).toMatchObject({ status: 200 });
  return (readSpelled(text) as { data: Record<string, unknown> }).data;
}

/** The id as a URL has it, of a value that is a text in one answer and a number in another. */
export const idText = ({ id }: Record<string, unknown>): string =>
  typeof id === 'string' ? id : (id as Spelled).text;

/** Waits until the invoice looks so. */
export async function becomes(world: World, shop: Shop, id: string, what: Record<string, unknown>) {
  const view = () => ask(world, shop, { method: 'GET', path: `invoice/${id}` });
  await expect.poll(view, patience).toMatchObject(what);
}

/** Sets a currency and waits until the gateway prices by it. */
export async function pin(world: World, shop: Shop, currency: string, pinnedRate: string): Promise<void> {
  await setCurrency(world.ground, currency, { pinnedRate });
  const status = () => ask(world, shop, { method: 'GET', path: `currency-rate/${currency}/status` });
  await expect.poll(status, patience).toMatchObject({ status: 'enabled', rate: { text: pinnedRate } });
}

/** Ends an invoice's time to pay so many days ago, and lets the chain pass it. */
export async function expire(world: World, shop: Shop, id: string, days = 1): Promise<void> {
  await sql`update invoices set created_at = created_at - make_interval(days => ${days}),
       method_at = method_at - make_interval(days => ${days}), expire_at = expire_at - make_interval(days => ${days}) where id = ${id}`.execute(
    world.ground.db,
  );
  await mine(world.chain, 1);
  await becomes(world, shop, id, { status: 'expired' });
}

/** The event about an invoice that came to a path, once it is there. */
export function event({ sink }: World, path: string, id: string): Promise<Received> {
  const isIt = ({ body }: Received) => String(JSON.parse(body).data.id) === id;
  return vi.waitUntil(() => sink.at(path).find(isIt), patience);
}
