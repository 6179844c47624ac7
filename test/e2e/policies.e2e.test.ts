/** What a shop accepts beside its exact amount in time: what it is told of, and what the payer's page says. */
import type { CreatedWidget } from '@cryptoscan/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { MerchantSettings } from '../../server/src/commands/merchant-settings.ts';
import { optInTypes } from '../../server/src/domain/invoice.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import { clientOf, type Shop } from '../gateway.ts';
import { payFake } from './fake-watch.ts';
import { closeWorld, listening, openWorld, patience, shift, type World } from './webhook-world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => closeWorld(world));

type Open = { shop: Shop; widget: CreatedWidget; path: string };

/** A shop that accepts this and wants to hear everything, with a widget of its own over some 15 USDT on TRC-20. */
async function open(path: string, accepts: Partial<MerchantSettings>): Promise<Open> {
  const shop = await listening(world, path, { compat: true, optInEvents: [...optInTypes], ...accepts });
  const widget = await clientOf(world.gateway, shop).createWidget({
    amount: '15',
    client_reference_id: `order of ${path}`,
  });
  return { shop, widget, path };
}

/** Pays so many millionths more than is due, and lets the payment become final and be read. */
async function send({ shop, widget }: Open, more = 0): Promise<string> {
  const { final_amount: due } = widget as unknown as { final_amount: string };
  const amount = (Math.round(Number(due) * 1e6) + more).toString().padStart(7, '0');
  const final_amount = `${amount.slice(0, -6)}.${amount.slice(-6)}`;
  const { id } = payFake(world.chains['TRC-20'], { address: shop.address }, { final_amount });
  await world.chains['TRC-20'].read();
  return id;
}

/** The events a shop has heard, once there are as many; by their type. */
async function heard({ path }: Open, count: number) {
  const requests = await vi.waitUntil(() => {
    const found = world.sink.at(path);
    return found.length >= count && found;
  }, patience);
  const events = requests.map(({ body }) => JSON.parse(body) as { event_type: string; data: object });
  return new Map(events.map(({ event_type, data }) => [event_type, data]));
}

const page = async ({ widget }: Open) => (await fetch(widget.widget_url)).text();

/** Lets its time be over, and the chain be read past that. */
async function end({ widget }: Open): Promise<void> {
  await shift(world, widget as never, -45);
  world.chains['TRC-20'].chain.mine(world.ground.clock.now());
  await world.chains['TRC-20'].read();
}

test('a payment that is a little short is taken, and the shop hears of it beside what it always hears', async () => {
  const shop = await open('/under', { underpaidTolerance: '0.1' });
  const id = await send(shop, -10_000);
  const events = await heard(shop, 3);
  expect([...events.keys()].sort()).toEqual(['detected', 'paid', 'underpaid']);
  const { final_amount: due } = shop.widget as unknown as { final_amount: string };
  const data = events.get('underpaid') as Record<string, string>;
  expect(data).toMatchObject({ transaction_id: id, final_amount: due, status: 'completed' });
  expect(Math.round((Number(due) - Number(data.received_amount)) * 1e6)).toBe(10_000);
  expect(await page(shop)).toContain('data-screen="paid"');
});

test('a payment of more is taken, and the page says whom to ask for the rest', async () => {
  const shop = await open('/over', { overpaidTolerance: '10' });
  await send(shop, 300_000);
  expect([...(await heard(shop, 3)).keys()].sort()).toEqual(['detected', 'overpaid', 'paid']);
  const text = await page(shop);
  expect(text).toContain('More than the amount due has arrived.');
  expect(text).toContain('data-back=""');
});

test('a late payment is taken by a shop that accepts it', async () => {
  const shop = await open('/late', { late: 'accept' });
  await end(shop);
  await heard(shop, 1);
  await send(shop);
  expect([...(await heard(shop, 3)).keys()]).toEqual(['expired', 'paid', 'late']);
  expect(await page(shop)).toContain('data-screen="paid"');
});

test.each([
  ['review', 'who now has to look at it', ['expired', 'late']],
  ['reject', 'does not accept late payments', ['expired']],
] as const)(
  'a late payment for a shop that would %s it: its page says what becomes of it',
  async (late, text, events) => {
    const shop = await open(`/${late}`, { late });
    await end(shop);
    await heard(shop, 1);
    const id = await send(shop);
    await vi.waitUntil(async () => (await page(shop)).includes(text), patience);
    expect(await page(shop)).toContain(`data-copy="${id}"`);
    expect([...(await heard(shop, events.length)).keys()]).toEqual(events);
  },
);

test('nothing is wrong with the tables after all of that', async () => {
  expect(await findViolations(world.ground.db)).toEqual([]);
});
