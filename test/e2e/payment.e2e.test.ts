/** Payments on both local chains: what settles an invoice, what does not, and what becomes of money nobody expected. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rpc, rpcAccounts, rpcBlock } from '../../server/src/dev/rpc.ts';
import { findViolations } from '../../server/src/store/invariants.ts';
import {
  clientOf,
  type Ground,
  openGateway,
  openGround,
  openShop,
  type Shop,
  type TestGateway,
} from '../gateway.ts';
import { unitsOf } from './fake-watch.ts';
import {
  bury,
  forkAway,
  idOf,
  include,
  type LiveChain,
  mine,
  openLive,
  pay,
  signedForm,
} from './live-chain.ts';
import { openSink, type Sink } from './sink.ts';

const codes = ['ERC-20', 'TRC-20'] as const;
const patience = { timeout: 45_000, interval: 20 };

let ground: Ground;
let gateway: TestGateway;
let sink: Sink;
let chains: Record<(typeof codes)[number], LiveChain>;

beforeAll(async () => {
  const opened = await Promise.all([openGround(), openSink(), ...codes.map(openLive)]);
  [ground, sink] = opened as unknown as [Ground, Sink];
  chains = { 'ERC-20': opened[2] as LiveChain, 'TRC-20': opened[3] as LiveChain };
  const providers = { 'ERC-20': chains['ERC-20'].rpcUrl, 'TRC-20': chains['TRC-20'].rpcUrl };
  gateway = await openGateway(ground, { providers });
  const cursors = () => ground.db.selectFrom('cursors').select('network').execute();
  await vi.waitUntil(async () => (await cursors()).length === codes.length, patience);
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all(Object.values(chains ?? {}).map(chain => chain.stop()));
  await sink?.close();
  await ground?.close();
});

describe.each(codes)('on %s', code => {
  let shop: Shop;
  let chain: LiveChain;
  let made = 0;

  beforeAll(async () => {
    chain = chains[code];
    shop = await openShop(ground, { settings: { webhookUrl: sink.url(`/${code}`) } });
  });

  const create = () =>
    clientOf(gateway, shop).createInvoice({
      amount: '25',
      client_reference_id: `order ${++made}`,
      cryptocurrency: 'USDT',
      network: code,
    });
  const view = ({ id }: { id: string }) => clientOf(gateway, shop).invoice(id);
  const becomes = (invoice: { id: string }, what: Record<string, unknown>) =>
    expect.poll(() => view(invoice), patience).toMatchObject(what);
  const shift = ({ id }: { id: string }, minutes: number) =>
    sql`update invoices set created_at = created_at + make_interval(mins => ${minutes}),
        method_at = method_at + make_interval(mins => ${minutes}), expire_at = expire_at + make_interval(mins => ${minutes}) where id = ${id}`.execute(
      ground.db,
    );
  /** What the table says of the transfer with this hash. */
  const transfer = async (hash: string) => {
    const rows = ground.db.selectFrom('transfers').select(['state', 'reason', 'invoice_id']);
    return rows.where('tx_id', '=', idOf(chain, hash)).where('network', '=', code).executeTakeFirst();
  };
  const isJudged = (hash: string, state: string, reason: string | null, invoice: { id: string } | null) =>
    expect
      .poll(() => transfer(hash), patience)
      .toEqual({ state, reason, invoice_id: invoice && Number(invoice.id) });
  /** The kinds of events the shop was told of an invoice, once the last delivery has ended. */
  const events = async ({ id }: { id: string }) => {
    const open = ground.db.selectFrom('deliveries').select('id').where('invoice_id', '=', Number(id));
    await expect.poll(() => open.where('state', '=', 'open').execute(), patience).toEqual([]);
    const told = sink.at(`/${code}`).map(({ body }) => JSON.parse(body));
    return told.filter(({ data }) => data.id === Number(id)).map(({ event_type }) => event_type);
  };
  const exceptionOf = async ({ id }: { id: string }) =>
    (
      await ground.db
        .selectFrom('invoices')
        .select('exception')
        .where('id', '=', Number(id))
        .executeTakeFirst()
    )?.exception;

  // First, while the chain's blocks are not ahead of the clock yet: each one mined at once is dated a second later.
  test('an invoice expires once the chain was read past its deadline, and no sooner', async () => {
    const [waits, goes] = [await create(), await create()];
    const { time } = await rpcBlock(chain.rpcUrl, 'latest');
    await expect.poll(() => Date.now(), patience).toBeGreaterThan((time + 1) * 1000);
    // By the clock both deadlines and their two minutes of grace are over; by the chain one of them ends with its tip.
    await sql`update invoices set expire_at = to_timestamp(${time}) - d.back, created_at = to_timestamp(${time}) - d.back - interval '30 minutes'
        from (values (${waits.id}::bigint, interval '2 minutes'), (${goes.id}::bigint, interval '10 minutes')) as d (id, back)
       where invoices.id = d.id`.execute(ground.db);
    await becomes(goes, { status: 'expired', paid_at: null, transaction_id: null });
    expect((await view(waits)).status).toBe('new');
    await mine(chain, 1);
    await becomes(waits, { status: 'expired' });
    expect([await events(goes), await events(waits)]).toEqual([['expired'], ['expired']]);
  });

  test('the exact amount completes an invoice, once it is final', async () => {
    const invoice = await create();
    const hash = await pay(chain, shop.address, unitsOf(invoice));
    const seen = {
      transaction_id: idOf(chain, hash),
      paid_at: expect.any(Number),
      payer_wallet: expect.any(String),
    };
    await becomes(invoice, { status: 'new', ...seen });
    const { paid_at, payer_wallet } = await view(invoice);
    await mine(chain, chain.network.finality.depth - 2);
    const { height } = await rpcBlock(chain.rpcUrl, 'latest');
    const read = ground.db.selectFrom('cursors').select('height').where('network', '=', code);
    await expect.poll(async () => (await read.executeTakeFirst())?.height, patience).toBe(height);
    expect((await view(invoice)).status).toBe('new');
    await mine(chain, 1);
    await becomes(invoice, { status: 'completed', ...seen, paid_at, payer_wallet });
    expect(await events(invoice)).toEqual(['paid']);
  });

  test('a little less or more is listed as unmatched, and the exact amount still counts', async () => {
    const invoice = await create();
    const less = await pay(chain, shop.address, unitsOf(invoice) - 1n);
    const more = await pay(chain, shop.address, unitsOf(invoice) + 1n);
    await isJudged(less, 'unmatched', 'no_reservation', null);
    await isJudged(more, 'unmatched', 'no_reservation', null);
    expect(await view(invoice)).toMatchObject({ status: 'new', transaction_id: null });
    const hash = await pay(chain, shop.address, unitsOf(invoice));
    await bury(chain);
    await becomes(invoice, { status: 'completed', transaction_id: idOf(chain, hash) });
  });

  test('a second payment of the same invoice is kept apart, before and after the first is final', async () => {
    const invoice = await create();
    const [first, second] = [
      await pay(chain, shop.address, unitsOf(invoice)),
      await pay(chain, shop.address, unitsOf(invoice)),
    ];
    await isJudged(second, 'unmatched', 'second_transfer', invoice);
    await bury(chain);
    await becomes(invoice, { status: 'completed', transaction_id: idOf(chain, first) });
    const third = await pay(chain, shop.address, unitsOf(invoice));
    await isJudged(third, 'unmatched', 'second_transfer', invoice);
    expect(await view(invoice)).toMatchObject({ status: 'completed', transaction_id: idOf(chain, first) });
    expect(await events(invoice)).toEqual(['paid']);
  });

  test('a stranger’s money is listed, and money sent to oneself is passed over', async () => {
    const strange = await pay(chain, shop.address, 123_456_789n);
    await isJudged(strange, 'unmatched', 'no_reservation', null);
    await rpc(chain.rpcUrl, 'anvil_setBalance', shop.address, '0xde0b6b3a7640000');
    await rpc(chain.rpcUrl, 'anvil_impersonateAccount', shop.address);
    const invoice = await create();
    const own = await pay(chain, shop.address, unitsOf(invoice), shop.address);
    await isJudged(own, 'ignored', 'self_transfer', null);
    expect(await view(invoice)).toMatchObject({ status: 'new', transaction_id: null });
  });

  test('two exact amounts in one block complete two invoices', async () => {
    const invoices = [await create(), await create()];
    await rpc(chain.rpcUrl, 'evm_setAutomine', false);
    const paying = Promise.all(invoices.map(invoice => pay(chain, shop.address, unitsOf(invoice))));
    const waiting = () => rpc(chain.rpcUrl, 'txpool_status') as Promise<{ pending: string }>;
    await expect.poll(async () => Number((await waiting()).pending), patience).toBe(2);
    await mine(chain, 1);
    const hashes = await paying;
    await rpc(chain.rpcUrl, 'evm_setAutomine', true);
    await bury(chain);
    for (const [n, invoice] of invoices.entries())
      await becomes(invoice, { status: 'completed', transaction_id: idOf(chain, hashes[n]!) });
    const rows = await ground.db
      .selectFrom('transfers')
      .select('height')
      .where(
        'tx_id',
        'in',
        hashes.map(hash => idOf(chain, hash)),
      )
      .execute();
    expect(new Set(rows.map(row => row.height)).size).toBe(1);
  });

  test('a payment after the deadline belongs to its invoice and does not complete it', async () => {
    const invoice = await create();
    await shift(invoice, -45);
    const late = await pay(chain, shop.address, unitsOf(invoice));
    await becomes(invoice, { status: 'expired', transaction_id: null, paid_at: null });
    await bury(chain);
    await isJudged(late, 'unmatched', 'after_deadline', invoice);
    expect(await view(invoice)).toMatchObject({ status: 'expired', transaction_id: null });
    expect(await events(invoice)).toEqual(['expired']);
  });

  test('a payment older than the invoice that holds its amount is not its payment', async () => {
    const invoice = await create();
    await shift(invoice, 15);
    await isJudged(await pay(chain, shop.address, unitsOf(invoice)), 'unmatched', 'before_invoice', null);
    expect((await view(invoice)).status).toBe('new');
    await shift(invoice, -15);
  });

  test('a payment that a fork drops counts no more, and counts once when it is included again', async () => {
    const invoice = await create();
    const hash = await pay(chain, shop.address, unitsOf(invoice));
    await mine(chain, 3);
    await becomes(invoice, { status: 'new', transaction_id: idOf(chain, hash) });
    const raw = await signedForm(chain, hash);
    await forkAway(chain, hash);
    await becomes(invoice, { status: 'new', transaction_id: null, payer_wallet: null, paid_at: null });
    expect(await include(chain, raw)).toBe(hash);
    await becomes(invoice, { status: 'new', transaction_id: idOf(chain, hash) });
    await bury(chain);
    await becomes(invoice, { status: 'completed', transaction_id: idOf(chain, hash) });
    expect(await events(invoice)).toEqual(['paid']);
  });

  test('of two payments the second counts once a fork has dropped the first for good', async () => {
    const [, other] = await rpcAccounts(chain.rpcUrl);
    const invoice = await create();
    await pay(chain, other!, unitsOf(invoice));
    const first = await pay(chain, shop.address, unitsOf(invoice));
    const second = await pay(chain, shop.address, unitsOf(invoice), other);
    await isJudged(second, 'unmatched', 'second_transfer', invoice);
    const raw = await signedForm(chain, second);
    await forkAway(chain, first);
    await becomes(invoice, { status: 'new', transaction_id: null });
    await include(chain, raw);
    await bury(chain);
    await becomes(invoice, { status: 'completed', transaction_id: idOf(chain, second) });
    expect(await events(invoice)).toEqual(['paid']);
  });

  test('a payment dropped after it was final is marked as reversed, and never told twice', async () => {
    const invoice = await create();
    const hash = await pay(chain, shop.address, unitsOf(invoice));
    await bury(chain);
    await becomes(invoice, { status: 'completed' });
    const raw = await signedForm(chain, hash);
    await forkAway(chain, hash);
    await expect.poll(() => exceptionOf(invoice), patience).toBe('reversed');
    expect(await view(invoice)).toMatchObject({ status: 'completed', transaction_id: idOf(chain, hash) });
    await include(chain, raw);
    await expect.poll(() => exceptionOf(invoice), patience).toBeNull();
    await bury(chain);
    // Whatever there were to tell of it would have gone out before this.
    const next = await create();
    await pay(chain, shop.address, unitsOf(next));
    await bury(chain);
    await becomes(next, { status: 'completed' });
    expect([await events(next), await events(invoice)]).toEqual([['paid'], ['paid']]);
  });
});

test('nothing that must always hold was broken by any of it', async () => {
  expect(await findViolations(ground.db)).toEqual([]);
});
