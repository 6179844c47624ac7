import { beforeEach, describe, expect, test } from 'vitest';
import { decimal, MINUTE, makeInvoice, makeWallet, methodOf, must } from '../../../test/factories.ts';
import { FakeProvider } from '../../../test/fake-chain.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, publicNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError, type ChainTransfer, type TransactionReport } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import { type Network, networks } from '../domain/asset.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Logger } from '../lib/logger.ts';
import { transact } from '../store/db.ts';
import { invoiceById } from '../store/invoices.ts';
import { storeTransfers } from '../store/transfers.ts';
import { type AgreeMemory, agree, agreeMemory } from './agree.ts';
import { match } from './match.ts';
import { settle } from './settle.ts';

const world = useWorld();
const signal = new AbortController().signal;
const network: Network = { ...publicNetwork, agreeAbove: 50 };

/** A provider that shows the transfers of a transaction changed. */
const changed =
  (change: (one: ChainTransfer) => Partial<ChainTransfer>) =>
  (honest: TransactionReport): TransactionReport =>
    honest.kind === 'found'
      ? { ...honest, transfers: honest.transfers.map(one => ({ ...one, ...change(one) })) }
      : honest;

/** Says of every transaction what it is told to say. */
class Second extends FakeProvider {
  says: ((honest: TransactionReport) => TransactionReport) | null = null;
  override async transaction(txId: string): Promise<TransactionReport> {
    const honest = await super.transaction(txId);
    return this.says ? this.says(honest) : honest;
  }
}

let watched: WatchedChain;
let second: Second;
let memory: AgreeMemory;
let alarms: string[];

beforeEach(async () => {
  watched = await WatchedChain.make(world, network);
  second = new Second(watched.chain);
  memory = agreeMemory();
  alarms = [];
  watched.mine(DEPTH + 1);
  await watched.readAll();
});

async function paid(amount: string): Promise<Invoice> {
  const invoice = await makeInvoice(world, watched.merchant, { amount, network: 'BEP-20' });
  watched.pay(methodOf(invoice).final.units);
  watched.mine(DEPTH + 1);
  await watched.readAll();
  await match(world);
  return invoice;
}

const settled = async ({ id }: Invoice) => {
  await settle({ ...world, networks: new Map([[network.code, network]]) });
  return (await invoiceById(world.db, id))?.status;
};
const ask = (members = [watched.provider, second]) => {
  const logger = { ...world.logger, error: ({ alarm }: { alarm: string }) => alarms.push(alarm) };
  const providers = new Providers(members, { clock: world.clock });
  return agree({ ...world, network, providers, memory, logger: logger as unknown as Logger }, signal);
};

test('a payment up to the limit, to the last unit, settles on one word', async () => {
  await world.db.updateTable('wallets').set({ max_tail: 1 }).execute();
  const invoice = await paid('49.999');
  expect(methodOf(invoice).final.units).toBe(50n * 10n ** 18n);
  expect(await settled(invoice)).toBe('completed');
  expect(await ask()).toBe(0);
});

test('a limit is for its own network and its own coin', async () => {
  const { tokens } = network;
  const fewDecimals = tokens.map(token => (token.asset === 'USDT' ? token : { ...token, decimals: 2 }));
  const all = [
    { ...network, tokens: fewDecimals },
    { ...networks['ERC-20'], agreeAbove: 1 },
  ];
  const { id } = await paid('49');
  await settle({ ...world, networks: new Map(all.map(one => [one.code, one])) });
  expect((await invoiceById(world.db, id))?.status).toBe('completed');
});

test.each([
  ['49', 'completed'],
  ['51', 'confirming'],
])(
  'a payment in a coin of its own price is measured in dollars: of %s it is %s on one word',
  async (amount, status) => {
    world.coinRateOf = () => decimal('0.002');
    const wallet = await makeWallet(world, watched.merchant, { network: 'BEP-20', asset: 'BNB', digits: 6 });
    await watched.readAll();
    const rate = must(world.coinRate('BNB', world.clock.now()));
    const invoice = await makeInvoice(world, watched.merchant, {
      amount,
      network: 'BEP-20',
      asset: 'BNB',
      rate,
    });
    watched.pay(methodOf(invoice).final.units, wallet.key, 'BNB');
    watched.mine(DEPTH + 1);
    await watched.readAll();
    await match(world);
    expect(await settled(invoice)).toBe(status);
  },
);

describe('a payment above the limit', () => {
  test('waits until two providers show it in the same block, and then settles', async () => {
    const invoice = await paid('51');
    expect(await settled(invoice)).toBe('confirming');
    expect(await ask()).toBe(1);
    expect(await settled(invoice)).toBe('completed');
    expect(await ask()).toBe(0);
  });

  const lies: [string, (honest: TransactionReport) => TransactionReport][] = [
    ['knows nothing of it', () => ({ kind: 'unknown' })],
    [
      'says it failed',
      honest => (honest.kind === 'found' ? { kind: 'failed', block: honest.block } : honest),
    ],
    [
      'has it in another block',
      honest =>
        honest.kind === 'found' ? { ...honest, block: { ...honest.block, hash: '0xother' } } : honest,
    ],
    ['has another amount', changed(one => ({ units: one.units - 1n }))],
    ['has another sender', changed(({ to }) => ({ from: to }))],
    ['has another receiver', changed(({ from }) => ({ to: from }))],
    ['has another coin', changed(() => ({ asset: 'USDC' }))],
    ['has it at another place in the transaction', changed(({ ordinal }) => ({ ordinal: ordinal + 1 }))],
  ];
  test.each(lies)('waits while the second %s', async (_, lie) => {
    const invoice = await paid('51');
    second.says = lie;
    expect(await ask()).toBe(0);
    expect(await settled(invoice)).toBe('confirming');
    second.says = null;
    expect(await ask()).toBe(1);
    expect(await settled(invoice)).toBe('completed');
  });

  test('waits while the second is on another chain', async () => {
    const invoice = await paid('51');
    const honest = await second.identity();
    second.identity = async () => ({ ...honest, chainId: 1 });
    expect(await ask()).toBe(0);
    expect(await settled(invoice)).toBe('confirming');
  });

  test('waits when its block is another one by the time that two have shown it', async () => {
    const invoice = await paid('51');
    second.onCall = async call => {
      if (call === 'transaction')
        await world.db.updateTable('transfers').set({ block_hash: '0xmoved' }).execute();
    };
    expect(await ask()).toBe(0);
    expect(await settled(invoice)).toBe('confirming');
  });

  test('waits while it is not final for the second, or the second is down', async () => {
    const invoice = await paid('51');
    // The block is the second last that is final for the first.
    second.lag = 2;
    expect(await ask()).toBe(0);
    second.lag = 0;
    second.onCall = () => Promise.reject(new ChainError('down', { retryable: true }));
    expect(await ask()).toBe(0);
    expect(await settled(invoice)).toBe('confirming');
    second.onCall = async () => undefined;
    second.lag = 1;
    expect(await ask()).toBe(1);
    expect(await settled(invoice)).toBe('completed');
  });

  test('is not taken for one that a provider does not show where the program itself fails', async () => {
    await paid('51');
    second.onCall = () => Promise.reject(new TypeError('a bug'));
    await expect(ask()).rejects.toThrow('a bug');
  });

  test('that nobody confirms for ten minutes is an alarm, and again ten minutes later', async () => {
    await paid('51');
    second.says = () => ({ kind: 'unknown' });
    await ask();
    world.clock.advance(9 * MINUTE);
    await ask();
    expect(alarms).toEqual([]);
    world.clock.advance(MINUTE);
    await ask();
    await ask();
    expect(alarms).toEqual(['no_agreement']);
    world.clock.advance(10 * MINUTE);
    await ask();
    expect(alarms).toHaveLength(2);
  });

  test('is asked about though there are twenty before it on which nobody agrees, and is told of once for each', async () => {
    const invoices: Invoice[] = [];
    for (let count = 0; count < 21; count++)
      invoices.push(await makeInvoice(world, watched.merchant, { amount: '51', network: 'BEP-20' }));
    const sent = invoices.map(one => watched.pay(methodOf(one).final.units).id);
    watched.mine(DEPTH + 1);
    await watched.readAll();
    await match(world);
    const last = sent.at(-1);
    second.says = honest =>
      honest.kind === 'found' && honest.transfers[0]?.txId === last ? honest : { kind: 'unknown' };
    expect([await ask(), await ask(), await ask()]).toEqual([0, 1, 0]);
    expect(await settled(invoices.at(-1)!)).toBe('completed');
    world.clock.advance(10 * MINUTE);
    for (let times = 0; times < 4; times++) await ask();
    expect(alarms).toEqual(Array(20).fill('no_agreement'));
  });

  test('that a fork is just putting into another block must be agreed on anew', async () => {
    await paid('51');
    const [one] = await watched.transfers();
    const { tx_id: txId, asset, from_key: from, to_key: to, units, ordinal, height, epoch } = one!;
    const block = { height: height!, hash: '0xother', time: world.clock.now() };
    const moved = { txId, asset, from, to, units: BigInt(units), ordinal, block };
    await transact(world.db, async tx => {
      await storeTransfers(tx, { network: network.code, epoch }, [moved], world.clock.now());
      expect(await ask()).toBe(0);
    });
    const [payment] = await world.db.selectFrom('payments').select('agreed_at').execute();
    expect(payment).toEqual({ agreed_at: null });
  });

  test('that left its block must be agreed on anew', async () => {
    const invoice = await paid('51');
    await ask();
    watched.chain.drop(DEPTH + 1);
    watched.mine(DEPTH + 4);
    await watched.readAll();
    await settled(invoice);
    const [payment] = await world.db.selectFrom('payments').selectAll().execute();
    expect(payment).toMatchObject({ state: 'released', agreed_at: null });
  });

  test('that came into another block within one reading must be agreed on anew', async () => {
    const invoice = await paid('51');
    expect(await ask()).toBe(1);
    watched.chain.mempool.push(...watched.chain.drop(DEPTH + 1));
    watched.mine(DEPTH + 2);
    await watched.readAll();
    expect(await settled(invoice)).toBe('confirming');
    expect(await ask()).toBe(1);
    expect(await settled(invoice)).toBe('completed');
  });
});

describe('an amount above the limit that is paid in parts below it', () => {
  test.each([0, 120])(
    'waits until two providers show every part, the last one %d minutes after the first',
    async minutes => {
      await world.db.updateTable('merchants').set({ remainder: true, late_policy: 'accept' }).execute();
      const invoice = await makeInvoice(world, watched.merchant, { amount: '80', network: 'BEP-20' });
      const { units } = methodOf(invoice).final;
      watched.pay((units * 55n) / 100n);
      watched.mine(DEPTH + 1);
      await watched.readAll();
      await match(world);
      const { units: rest } = await world.db
        .selectFrom('remainders')
        .select('units')
        .executeTakeFirstOrThrow();
      world.clock.advance(minutes * MINUTE);
      watched.pay(BigInt(rest));
      watched.mine(DEPTH + 1);
      await watched.readAll();
      await match(world);
      expect(await settled(invoice)).toBe('confirming');
      expect(await ask()).toBe(2);
      expect(await settled(invoice)).toBe('completed');
    },
  );
});
