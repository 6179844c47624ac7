/** The own coin of a network, read from providers that err and lie. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  from,
  headFor,
  mustRead,
  network,
  openReplay,
  to,
  usdt,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash, madeLog, mine } from '../../../test/recorded-chain.ts';
import type { RawTransaction, ReplayRpc } from '../../../test/replay-rpc.ts';

const watched = { tokens: network.tokens, recipients: [to], native: [to] };
const paid = madeHash('a payment');

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  mine(replay, 4);
  mine(replay, 1, {
    logs: header => [
      madeLog(header, { address: usdt.contract, from, to, value: 5n, tx: madeHash('a token'), index: 0 }),
    ],
    sent: () => [{ hash: paid, from, to, value: 7n }],
  });
  mine(replay, 4);
  replay.finalized = 8;
});
afterEach(() => replay.close());

/** From now on the whole block of the payment is shown as `change` makes it. */
function lieInBlock(change: (transactions: RawTransaction[]) => unknown[], header: object = {}) {
  const { header: own } = replay.blocks.get(5)!;
  const honest = replay.transaction(paid)!;
  const token = replay.transaction(madeHash('a token'))!;
  const answer = { ...own, ...header, transactions: change([token, honest]) };
  replay.lie = ({ method, params }) =>
    (method === 'eth_getBlockByNumber' && Number(params[0]) === 5 && params[1] === true) ||
    (method === 'eth_getBlockByHash' && params[0] === own.hash)
      ? { result: answer }
      : undefined;
}

describe.each(ways)('read as %s blocks', way => {
  test('it stands beside the tokens of its block, and costs every block and one receipt', async () => {
    const head = await headFor(replay, way);
    const { transfers } = await mustRead(replay, head, { watched });
    expect(transfers.map(({ asset, units, txId }) => [asset, units, txId])).toEqual([
      ['BNB', 7n, paid],
      ['USDT', 5n, madeHash('a token')],
    ]);
    const whole = replay.calls.filter(
      call => call.params[1] === true && call.method.startsWith('eth_getBlock'),
    );
    expect(new Set(whole.map(({ params }) => params[0])).size).toBeLessThanOrEqual(9);
    expect(replay.count('eth_getTransactionReceipt')).toBe(1);
  });

  test('where nobody watches it, no block is asked for whole', async () => {
    const head = await headFor(replay, way);
    await mustRead(replay, head, { watched: { ...watched, native: [] } });
    expect(replay.calls.filter(call => call.params[1] === true)).toEqual([]);
  });

  test.each([
    [
      'a transaction of another block',
      (all: RawTransaction[]) => all.map(one => ({ ...one, blockHash: madeHash('x') })),
    ],
    [
      'a transaction at another height',
      (all: RawTransaction[]) => all.map(one => ({ ...one, blockNumber: '0x6' })),
    ],
    ['a malformed value', (all: RawTransaction[]) => all.map(one => ({ ...one, value: '7' }))],
    [
      'a value beyond 256 bits',
      (all: RawTransaction[]) => all.map(one => ({ ...one, value: `0x1${'0'.repeat(64)}` })),
    ],
    ['a malformed receiver', (all: RawTransaction[]) => all.map(one => ({ ...one, to: '0x12' }))],
    ['ids in place of transactions', (all: RawTransaction[]) => all.map(one => one.hash)],
    ['no list', () => null as never],
  ])('%s is a reason to ask again', async (_, change) => {
    const head = await headFor(replay, way);
    lieInBlock(change);
    await failedRead(replay, head, { watched });
  });

  test.each([
    ['one transaction twice', (all: RawTransaction[]) => [...all, ...all], {}],
    [
      'none where the root says there are some',
      () => [],
      { transactionsRoot: madeHash('r'), receiptsRoot: madeHash('s') },
    ],
    [
      'some where the root says there are none',
      (all: RawTransaction[]) => all,
      { transactionsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421' },
    ],
  ])('%s is a lie', async (_, change, header) => {
    const head = await headFor(replay, way);
    lieInBlock(change, header);
    const failure = await failedRead(replay, head, { watched });
    expect(failure).toMatchObject({ name: 'Untrusted', distrust: 'contradiction' });
  });

  test.each([
    ['no receipt', null],
    ['the receipt of another block', { blockHash: madeHash('another') }],
    ['the receipt of another transaction', { transactionHash: madeHash('another') }],
  ])('%s is a reason to ask again', async (_, change) => {
    const head = await headFor(replay, way);
    const receipt = replay.receipt(paid)!;
    replay.lie = ({ method }) =>
      method === 'eth_getTransactionReceipt' ? { result: change && { ...receipt, ...change } } : undefined;
    await failedRead(replay, head, { watched });
  });

  test('a first block that does not follow on where the reading begins is a reason to ask again', async () => {
    const head = await headFor(replay, way);
    const { header } = replay.blocks.get(1)!;
    const fork = { ...header, parentHash: madeHash('a fork'), transactions: [] };
    replay.lie = ({ params }) => (params[0] === '0x1' && params[1] === true ? { result: fork } : undefined);
    await failedRead(replay, head, { watched });
  });

  test('a payment that its receipt calls failed is none', async () => {
    const head = await headFor(replay, way);
    const receipt = { ...replay.receipt(paid)!, status: '0x0' };
    replay.lie = ({ method }) => (method === 'eth_getTransactionReceipt' ? { result: receipt } : undefined);
    const { transfers } = await mustRead(replay, head, { watched });
    expect(transfers.map(({ asset }) => asset)).toEqual(['USDT']);
  });
});
