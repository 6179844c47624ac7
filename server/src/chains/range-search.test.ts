import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  headFor,
  minePayments,
  mustRead,
  oneTo,
  openReplay,
  units,
} from '../../../test/payments-replay.ts';
import { filterOf, type ReplayRpc } from '../../../test/replay-rpc.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
});
afterEach(() => replay.close());

describe("a provider's limits", () => {
  beforeEach(() => minePayments(replay, 40));

  /** Takes at most `most` blocks in a query, and says so in `words`. */
  const limit = (most: number, words: string) => {
    replay.lie = call => {
      const filter = filterOf(call);
      const tooWide = filter && Number(filter.toBlock) - Number(filter.fromBlock) >= most;
      return tooWide ? { error: { code: -32602, message: words } } : undefined;
    };
  };

  test('that it names are taken at once', async () => {
    limit(9, 'exceed maximum block range: 9');
    expect(units(await mustRead(replay, await headFor(replay, 'settled')))).toEqual(oneTo(36));
    expect(replay.count('eth_getLogs')).toBe(1 + 4);
  });

  test('that it does not name are found by halving', async () => {
    limit(9, 'block range is too wide');
    expect(units(await mustRead(replay, await headFor(replay, 'settled')))).toEqual(oneTo(36));
  });

  test('that leave only small steps end a reading early, with what was found', async () => {
    limit(1, 'block range is too wide');
    const head = await headFor(replay, 'settled');
    const first = await mustRead(replay, head);
    expect(first.through.height).toBeLessThan(36);
    expect(units(first)).toEqual(oneTo(first.through.height));
    const second = await mustRead(replay, head, { after: first.through });
    expect(second.through.height).toBeGreaterThan(first.through.height);
  });

  test('that come to mean no batches at all end a reading early, with what was found', async () => {
    limit(9, 'exceed maximum block range: 9');
    const limited = replay.lie;
    replay.lie = call => {
      if (filterOf(call)) replay.takesBatches = replay.count('eth_getLogs') < 3;
      return limited(call);
    };
    const { through, transfers } = await mustRead(replay, await headFor(replay, 'settled'));
    expect(through.height).toBeLessThan(36);
    expect(units({ transfers })).toEqual(oneTo(through.height));
  });

  test('that no query can meet are a failure', async () => {
    const error = { code: -32602, message: 'block range is too wide' };
    replay.lie = call => (filterOf(call) || call.method === 'eth_getBlockReceipts' ? { error } : undefined);
    await failedRead(replay, await headFor(replay, 'settled'));
  });
});
