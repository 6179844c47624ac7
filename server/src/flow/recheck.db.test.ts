import type { Updateable } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { keyOn, MINUTE, makeInvoice, makeWallet } from '../../../test/factories.ts';
import { FakeChain, FakeProvider, type FakeTransfer } from '../../../test/fake-chain.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, publicNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError, type ChainTransfer, type Reading } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import { lasting } from '../chains/provider-health.ts';
import type { Logger } from '../lib/logger.ts';
import { keepBlocks, storedAbove } from '../store/cursors.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';
import { findMistimed, noteRechecked, retimeTransfers } from '../store/recheck.ts';
import type { Schema } from '../store/schema.ts';
import { recheck } from './recheck.ts';

const world = useWorld();
const signal = new AbortController().signal;
let watched: WatchedChain;
let providers: Providers;
let alarms: string[];

/** May hide transfers, and lets something happen between what it has read and whoever asked for it. */
class Hiding extends FakeProvider {
  /** Asked of each transfer of a reading and its place among them. */
  hides: (transfer: ChainTransfer, index: number) => boolean = () => false;
  /** Blocks it reads at once, at most. */
  atOnce = Number.POSITIVE_INFINITY;
  /** By how much it tells other times of blocks, in ms. */
  redates = 0;
  afterRead = async (): Promise<void> => undefined;
  override async read(...[range, asked]: Parameters<FakeProvider['read']>): Promise<Reading> {
    const reading = await super.read({ ...range, limit: Math.min(range.limit, this.atOnce) }, asked);
    await this.afterRead();
    if (reading.kind !== 'read') return reading;
    const shown = reading.transfers.filter((one, index) => !this.hides(one, index));
    const redated = shown.map(one => ({
      ...one,
      block: { ...one.block, time: one.block.time + this.redates },
    }));
    return { ...reading, transfers: redated };
  }
}
let first: Hiding;
let second: Hiding;

/** The first one hides all that it is asked for, until a test says otherwise. */
beforeEach(async () => {
  watched = await WatchedChain.make(world);
  first = new Hiding(watched.chain);
  first.hides = () => true;
  second = new Hiding(watched.chain);
  providers = new Providers([first, second], { clock: world.clock });
  alarms = [];
});

const deps = () => {
  const logger = { ...world.logger, error: ({ alarm }: { alarm: string }) => alarms.push(alarm) };
  return { ...watched.deps, logger: logger as unknown as Logger, providers };
};
const readAll = async () => {
  while ((await watched.tick(deps())) > 0);
};
const again = () => recheck(deps(), signal);

describe('a payment that the first provider hides', () => {
  beforeEach(async () => {
    watched.mine(2);
    await readAll();
    watched.pay(7n);
    watched.mine(DEPTH + 1);
    await readAll();
    expect(await watched.transfers()).toEqual([]);
  });

  test('is found by the second reading, stored once and counted', async () => {
    await again();
    expect(await watched.transfers()).toMatchObject([
      { height: 3, units: '7', state: 'pending', block_hash: watched.chain.blocks[3]!.hash },
    ]);
    expect(await watched.cursor()).toMatchObject({
      rechecked_height: watched.chain.tip.height - (DEPTH - 1),
      rechecked_at: world.clock.now(),
      found_late: 1,
    });
    expect(alarms).toEqual(['found_late']);
    await again();
    expect(await watched.transfers()).toHaveLength(1);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is found however much has been read before anybody could read again', async () => {
    watched.mine(5 * DEPTH);
    await readAll();
    await again();
    expect(await watched.heights()).toEqual([3]);
  });

  test('is found although the second provider reads fewer blocks at once', async () => {
    second.atOnce = 1;
    while ((await again()) > 0);
    expect(await watched.heights()).toEqual([3]);
  });

  test('is found on a network that an earlier version never read again', async () => {
    await world.db.updateTable('cursors').set({ rechecked_height: null, rechecked_at: null }).execute();
    expect(await again()).toBe(1);
    expect(await watched.heights()).toEqual([3]);
    const { rechecked_height, final_height } = await watched.cursor();
    expect(rechecked_height).toBe(final_height);
  });

  test('is counted once, though another process has noted it meanwhile', async () => {
    const before = await watched.cursor();
    const height = before.final_height;
    const above = await storedAbove(world.db, 'BEP-20', height);
    await again();
    const noting = { height, above: above!, late: 1 };
    const noted = transact(world.db, tx => noteRechecked(tx, before, noting, world.clock.now()));
    expect(await noted).toBe(false);
    expect((await watched.cursor()).found_late).toBe(1);
  });

  test('is found although the second provider was down, or behind, at the first try', async () => {
    second.lag = 6;
    expect(await again()).toBe(0);
    second.lag = 0;
    await again();
    expect(await watched.heights()).toEqual([3]);
  });

  test('is not found where a fork takes it away between the second reading and its end', async () => {
    second.afterRead = async () => {
      watched.chain.drop(DEPTH + 1);
      watched.mine(2 * DEPTH);
      await readAll();
    };
    expect(watched.chain.transfers()).toHaveLength(1);
    await expect(again()).rejects.toThrow('as it was read');
    expect(watched.chain.transfers()).toEqual([]);
    expect(await watched.transfers()).toEqual([]);
    second.afterRead = async () => undefined;
    await again();
    const { rechecked_height, final_height } = await watched.cursor();
    expect(rechecked_height).toBe(final_height);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is not found where a fork takes it away once a provider has shown it', async () => {
    providers = new Providers([second, first], { clock: world.clock });
    let isForked = false;
    first.onCall = async call => {
      if (isForked || call !== 'head') return;
      isForked = true;
      watched.chain.drop(DEPTH + 1);
      watched.mine(2 * DEPTH);
      await readAll();
    };
    expect(watched.chain.transfers()).toHaveLength(1);
    await again();
    expect(isForked).toBe(true);
    expect(await watched.transfers()).toEqual([]);
    await again();
    const { rechecked_height, final_height } = await watched.cursor();
    expect(rechecked_height).toBe(final_height);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('is not found by a provider asked to read after itself', async () => {
    providers = new Providers([first], { clock: world.clock });
    await again();
    expect(await watched.transfers()).toEqual([]);
    expect((await watched.cursor()).found_late).toBe(0);
  });
});

test.each<[string, Partial<FakeTransfer>]>([
  ['an equal one', {}],
  ['one of another amount', { units: 8n }],
  ['one in another coin', { asset: 'USDC' }],
  ['one of another sender', { from: keyOn('BEP-20', 'e'.repeat(40)) }],
])('a payment is told from %s in its transaction, whether both are hidden or one', async (_, other) => {
  const { wallet: to } = watched;
  const one = { asset: 'USDT' as const, from: keyOn('BEP-20', 'f'.repeat(40)), to, units: 7n };
  watched.mine(2);
  await readAll();
  watched.chain.send([one, { ...one, ...other }]);
  watched.mine(DEPTH);
  await readAll();
  first.hides = (_transfer, index) => index > 0;
  watched.chain.send([one, { ...one, ...other }]);
  watched.mine(DEPTH);
  await readAll();
  expect(await watched.heights()).toEqual([3 + DEPTH]);
  await again();
  expect((await watched.heights()).toSorted()).toEqual([3, 3, 3 + DEPTH, 3 + DEPTH]);
  expect((await watched.cursor()).found_late).toBe(3);
});

test('a payment in the own coin of the network is found as well', async () => {
  const { key } = await makeWallet(world, watched.merchant, { network: 'BEP-20', asset: 'BNB', digits: 6 });
  watched.mine(2);
  await readAll();
  watched.pay(7n, key, 'BNB');
  watched.mine(DEPTH);
  await readAll();
  await again();
  expect(await watched.transfers()).toMatchObject([{ asset: 'BNB', units: '7' }]);
});

test('a payment that is hidden on its second block, and was shown on its first, is found there', async () => {
  first.hides = () => false;
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(2);
  await readAll();
  expect(await watched.heights()).toEqual([3]);
  first.hides = () => true;
  watched.chain.mempool.push(...watched.chain.drop(2));
  watched.mine(DEPTH + 2);
  await readAll();
  expect(await watched.heights()).toEqual([null]);
  await again();
  expect(await watched.heights()).toEqual([3]);
});

test('what was taken back is read again once more, however far the second reading had come', async () => {
  watched.mine(2);
  await readAll();
  watched.mine(DEPTH + 3);
  await readAll();
  await again();
  expect((await watched.cursor()).rechecked_height).toBe(6);
  watched.chain.drop(5);
  watched.pay(7n);
  watched.mine(2 * DEPTH);
  await readAll();
  expect(await watched.transfers()).toEqual([]);
  await again();
  expect(await watched.heights()).toEqual([5]);
});

describe('what only the first reading has', () => {
  beforeEach(async () => {
    first.hides = () => false;
    watched.mine(2);
    await readAll();
    watched.pay(7n, watched.wallet, 'USDC');
    watched.mine(DEPTH);
    await readAll();
    expect(await watched.cursor()).toMatchObject({ final_height: 3 });
  });

  test('is told of, in the last block of the second one too', async () => {
    second.hides = () => true;
    await again();
    expect(alarms).toEqual(['not_shown']);
  });

  test('is not told of once that block was read again', async () => {
    await again();
    second.hides = () => true;
    watched.mine();
    await readAll();
    await again();
    expect(alarms).toEqual([]);
  });

  test('is not told of where its coin is not asked for any more', async () => {
    const tokens = publicNetwork.tokens.filter(({ asset }) => asset !== 'USDC');
    await recheck({ ...deps(), network: { ...publicNetwork, tokens } }, signal);
    expect((await watched.cursor()).rechecked_height).toBe(3);
    expect(alarms).toEqual([]);
  });
});

describe('a provider that tells another time of a block', () => {
  const HOURS = 3_600_000;
  const truth = () => watched.chain.blocks[3]!.time;
  /** Read by the first one, which is three hours late with every block. */
  beforeEach(async () => {
    first.hides = () => false;
    first.redates = 3 * HOURS;
    watched.mine(2);
    await readAll();
    watched.pay(7n);
    watched.mine(DEPTH + 1);
    await readAll();
  });
  const judged = (as: Updateable<Schema['transfers']>) => world.db.updateTable('transfers').set(as).execute();

  test('is found out, and what counted for nothing is judged by the other time', async () => {
    expect(await watched.transfers()).toMatchObject([{ block_time: truth() + 3 * HOURS, state: 'pending' }]);
    await judged({ state: 'unmatched', reason: 'after_deadline' });
    await again();
    expect(await watched.transfers()).toMatchObject([
      { block_time: truth(), state: 'pending', reason: null, height: 3, units: '7' },
    ]);
    expect(alarms).toEqual(['time_differs']);
    expect((await watched.cursor()).found_late).toBe(0);
  });

  test('is waited with where nobody has judged yet: by either time it may count', async () => {
    const { rechecked_height: before } = await watched.cursor();
    expect(await again()).toBe(0);
    expect(await watched.transfers()).toMatchObject([{ block_time: truth() + 3 * HOURS, state: 'pending' }]);
    expect((await watched.cursor()).rechecked_height).toBe(before);
    expect(alarms).toEqual([]);
    await judged({ state: 'unmatched', reason: 'after_deadline' });
    expect(await again()).toBeGreaterThan(0);
    expect(await watched.transfers()).toMatchObject([{ block_time: truth(), state: 'pending' }]);
  });

  test('changes nothing of what counts already, and somebody is told', async () => {
    const { id } = await makeInvoice(world, watched.merchant, { network: 'BEP-20' });
    await judged({ state: 'matched', invoice_id: id });
    const before = await watched.transfers();
    await again();
    expect(await watched.transfers()).toEqual(before);
    expect(alarms).toEqual(['time_differs']);
  });

  describe('to which a payment has moved that waits to be final', () => {
    /** An invoice to which it counts as `kind`, that could be paid for an hour from `since` (ms) on. */
    async function waits(kind: 'exact' | 'part', since: number): Promise<void> {
      const { id } = await makeInvoice(world, watched.merchant, { network: 'BEP-20' });
      const [transfer] = await watched.transfers();
      const [from, to] = [new Date(since), new Date(since + HOURS)];
      await world.db
        .updateTable('invoices')
        .set({ created_at: from, method_at: from, expire_at: to })
        .where('id', '=', id)
        .execute();
      await judged({ state: 'matched', invoice_id: id });
      const payment = { transfer_id: transfer!.id, invoice_id: id, kind, state: 'pending' as const };
      await world.db
        .insertInto('payments')
        .values({ ...payment, created_at: from })
        .execute();
    }

    test.each(['exact', 'part'] as const)('gives it the time by which it counts: %s', async kind => {
      await waits(kind, truth() - HOURS / 2);
      const [before] = await watched.transfers();
      await again();
      expect(await watched.transfers()).toEqual([{ ...before, block_time: truth() }]);
      expect(alarms).toEqual(['time_differs']);
    });

    test('changes nothing where it counts already', async () => {
      await waits('exact', truth() + 2.5 * HOURS);
      const before = await watched.transfers();
      await again();
      expect(await watched.transfers()).toEqual(before);
      expect(alarms).toEqual(['time_differs']);
    });

    test('changes nothing where it counts by neither', async () => {
      await waits('exact', truth() + HOURS);
      const before = await watched.transfers();
      await again();
      expect(await watched.transfers()).toEqual(before);
    });
  });

  test('changes nothing of what a person has dealt with, and somebody is told', async () => {
    const dealt = { resolution: 'refunded' as const, resolved_at: new Date(), resolved_by: 'somebody' };
    await judged({ state: 'unmatched', reason: 'no_reservation', ...dealt });
    const before = await watched.transfers();
    await again();
    expect(await watched.transfers()).toEqual(before);
    expect(alarms).toEqual(['time_differs']);
  });

  test('changes nothing else', async () => {
    const others = watched.chain.blocks.length;
    watched.pay(8n);
    watched.mine(DEPTH + 1);
    first.redates = 0;
    await readAll();
    await world.db.updateTable('transfers').set({ state: 'unmatched', reason: 'no_reservation' }).execute();
    await again();
    expect(await watched.transfers()).toMatchObject([
      { units: '7', state: 'pending' },
      { units: '8', state: 'unmatched', reason: 'no_reservation', height: others },
    ]);
  });

  test('is told of where it has told another one before', async () => {
    await judged({ state: 'unmatched', reason: 'after_deadline' });
    first.redates = 0;
    await again();
    expect(await watched.transfers()).toMatchObject([{ block_time: truth() }]);
    await judged({ state: 'unmatched', reason: 'no_reservation' });
    second.redates = -HOURS;
    await world.db.updateTable('cursors').set({ rechecked_height: 1 }).execute();
    await again();
    expect(alarms).toEqual(['time_differs', 'time_differs']);
  });

  test('and another that shows it, of what nobody had shown: either time is tried', async () => {
    first.hides = () => true;
    watched.pay(8n);
    watched.mine(DEPTH + 1);
    await readAll();
    await judged({ state: 'unmatched', reason: 'no_reservation' });
    first.hides = () => false;
    const { rechecked_height: before } = await watched.cursor();
    expect(await again()).toBe(0);
    expect(alarms).toEqual(['found_late', 'time_differs']);
    expect(await watched.cursor()).toMatchObject({ rechecked_height: before, found_late: 1 });
    const [, found] = await watched.transfers();
    const times = [0, 3 * HOURS].map(more => watched.chain.blocks[found!.height!]!.time + more);
    expect(times).toContain(found!.block_time);
    await judged({ state: 'unmatched', reason: 'after_deadline' });
    expect(await again()).toBeGreaterThan(0);
    const other = times.find(time => time !== found!.block_time);
    expect((await watched.transfers())[1]).toMatchObject({ block_time: other, state: 'pending' });
    expect(await watched.cursor()).toMatchObject({ found_late: 1 });
  });

  test('of another block, as after a fork, says nothing of this one', async () => {
    const at = { network: 'BEP-20' as const, epoch: (await watched.cursor()).epoch };
    const [mine] = watched.chain.transfers();
    const elsewhere = { ...mine!, block: { ...mine!.block, hash: '0xelsewhere' } };
    expect(await findMistimed(world.db, at, [elsewhere])).toEqual([]);
    expect(await findMistimed(world.db, { ...at, epoch: at.epoch + 1 }, [mine!])).toEqual([]);
    expect(await findMistimed(world.db, { ...at, network: 'POLYGON' }, [mine!])).toEqual([]);
    const [row] = await watched.transfers();
    const stored = { id: row!.id, stored: truth() + 3 * HOURS };
    expect(await findMistimed(world.db, at, [mine!])).toEqual([
      { ...stored, transfer: mine, state: 'pending' },
    ]);
    await judged({ state: 'unmatched', reason: 'after_deadline' });
    expect(await findMistimed(world.db, at, [mine!])).toMatchObject([{ state: 'unmatched' }]);
    const before = await watched.transfers();
    for (const [place, seen] of [
      [at, elsewhere],
      [{ ...at, epoch: at.epoch + 1 }, mine!],
      [{ ...at, network: 'POLYGON' as const }, mine!],
      [at, { ...mine!, units: 8n }],
      [at, { ...mine!, ordinal: 1 }],
    ] as const)
      await transact(world.db, tx => retimeTransfers(tx, place, { seen: [seen], saved: [row!.id] }));
    expect(await watched.transfers()).toEqual(before);
  });
});

test('nothing is missing where both show the same, and nothing is read that is not final', async () => {
  first.hides = () => false;
  // Another network has other blocks at these heights.
  const others = Array.from({ length: 20 }, (_, height) => ({ height, hash: `0x${height}`, time: 0 }));
  await transact(world.db, tx => keepBlocks(tx, 'ERC-20', others));
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH + 1);
  watched.pay(8n);
  watched.mine();
  await readAll();
  await again();
  expect(await watched.cursor()).toMatchObject({
    rechecked_height: watched.chain.tip.height - (DEPTH - 1),
    found_late: 0,
  });
  expect(await again()).toBe(0);
});

test('a stretch longer than one reading is read in several', async () => {
  first.hides = () => false;
  watched.mine(DEPTH + 2);
  await readAll();
  await again();
  watched.mine(1500);
  await readAll();
  expect(await again()).toBe(1000);
  expect(await again()).toBe(500);
  expect(await again()).toBe(0);
});

test('a provider of another chain is not read again from', async () => {
  watched.mine(2);
  await readAll();
  watched.mine(DEPTH + 1);
  await readAll();
  const other = new FakeProvider(new FakeChain({ ...publicNetwork, chainId: 97 }, world.clock.now()));
  providers = new Providers([first, other], { clock: world.clock });
  await expect(again()).rejects.toThrow('is refused');
});

test('a network that was never read is left alone', async () => {
  expect(await again()).toBe(0);
});

test('a provider that hides a payment cannot hide it by reading it both times', async () => {
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH + 1);
  await readAll();
  // The second one is preferred from now on, and the one that lied would be the second.
  providers.passOn();
  await again();
  expect(await watched.transfers()).toMatchObject([{ height: 3, units: '7' }]);
});

test('what only a provider on an old fork shows is not found, and a third one is asked', async () => {
  first.hides = () => false;
  watched.mine(2);
  await readAll();
  watched.pay(7n);
  watched.mine(DEPTH);
  second.frozen = watched.chain.blocks;
  watched.chain.drop(DEPTH);
  // Read at one go by somebody else: of the blocks in between nothing is known.
  watched.mine(3 * DEPTH);
  providers = new Providers([first], { clock: world.clock });
  await readAll();
  providers = new Providers([first, second], { clock: world.clock });
  await expect(again()).rejects.toThrow('as it was read');
  expect(await watched.transfers()).toEqual([]);
  const before = (await watched.cursor()).rechecked_height;
  providers = new Providers([first, second, new FakeProvider(watched.chain)], { clock: world.clock });
  expect(await again()).toBeGreaterThan(0);
  expect(await watched.transfers()).toEqual([]);
  expect((await watched.cursor()).rechecked_height).toBeGreaterThan(before ?? 0);
});

describe('a provider on a fork below the final block', () => {
  beforeEach(async () => {
    first.hides = () => false;
    watched.mine(DEPTH + 5);
  });

  /** The chain as it is, with other hashes from a block on. */
  const forked = (from = 2) =>
    watched.chain.blocks.map(block =>
      block.height >= from ? { ...block, hash: `0xf${block.hash.slice(3)}` } : block,
    );

  test('is quarantined, and read from no more until that ends', async () => {
    await readAll();
    watched.mine(3);
    await readAll();
    const { final_height } = await watched.cursor();
    second.frozen = forked();
    expect(final_height).toBeGreaterThan(2);
    await expect(again()).rejects.toThrow('in quarantine');
    const member = providers.members[1]!;
    expect(lasting(member.health, world.clock.now())?.reason).toContain('is on another fork');
    expect(providers.usable().map(({ name }) => name)).toEqual(['1']);
    world.clock.advance(11 * MINUTE);
    expect(providers.usable()).toHaveLength(2);
  });

  test('is quarantined where all was read from it alone, and somebody is told', async () => {
    providers = new Providers([first], { clock: world.clock });
    await readAll();
    watched.mine(3);
    await readAll();
    first.frozen = watched.chain.blocks;
    watched.chain.blocks = forked();
    providers = new Providers([first, second, new FakeProvider(watched.chain)], { clock: world.clock });
    await expect(again()).rejects.toThrow('as it was read');
    expect(providers.usable().map(({ name }) => name)).toEqual(['2', '3']);
    expect(alarms).toEqual(['final_differs']);
  });

  test.each([
    ['each block as it came', 1, 2],
    ['at one go, of which few headers are known', 3 * DEPTH, DEPTH + 8],
  ])('cannot make the watcher take back what was final and read %s', async (_, more, from) => {
    await readAll();
    watched.pay(9n);
    if (more === 1) await watched.follow(DEPTH + 1);
    else watched.mine(DEPTH + 1 + more);
    await readAll();
    const before = await watched.cursor();
    second.frozen = forked(from);
    first.onCall = async call => {
      if (call === 'head') throw new ChainError('down', { retryable: true });
    };
    await expect(watched.tick(deps())).rejects.toThrow('is final and another one elsewhere');
    expect(await watched.cursor()).toEqual(before);
    expect(lasting(providers.members[1]!.health, world.clock.now())).not.toBeNull();
  });
});
