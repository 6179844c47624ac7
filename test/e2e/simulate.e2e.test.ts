/** Test mode of the payment page, as a developer tries it without scripts: on the real stages and real local chains. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { receiptOf, rpcBlock } from '../../server/src/dev/rpc.ts';
import { openSimulator } from '../../server/src/dev/simulate-payment.ts';
import { formatAmount } from '../../server/src/domain/money.ts';
import { type Simulation, simulations } from '../../server/src/domain/simulation.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  quiet,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { bury, type LiveChain, mine, openLive } from './live-chain.ts';
import {
  patience,
  redirectOf,
  screenOf,
  shows,
  submit,
  type Visit,
  view,
  visitOf,
} from './payment-page-visit.ts';
import { openSink, type Sink } from './sink.ts';
import { send } from './wire.ts';

let ground: Ground;
let chains: Record<'ERC-20' | 'TRC-20', LiveChain>;
let gateway: TestGateway;
let sink: Sink;
let shop: Shop;
let made = 0;

beforeAll(async () => {
  const [opened, evm, tron] = await Promise.all([openGround(), openLive('ERC-20'), openLive('TRC-20')]);
  [ground, chains] = [opened, { 'ERC-20': evm, 'TRC-20': tron }];
  const simulate = await openSimulator({ ...ground, logger: quiet, chains: [evm, tron] });
  const providers = { 'ERC-20': evm.rpcUrl, 'TRC-20': tron.rpcUrl };
  gateway = await openGateway(ground, { providers, simulate });
  [sink, shop] = [await openSink(), await openShop(ground)];
  const read = () => ground.db.selectFrom('cursors').select('network').execute();
  await vi.waitUntil(async () => (await read()).length === 2, patience);
}, 120_000);

afterAll(async () => {
  await gateway?.stop();
  await Promise.all(Object.values(chains ?? {}).map(chain => chain.stop()));
  await sink?.close();
  await ground?.close();
});

type Widget = { id: string; visit: Visit };

/** A page, on which the payer has chosen `network` if it is given. */
async function widget(network?: LiveChain['code'], of = shop): Promise<Widget> {
  const reference = `order ${++made}`;
  const created = await clientOf(gateway, of).createWidget({
    amount: '25',
    client_reference_id: reference,
  });
  const visit = visitOf(created);
  if (network) {
    const chosen = await submit(visit, 'method', { fields: { method: `${network}:USDT` } });
    expect(redirectOf(visit, 'method', chosen)).toBe(visit.path);
  }
  return { id: created.id, visit };
}

type Tried = { ids: string[]; fault: string | null; text: string };

/** Presses a button of the drawer, and follows the browser to what it is shown. */
async function attempt({ visit }: Widget, action: string): Promise<Tried> {
  const answer = await submit(visit, 'simulate', { fields: { action } });
  expect([answer.status, answer.text]).toEqual([303, '']);
  const to = new URL(answer.headers.location ?? '', `${visit.origin}${visit.path}/simulate`);
  expect([to.pathname, to.searchParams.get('simulated')]).toEqual([visit.path, action]);
  const { text } = await view(visit, { below: to.search });
  return {
    ids: to.searchParams.get('tx')?.split(',') ?? [],
    fault: to.searchParams.get('fault'),
    text,
  };
}

/** One that works; answers the ids of its transactions, which the page shows. */
async function act(made: Widget, action: Simulation): Promise<string[]> {
  const { ids, fault, text } = await attempt(made, action);
  expect(fault).toBeNull();
  expect(text).toContain('Done.');
  for (const id of ids) expect(text).toContain(`>${id}</bdi>`);
  return ids;
}

const offered = (text: string) =>
  [...text.matchAll(/name="action" value="([^"]+)"/g)].map(([, name]) => name);
const statusOf = async ({ id }: Widget) => (await clientOf(gateway, shop).invoice(id)).status;
const dueOf = ({ id }: Widget) =>
  ground.db
    .selectFrom('invoices')
    .select(['final_units', 'address_key'])
    .where('id', '=', Number(id))
    .executeTakeFirstOrThrow();

/** What is on record of transactions. */
const transfersOf = (ids: string[]) =>
  ground.db
    .selectFrom('transfers')
    .select(['tx_id', 'state', 'reason', 'invoice_id', 'units', 'height'])
    .where('tx_id', 'in', ids)
    .orderBy('id')
    .execute();

async function becomes(ids: string[], rows: object[]): Promise<void> {
  await expect.poll(() => transfersOf(ids), patience).toMatchObject(rows);
}

const hashOf = ({ code }: LiveChain, id: string) => (code === 'TRC-20' ? `0x${id}` : id);
const heightOf = async ({ rpcUrl }: LiveChain) => (await rpcBlock(rpcUrl, 'latest')).height;

/** The watcher has read all there is. */
const isRead = async (chain: LiveChain) => {
  const height = await heightOf(chain);
  const cursor = ground.db.selectFrom('cursors').select('height').where('network', '=', chain.code);
  await expect.poll(async () => (await cursor.executeTakeFirst())?.height, patience).toBe(height);
};

async function buriedIsPaid(it: Widget, chain: LiveChain, id: string): Promise<void> {
  await shows(it.visit, 'confirming');
  await bury(chain);
  const page = await shows(it.visit, 'paid');
  expect(page).toContain(id);
  expect(offered(page)).toEqual(['exact', 'block']);
  expect(await clientOf(gateway, shop).invoice(it.id)).toMatchObject({
    status: 'completed',
    transaction_id: id,
  });
}

describe.each(['TRC-20', 'ERC-20'] as const)('on %s', network => {
  const of = () => chains[network];

  test('exact pays, and the payment can be undone and made again', async () => {
    const it = await widget(network);
    const first = await shows(it.visit, 'awaiting');
    expect(offered(first)).toEqual(simulations.filter(action => action !== 'reorg'));
    const [undone] = await act(it, 'exact');
    expect(offered(await shows(it.visit, 'confirming'))).toEqual(['exact', 'block', 'reorg']);
    expect(await act(it, 'reorg')).toEqual([undone]);
    await shows(it.visit, 'awaiting');
    await becomes([undone!], [{ state: 'pending', height: null, invoice_id: null }]);
    expect(await statusOf(it)).toBe('new');
    const [id] = await act(it, 'exact');
    await buriedIsPaid(it, of(), id!);
  });

  test('twice pays two times, and one of them counts', async () => {
    const it = await widget(network);
    const ids = await act(it, 'twice');
    expect(new Set(ids).size).toBe(2);
    const invoiceId = Number(it.id);
    await becomes(ids, [
      { tx_id: ids[0], state: 'matched', invoice_id: invoiceId },
      { tx_id: ids[1], state: 'unmatched', reason: 'second_transfer', invoice_id: invoiceId },
    ]);
    await buriedIsPaid(it, of(), ids[0]!);
  });

  test.each([
    ['less', -1n],
    ['more', 1n],
  ] as const)(
    '%s settles nothing, neither this invoice nor one that asks for just that',
    async (action, sign) => {
      const [it, other] = [await widget(network), await widget(network)];
      const { final_units: units, address_key } = await dueOf(it);
      const near = BigInt(units!) + sign * 1_000_000n;
      const held = { network, address_key: address_key!, asset: 'USDT', units: String(near) } as const;
      await ground.db
        .insertInto('reservations')
        .values({ ...held, invoice_id: Number(other.id), held_until: null })
        .execute();
      const ids = await act(it, action);
      const sent = String(near + sign);
      await becomes(ids, [{ state: 'unmatched', reason: 'no_reservation', invoice_id: null, units: sent }]);
      for (const { visit } of [it, other]) await shows(visit, 'awaiting');
      await ground.db.deleteFrom('reservations').where('units', '=', held.units).execute();
    },
  );

  test('a wrong token of the same name settles nothing and is no transfer', async () => {
    const it = await widget(network);
    const [id] = await act(it, 'wrong-token');
    expect(await receiptOf(of().rpcUrl, hashOf(of(), id!))).toMatchObject({ status: 1 });
    await isRead(of());
    expect(await transfersOf([id!])).toEqual([]);
    await shows(it.visit, 'awaiting');
  });

  test('a block is mined, now by the clock of the chain', async () => {
    const it = await widget(network);
    const before = await rpcBlock(of().rpcUrl, 'latest');
    expect(await act(it, 'block')).toEqual([]);
    const after = await rpcBlock(of().rpcUrl, 'latest');
    expect(after.height).toBe(before.height + 1);
    expect(after.time).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
    await shows(it.visit, 'awaiting');
  });

  test('expire ends the time, and nothing is sent', async () => {
    const it = await widget(network);
    expect(await act(it, 'expire')).toEqual([]);
    expect(offered(await shows(it.visit, 'expired'))).toEqual(['late', 'block']);
    expect(await statusOf(it)).toBe('expired');
  });

  test('late pays after the time is over, in a block of now', async () => {
    const it = await widget(network);
    const ids = await act(it, 'late');
    const invoiceId = Number(it.id);
    await becomes(ids, [{ state: 'unmatched', reason: 'after_deadline', invoice_id: invoiceId }]);
    expect(await shows(it.visit, 'expired')).toContain(ids[0]);
    expect(await statusOf(it)).toBe('expired');
    // So does one that is paid after its end.
    const ended = await widget(network);
    await act(ended, 'expire');
    await shows(ended.visit, 'expired');
    const after = await act(ended, 'late');
    await becomes(after, [{ reason: 'after_deadline', invoice_id: Number(ended.id) }]);
  });

  test('a payment that is all but final is not undone', async () => {
    const it = await widget(network);
    const [id] = await act(it, 'exact');
    await shows(it.visit, 'confirming');
    await mine(of(), of().network.finality.depth - 2);
    const before = await heightOf(of());
    expect(await attempt(it, 'reorg')).toMatchObject({ ids: [], fault: 'final' });
    expect(await heightOf(of())).toBe(before);
    await buriedIsPaid(it, of(), id!);
  });
});

describe('the drawer', () => {
  test('can only end the time while nothing was chosen', async () => {
    const it = await widget();
    const page = (await view(it.visit)).text;
    expect(offered(page)).toEqual(['expire']);
    expect(page).toContain('Test mode: local chain, no real money');
    expect(await attempt(it, 'exact')).toMatchObject({ ids: [], fault: 'not_now' });
    await act(it, 'expire');
    const ended = await shows(it.visit, 'expired');
    expect(ended).not.toContain('class="simulate"');
    expect((await attempt(it, 'expire')).text).toContain('Not possible as things stand.');
  });

  test('tells which of two at once it did', async () => {
    const it = await widget('ERC-20');
    const both = await Promise.all([attempt(it, 'exact'), attempt(it, 'exact')]);
    // The second one comes while the first is under way, or after it.
    for (const { ids, fault } of both) expect([ids.length, fault]).toEqual(fault ? [0, 'busy'] : [1, null]);
    expect(both.some(({ fault }) => fault === null)).toBe(true);
  });

  test('takes forms of its own page alone, and nothing it does not know', async () => {
    const it = await widget('ERC-20');
    const bad = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      submit(it.visit, 'simulate', { fields, headers });
    const unknown = await bad({ action: 'steal' });
    expect([unknown.status, unknown.text]).toEqual([
      400,
      `action: must be one of ${simulations.join(', ')}.\n`,
    ]);
    expect((await bad({})).status).toBe(400);
    expect((await bad({ action: 'exact' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const foreign = { 'sec-fetch-site': '', origin: 'https://evil.example' };
    expect((await bad({ action: 'exact' }, foreign)).status).toBe(403);
    expect((await bad({ action: 'exact' }, { 'content-type': 'application/json' })).status).toBe(415);
    expect((await bad({ action: `exact${'x'.repeat(5000)}` })).status).toBe(413);
    expect((await view(it.visit, { below: '/simulate' })).status).toBe(405);
    const nobody = { ...it.visit, path: `/payment/${crypto.randomUUID()}` };
    expect((await submit(nobody, 'simulate', { fields: { action: 'exact' } })).status).toBe(404);
    await isRead(chains['ERC-20']);
    expect(screenOf(await view(it.visit))).toBe('awaiting');
  });

  test('shows nothing that no test would say', async () => {
    const it = await widget('ERC-20');
    for (const below of [
      '?simulated=steal',
      '?simulated=exact&tx=send-it-to-me',
      '?simulated=exact&simulated=less',
      `?simulated=exact&tx=${Array(9).fill('ab'.repeat(32)).join(',')}`,
    ]) {
      const { status, text } = await view(it.visit, { below });
      expect([status, text.includes('id="notice"')]).toEqual([200, false]);
    }
  });
});

test('less is a part where the shop asks for the rest: that is shown, and paid it completes the invoice', async () => {
  const chain = chains['TRC-20'];
  const asking = await openShop(ground, { settings: { remainder: true, webhookUrl: sink.url('/rest') } });
  const it = await widget('TRC-20', asking);
  const [part] = await act(it, 'less');
  const page = await shows(it.visit, 'underpaid');
  const rest = await ground.db
    .selectFrom('remainders')
    .select(['received', 'units'])
    .where('invoice_id', '=', Number(it.id))
    .executeTakeFirstOrThrow();
  const { final_units: due } = await dueOf(it);
  expect(rest.received).toBe(String(BigInt(due!) - 1_000_000n));
  // What is left with a tail of its own, so never less than that.
  expect(BigInt(rest.units)).toBeGreaterThanOrEqual(1_000_000n);
  expect(page).toContain(`data-copy="${formatAmount({ units: BigInt(rest.units), scale: 6 })}"`);
  expect(page).toContain(part);
  expect(offered(page)).toContain('exact');
  // Final it still waits: the shop is told of nothing that is not paid.
  await bury(chain);
  await isRead(chain);
  await shows(it.visit, 'underpaid');
  const [last] = await act(it, 'exact');
  await shows(it.visit, 'confirming');
  await bury(chain);
  await shows(it.visit, 'paid');
  const invoiceId = Number(it.id);
  await becomes(
    [part!, last!],
    [
      { tx_id: part, state: 'matched', invoice_id: invoiceId, units: rest.received },
      { tx_id: last, state: 'matched', invoice_id: invoiceId, units: rest.units },
    ],
  );
  expect(await clientOf(gateway, asking).invoice(it.id)).toMatchObject({
    status: 'completed',
    transaction_id: last,
  });
  const told = () =>
    sink.at('/rest').map(({ body }) => (JSON.parse(body) as { event_type: string }).event_type);
  await expect.poll(() => told().includes('paid'), patience).toBe(true);
  expect(told().filter(type => type === 'paid')).toHaveLength(1);
  const kept = ground.db.selectFrom('outbox').select('type').where('invoice_id', '=', invoiceId);
  expect((await kept.execute()).filter(({ type }) => type === 'paid')).toHaveLength(1);
});

test('without a simulator, as `serve` is, there is neither a drawer nor where it would send to', async () => {
  const plain = await openGateway(ground, { roles: ['api'] });
  try {
    const it = await widget('ERC-20');
    const visit = { ...it.visit, port: plain.port, origin: plain.baseUrl };
    const page = await view(visit, { below: '?simulated=exact' });
    expect([page.status, screenOf(page)]).toEqual([200, 'awaiting']);
    expect(page.text).not.toMatch(/simulate|Test mode/);
    const refused = await submit(visit, 'simulate', { fields: { action: 'exact' } });
    expect(refused.status).toBe(404);
    // Not even refused for what it is: that nothing of its kind is there.
    const path = `${visit.path}/simulate`;
    for (const method of ['POST', 'GET', 'PUT'])
      expect((await send(plain.port, { method, path })).status).toBe(404);
  } finally {
    await plain.stop();
  }
});

test('nothing that must always hold was broken by any of it', async () => {
  expect(await findViolations(ground.db)).toEqual([]);
});
