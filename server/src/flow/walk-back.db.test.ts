import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeInvoice, methodOf } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, localNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { keepBlocks, storedBlocks } from '../store/cursors.ts';
import { transact } from '../store/db.ts';
import { findViolations } from '../store/invariants.ts';
import { storeTransfers } from '../store/transfers.ts';
import { match } from './match.ts';

const world = useWorld();
let watched: WatchedChain;

beforeEach(async () => {
  watched = await WatchedChain.make(world);
});

describe('a reorganisation', () => {
  /** 20 blocks, with a payment each in block 16 and block 19, all read. */
  async function read20() {
    await watched.follow(15);
    const first = watched.pay(1n);
    await watched.follow(3);
    const second = watched.pay(2n);
    await watched.follow(2);
    expect(await watched.heights()).toEqual([16, 19]);
    return { first, second };
  }

  test('is walked back: what was above it is on no block, and what is still there stays', async () => {
    await read20();
    watched.chain.drop(3);
    watched.mine(4);
    const version = (await watched.cursor()).version;
    expect(await watched.tick()).toBe(4);
    expect(await watched.heights()).toEqual([16, null]);
    expect(await watched.cursor()).toMatchObject({
      height: 21,
      hash: watched.chain.tip.hash,
      version: version + 1,
    });
    // Block 18 is the final one, of which somebody may ask whether it still is there.
    expect((await watched.remembered()).slice(-5)).toEqual(watched.headers(17));
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('gives a transaction that is included anew its new block, in the same row', async () => {
    const { second } = await read20();
    const before = (await watched.transfers())[1]!;
    watched.chain.mempool.push(...watched.chain.drop(3));
    watched.mine(5);
    await watched.readAll();
    const after = (await watched.transfers())[1]!;
    expect(after).toMatchObject({
      id: before.id,
      tx_id: second.id,
      height: 18,
      detected_at: before.detected_at,
    });
    expect(after.block_hash).toBe(watched.chain.blocks[18]!.hash);
    expect(await watched.transfers()).toHaveLength(2);
  });

  test('of one block leaves what is in the block below it where it is', async () => {
    await read20();
    watched.chain.drop(1);
    watched.mine(2);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ height: 21, hash: watched.chain.tip.hash });
    expect(await watched.heights()).toEqual([16, 19]);
  });

  test('takes nothing from another network, whose blocks have the same heights', async () => {
    const headers = Array.from({ length: 30 }, (_, height) => ({ height, hash: `0x${height}`, time: 0 }));
    const block = headers[19]!;
    const other = { txId: '0x1', asset: 'USDT' as const, from: 'a', to: 'b', units: 1n, ordinal: 0, block };
    await transact(world.db, async tx => {
      await keepBlocks(tx, 'ERC-20', headers);
      await storeTransfers(tx, { network: 'ERC-20', epoch: 1 }, [other], world.clock.now());
    });
    watched.mine(18);
    await watched.readAll();
    // No header of ours is known at its tip, and another network has one there.
    watched.provider.lag = 10;
    expect(await watched.tick()).toBe(0);
    watched.provider.lag = 0;
    watched.chain.drop(3);
    watched.mine(400);
    await watched.readAll();
    expect(await watched.heights()).toEqual([19]);
    expect(await storedBlocks(world.db, 'ERC-20', 1000)).toEqual(headers.toReversed());
  });

  test('to a chain that is not longer yet is seen as soon as it is as high', async () => {
    await read20();
    watched.chain.drop(3);
    watched.mine(3);
    await watched.readAll();
    expect(await watched.heights()).toEqual([16, null]);
    expect(await watched.cursor()).toMatchObject({ height: 20, hash: watched.chain.tip.hash });
  });

  test('to a shorter chain is seen too', async () => {
    await read20();
    watched.chain.drop(3);
    watched.mine(1);
    await watched.readAll();
    expect(await watched.heights()).toEqual([16, null]);
    expect(await watched.cursor()).toMatchObject({ height: 18, hash: watched.chain.tip.hash });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('of what was final lowers what is final', async () => {
    await read20();
    expect((await watched.cursor()).final_height).toBe(17);
    watched.chain.drop(12);
    watched.mine(10);
    await watched.readAll();
    expect(await watched.heights()).toEqual([null, null]);
    expect(await watched.cursor()).toMatchObject({ height: 18, final_height: 15 });
    // Read at one go from block 3 on, so that no more is known than its end.
    expect(await watched.remembered()).toEqual([...watched.headers().slice(0, 4), ...watched.headers(15)]);
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('among few known blocks leaves the final one where the chain still has it, and accuses nobody', async () => {
    await watched.follow(10);
    watched.mine(10);
    await watched.readAll();
    const known = (await watched.remembered()).map(([height]) => height);
    expect(known.slice(-5)).toEqual([10, 17, 18, 19, 20]);
    watched.chain.drop(4);
    watched.mine(3);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ height: 19, hash: watched.chain.tip.hash });
    expect(await findViolations(world.db)).toEqual([]);
  });

  /** Blocks 11 to 410 read at one go, with a payment each in block 11 and block 111. */
  async function read400() {
    watched.mine(10);
    await watched.readAll();
    watched.pay(1n);
    watched.mine(100);
    watched.pay(2n);
    watched.mine(300);
    await watched.readAll();
    expect(await watched.heights()).toEqual([11, 111]);
  }

  test('among blocks that were read at one go is read from where that began', async () => {
    await read400();
    watched.chain.mempool.push(...watched.chain.drop(380));
    watched.mine(390);
    await watched.readAll();
    expect(await watched.heights()).toEqual([11, 31]);
    expect(await watched.cursor()).toMatchObject({ height: 420, hash: watched.chain.tip.hash });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('deeper than is remembered is read from the lowest remembered block on', async () => {
    await read400();
    expect((await watched.remembered())[0]?.[0]).toBe(10);
    watched.chain.mempool.push(...watched.chain.drop(405));
    watched.mine(415);
    await watched.readAll();
    // Both were included anew in block 6, below what was read again.
    expect(await watched.cursor()).toMatchObject({ height: 420, hash: watched.chain.tip.hash });
    expect(await watched.remembered()).toEqual([watched.headers()[9], ...watched.headers(420 - (DEPTH - 1))]);
    expect(await watched.heights()).toEqual([null, null]);
  });

  test('in the middle of a reading stores nothing of it', async () => {
    await read20();
    watched.mine();
    watched.pay(3n);
    watched.mine();
    watched.provider.onCall = async call => {
      if (call !== 'read') return;
      watched.provider.onCall = async () => undefined;
      watched.chain.drop(4);
      watched.mine(5);
    };
    const before = await watched.cursor();
    await expect(watched.tick()).rejects.toThrow('the head has moved');
    expect(await watched.cursor()).toEqual(before);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ hash: watched.chain.tip.hash });
    expect(await findViolations(world.db)).toEqual([]);
  });
});

describe('a local chain', () => {
  beforeEach(async () => {
    watched = await WatchedChain.make(world, localNetwork);
    watched.mine(5);
    await watched.readAll();
    watched.pay(1n);
    watched.mine(3);
    watched.pay(2n);
    watched.mine(3);
    await watched.readAll();
    expect(await watched.heights()).toEqual([6, 9]);
    expect((await watched.cursor()).final_height).toBe(8);
  });

  test('that was begun anew opens a new epoch; what was final in the old one stays', async () => {
    watched.chain.reset(world.clock.now());
    watched.pay(3n);
    watched.mine(2);
    await watched.readAll();
    expect(await watched.heights()).toEqual([6, null, 1]);
    expect((await watched.transfers()).map(({ epoch }) => epoch)).toEqual([1, 1, 2]);
    expect(await watched.cursor()).toMatchObject({
      epoch: 2,
      genesis: watched.chain.blocks[0]!.hash,
      height: 2,
      hash: watched.chain.tip.hash,
      final_height: -1,
    });
    expect(await watched.remembered()).toEqual(watched.headers());
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that was begun anew leaves what settled an invoice, and not what only counts for one', async () => {
    const invoices = [];
    for (const amount of ['10', '20']) {
      const invoice = await makeInvoice(world, watched.merchant, { network: 'BEP-20', amount });
      watched.pay(methodOf(invoice).final.units);
      invoices.push(invoice);
    }
    watched.mine(1);
    await watched.readAll();
    await match(world);
    const [settled] = invoices;
    await sql`update payments set state = 'settled', settled_at = created_at where invoice_id = ${settled!.id}`.execute(
      world.db,
    );
    watched.chain.reset(world.clock.now());
    await watched.readAll();
    expect(await watched.heights()).toEqual([6, 9, 12, null]);
  });

  test('that was begun anew and has no block yet opens one too', async () => {
    watched.chain.reset(world.clock.now());
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ epoch: 2, height: 0, hash: watched.chain.tip.hash });
    watched.mine(2);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ epoch: 2, height: 2 });
    expect(await findViolations(world.db)).toEqual([]);
  });

  test('that was begun anew and has grown past the old one is told by its first block', async () => {
    watched.chain.reset(world.clock.now());
    watched.mine(30);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ epoch: 2, height: 30, hash: watched.chain.tip.hash });
    expect(await watched.heights()).toEqual([6, null]);
  });

  test('holds the same transaction id as an earlier one apart', async () => {
    const [old] = await watched.transfers();
    watched.chain.reset(world.clock.now());
    watched.chain.mempool.push({
      id: old!.tx_id,
      transfers: [{ asset: 'USDT', from: old!.from_key, to: watched.wallet, units: 1n }],
    });
    watched.mine();
    await watched.readAll();
    const same = (await watched.transfers()).filter(({ tx_id: id }) => id === old!.tx_id);
    expect(same.map(({ epoch, height }) => [epoch, height])).toEqual([
      [1, 6],
      [2, 1],
    ]);
  });

  test('that came back shorter, with the same first block, is walked back', async () => {
    watched.chain.drop(4);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({
      epoch: 1,
      height: 7,
      hash: watched.chain.tip.hash,
      final_height: 4,
    });
    expect(await watched.heights()).toEqual([6, null]);
    expect(await findViolations(world.db)).toEqual([]);
    watched.mine(1);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ height: 8, hash: watched.chain.tip.hash });
  });

  test('that came back with its first block alone is walked back to that', async () => {
    await sql`delete from blocks where height < 5`.execute(world.db);
    watched.chain.drop(100);
    await watched.readAll();
    expect(await watched.cursor()).toMatchObject({ epoch: 1, height: 0, hash: watched.chain.tip.hash });
    expect(await watched.heights()).toEqual([null, null]);
    expect(await findViolations(world.db)).toEqual([]);
  });
});
