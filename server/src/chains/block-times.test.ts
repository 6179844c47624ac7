import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  headFor,
  minePayments,
  mustRead,
  network,
  openReplay,
  ways,
} from '../../../test/payments-replay.ts';
import type { ReplayRpc } from '../../../test/replay-rpc.ts';
import { requireTimeOrder } from './block-times.ts';
import { blockTime } from './eth-block.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  minePayments(replay, 12);
});
afterEach(() => replay.close());

const timeOf = (height: number) => Number(replay.blocks.get(height)!.header.timestamp);
/** Gives a block another time, in seconds. */
const redate = (height: number, time: number) =>
  Object.assign(replay.blocks.get(height)!.header, { timestamp: `0x${time.toString(16)}` });

describe.each(ways)('in %s blocks', way => {
  test('a block older than one before it is a contradiction', async () => {
    redate(5, timeOf(4) - 1);
    const failure = await failedRead(replay, await headFor(replay, way));
    expect(failure).toMatchObject({ name: 'Untrusted', distrust: 'contradiction' });
    expect(failure.message).toContain('block 5 older than one before it');
  });

  test('one of the same second is not', async () => {
    redate(5, timeOf(4));
    const { transfers } = await mustRead(replay, await headFor(replay, way));
    expect(transfers.find(({ block }) => block.height === 5)?.block.time).toBe(timeOf(4) * 1000);
  });

  test('a time that no date can say is refused, not stored', async () => {
    for (let height = 5; height <= 12; height++) redate(height, 2 ** 52);
    await expect(headFor(replay, way)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  });
});

test('the last day of the year 9999 is a time, and the day after is none', () => {
  expect(blockTime(Date.UTC(9999, 11, 31))).toBe(Date.UTC(9999, 11, 31));
  expect(() => blockTime(Date.UTC(10_000, 0, 1))).toThrow('a malformed block time');
});

test('blocks with others between them are in order, too', () => {
  const at = (height: number, time: number) => ({ height, hash: `${height}`, parent: '', time });
  expect(() => requireTimeOrder(network, [at(3, 30), at(7, 30), at(9, 31)])).not.toThrow();
  expect(() => requireTimeOrder(network, [at(3, 30), at(7, 31), at(9, 30)])).toThrow('block 9 older');
  expect(() => requireTimeOrder(network, [])).not.toThrow();
});

test('the clock of a local chain may be put back', () => {
  const at = (height: number, time: number) => ({ height, hash: `${height}`, parent: '', time });
  expect(() => requireTimeOrder({ ...network, onDemand: true }, [at(3, 30), at(4, 29)])).not.toThrow();
});
