import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  headFor,
  minePayments,
  mustRead,
  network,
  oneTo,
  openReplay,
  read,
  to,
  units,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash, mine } from '../../../test/recorded-chain.ts';
import { filterOf, type ReplayRpc } from '../../../test/replay-rpc.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
});
afterEach(() => replay.close());

describe('a chain that moves', () => {
  beforeEach(() => minePayments(replay, 10));
  const fork = () => {
    replay.add(replay.blocks.get(7)!);
    mine(replay, 4, { fork: 'other' });
  };

  test('between the head and the walk is a failure, not an answer', async () => {
    const head = await headFor(replay, 'fresh');
    fork();
    await failedRead(replay, head);
  });

  test('under the walk is a failure, even when every block is there', async () => {
    const head = await headFor(replay, 'fresh');
    const hash = madeHash('a fork');
    const header = { ...replay.blocks.get(5)!.header, hash };
    replay.lie = call => {
      if (call.params[0] === '0x5') return { result: header };
      return filterOf(call)?.blockHash === hash ? { result: [] } : undefined;
    };
    expect((await failedRead(replay, head)).message).toContain('moved');
  });

  test('between the walk and the logs is a failure', async () => {
    const head = await headFor(replay, 'fresh');
    let moved = false;
    replay.lie = call => {
      if (call.method === 'eth_getLogs' && !moved) {
        moved = true;
        fork();
      }
      return undefined;
    };
    expect((await failedRead(replay, head)).message).toContain('unknown block');
  });

  test('between the logs and the headers of settled blocks is a failure', async () => {
    const head = await headFor(replay, 'settled');
    let moved = false;
    replay.lie = call => {
      // The first header asked for after the logs, other than the one in the same request.
      if (moved || replay.count('eth_getLogs') === 0 || call.params[0] !== '0x1') return undefined;
      moved = true;
      const { number, timestamp, parentHash } = replay.blocks.get(1)!.header;
      return { result: { number, timestamp, parentHash, hash: madeHash('moved') } };
    };
    expect((await failedRead(replay, head)).message).toContain('changed');
  });

  test('away from the position has diverged, at any depth', async () => {
    const after = { height: 9, hash: replay.blocks.get(9)!.header.hash };
    fork();
    for (const final of [-1, 7, 11]) {
      const { tip } = await headFor(replay, 'fresh');
      expect(await read(replay, { tip, final }, { after })).toEqual({ kind: 'diverged' });
    }
  });

  test('at the height of the head has diverged as well', async () => {
    const { tip } = await headFor(replay, 'fresh');
    replay.add(replay.blocks.get(7)!);
    mine(replay, 3, { fork: 'other' });
    const head = await headFor(replay, 'fresh');
    expect(head.tip.height).toBe(tip.height);
    expect(await read(replay, head, { after: tip })).toEqual({ kind: 'diverged' });
  });

  test('below the position says nothing: the node may only be behind', async () => {
    const { tip } = await headFor(replay, 'fresh');
    replay.add(replay.blocks.get(7)!);
    const head = await headFor(replay, 'fresh');
    await expect(read(replay, head, { after: tip })).rejects.toMatchObject({ retryable: true });
  });

  test('on one backend only, behind a balancer, is no divergence', async () => {
    const head = await headFor(replay, 'fresh');
    const after = { height: 9, hash: replay.blocks.get(9)!.header.hash };
    const stale = { ...head, tip: { ...head.tip, parent: madeHash('a fork') } };
    await expect(read(replay, stale, { after })).rejects.toMatchObject({ retryable: true });
  });
});

describe('nodes that are not in step', () => {
  beforeEach(() => minePayments(replay, 20));

  test('a backend that is behind cannot pass its empty list for a settled range', async () => {
    const head = await headFor(replay, 'settled');
    const behind = 9;
    replay.lie = call => {
      const filter = filterOf(call);
      const missing = Number(filter?.toBlock ?? call.params[0]) > behind;
      if (!missing) return undefined;
      return { result: filter ? [] : null };
    };
    const error = await read(replay, head).catch(caught => caught);
    expect(error.message).toMatch(/without having it/);
    expect(error.retryable).toBe(true);
  });

  test('two backends with two chains cannot answer for one range', async () => {
    const head = await headFor(replay, 'settled');
    const recipients = Array.from({ length: 600 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`);
    let asked = 0;
    replay.lie = call => {
      if (call.params[0] !== '0x10' || asked++ === 0) return undefined;
      return { result: { ...replay.blocks.get(16)!.header, hash: madeHash('a fork') } };
    };
    const many = { tokens: network.tokens, recipients, native: [] };
    expect((await failedRead(replay, head, { watched: many })).message).toContain('moved');
  });

  test('the newest blocks are read by hash even where they count as final', async () => {
    const head = await headFor(replay, 'settled');
    await mustRead(replay, head, { after: { height: 17, hash: replay.blocks.get(17)!.header.hash } });
    const asked = replay.calls.filter(call => call.method === 'eth_getLogs');
    expect(asked.map(call => filterOf(call)?.blockHash !== undefined)).toEqual([true, true, true]);
  });

  test('without batches settled blocks are read one by one', async () => {
    replay.takesBatches = false;
    const reading = await mustRead(replay, await headFor(replay, 'settled'));
    expect(units(reading)).toEqual(oneTo(20));
    expect(reading.blocks).toEqual([reading.through]);
  });
});

describe('what a reading costs', () => {
  test('many recipients are asked for five hundred at a time, in both ways', async () => {
    minePayments(replay, 8);
    const others = Array.from({ length: 1200 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`);
    const many = { tokens: network.tokens, recipients: [...others, to, ...others], native: [] };
    const settled = await mustRead(replay, await headFor(replay, 'settled'), { watched: many });
    expect(units(settled)).toEqual(oneTo(4));
    expect(replay.count('eth_getLogs')).toBe(3);
    const asked = replay.calls.filter(call => call.method === 'eth_getLogs');
    expect(asked.map(call => filterOf(call)?.topics[2]?.length)).toEqual([500, 500, 201]);
    const fresh = await mustRead(replay, await headFor(replay, 'fresh'), { watched: many });
    expect(units(fresh)).toEqual(oneTo(8));
    expect(replay.count('eth_getLogs')).toBe(3 + 3 * 8);
  });

  test('a new block costs one call besides the head', async () => {
    minePayments(replay, 5);
    const head = await headFor(replay, 'fresh');
    replay.calls = [];
    const { tip } = head;
    await mustRead(replay, head, { after: { height: tip.height - 1, hash: tip.parent } });
    expect(replay.calls.map(call => call.method)).toEqual(['eth_getLogs']);
  });

  test('a long settled stretch without payments costs three calls', async () => {
    mine(replay, 900);
    const head = await headFor(replay, 'settled');
    replay.calls = [];
    const { through } = await mustRead(replay, head);
    expect(through.height).toBe(896);
    expect(replay.calls).toHaveLength(3);
  });

  test('settled blocks with payments cost a header each, and the last one comes with the logs', async () => {
    minePayments(replay, 8);
    const head = await headFor(replay, 'settled');
    replay.calls = [];
    await mustRead(replay, head);
    const headers = replay.calls.filter(call => call.method === 'eth_getBlockByNumber');
    expect(headers.map(call => call.params[0]).sort()).toEqual(['0x0', '0x1', '0x2', '0x3', '0x4']);
  });

  test('nothing watched means no log query', async () => {
    minePayments(replay, 8);
    for (const way of ways)
      for (const nobody of [
        { tokens: [], recipients: [to], native: [] },
        { tokens: network.tokens, recipients: [], native: [] },
      ])
        expect((await mustRead(replay, await headFor(replay, way), { watched: nobody })).transfers).toEqual(
          [],
        );
    expect(replay.count('eth_getLogs')).toBe(0);
  });

  test('a reading of fresh blocks is bounded', async () => {
    mine(replay, 300);
    const reading = await mustRead(replay, await headFor(replay, 'fresh'), { limit: 5000 });
    expect(reading.through.height).toBe(100);
    expect(reading.blocks).toHaveLength(100);
  });
});
