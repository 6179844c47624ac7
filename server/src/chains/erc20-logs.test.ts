import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedRead,
  from,
  headFor,
  lieInLogs,
  minePayments,
  mustRead,
  oneTo,
  openReplay,
  read,
  to,
  units,
  usdc,
  usdt,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash, madeLog, mine, topicOf } from '../../../test/recorded-chain.ts';
import type { Lie, RawLog, ReplayRpc } from '../../../test/replay-rpc.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
});
afterEach(() => replay.close());

describe.each(ways)('lies about %s blocks are found', way => {
  beforeEach(() => minePayments(replay, 10));

  const changes: [string, (log: RawLog) => Partial<RawLog>][] = [
    ['of another block', () => ({ blockHash: madeHash('elsewhere') })],
    ['outside the range asked for', () => ({ blockNumber: '0x9999' })],
    ['of another contract', () => ({ address: `0x${'de'.repeat(20)}` })],
    ['to another recipient', log => ({ topics: [log.topics[0]!, log.topics[1]!, topicOf(from)] })],
    ['of another event', log => ({ topics: [madeHash('Approval'), ...log.topics.slice(1)] })],
    ['without topics', () => ({ topics: [] })],
    ['with malformed data', () => ({ data: '0xzz' })],
    ['with half a byte of data', () => ({ data: '0x0' })],
    ['with a malformed height', () => ({ blockNumber: '12' })],
    ['without a transaction', () => ({ transactionHash: '' })],
    ['with a short topic', log => ({ topics: [...log.topics.slice(0, 2), to] })],
  ];
  test.each(changes)('a log %s', async (_, change) => {
    const head = await headFor(replay, way);
    lieInLogs(replay, logs => logs.map(log => ({ ...log, ...change(log) })));
    await failedRead(replay, head);
  });

  const answers: [string, Lie][] = [
    ['no list', { result: null }],
    ['an HTML page', { body: '<html>' }],
    ['half an answer', { body: '{"id":1,"resul' }],
    ['an error', { error: { code: -32000, message: 'unknown block' } }],
  ];
  test.each(answers)('%s instead of logs', async (_, lie) => {
    const head = await headFor(replay, way);
    replay.lie = call => (call.method === 'eth_getLogs' ? lie : undefined);
    await failedRead(replay, head);
  });

  const blocks: [string, Lie][] = [
    ['no block', { result: null }],
    ['half a block', { result: { number: '0x2' } }],
    [
      'a block of another height',
      { result: { number: '0x2222', hash: madeHash('2'), parentHash: madeHash('1'), timestamp: '0x1' } },
    ],
  ];
  test.each(blocks)('%s where one must be', async (_, lie) => {
    const head = await headFor(replay, way);
    replay.lie = call => (call.method === 'eth_getBlockByNumber' ? lie : undefined);
    await failedRead(replay, head);
  });

  test('one index that carries two different logs', async () => {
    const head = await headFor(replay, way);
    lieInLogs(replay, logs => logs.flatMap(log => [log, { ...log, data: `0x${'1'.padStart(64, '9')}` }]));
    await failedRead(replay, head);
  });

  test('one transaction in two blocks', async () => {
    const head = await headFor(replay, way);
    lieInLogs(replay, logs => logs.map(log => ({ ...log, transactionHash: madeHash('the same') })));
    await failedRead(replay, head);
  });

  test('a log given twice is one transfer, not a second payment', async () => {
    const head = await headFor(replay, way);
    lieInLogs(replay, logs => logs.flatMap(log => [log, { ...log, removed: false }]));
    const { transfers, through } = await mustRead(replay, head);
    expect(units({ transfers })).toEqual(oneTo(through.height));
    expect(transfers.every(({ ordinal }) => ordinal === 0)).toBe(true);
  });

  test('a log that was taken back is a reason to ask again', async () => {
    const head = await headFor(replay, way);
    lieInLogs(replay, logs => logs.map(log => ({ ...log, removed: true })));
    await expect(read(replay, head)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  });

  test('everything there is, whatever was asked', async () => {
    const head = await headFor(replay, way);
    const all = [...replay.blocks.values()].flatMap(block => block.logs);
    lieInLogs(replay, () => all);
    const after = { height: 3, hash: replay.blocks.get(3)!.header.hash };
    await expect(read(replay, head, { after })).rejects.toMatchObject({ retryable: true });
  });

  test('upper-case hex is the same', async () => {
    const head = await headFor(replay, way);
    const plain = await mustRead(replay, head);
    const shout = (text: string) => `0x${text.slice(2).toUpperCase()}`;
    lieInLogs(replay, logs =>
      logs.map(log => ({ ...log, address: shout(log.address), transactionHash: shout(log.transactionHash) })),
    );
    expect(await mustRead(replay, head)).toEqual(plain);
  });
});

describe('logs that are no payment', () => {
  test.each<[string, (log: RawLog) => Partial<RawLog>]>([
    ['an ERC-721 transfer', log => ({ topics: [...log.topics, topicOf('0x07')], data: '0x' })],
    ['four topics with data', log => ({ topics: [...log.topics, topicOf('0x07')] })],
    ['nothing moved', () => ({ data: `0x${'00'.repeat(32)}` })],
    ['no data', () => ({ data: '0x' })],
    ['two words of data', log => ({ data: `${log.data}${'00'.repeat(32)}` })],
  ])('%s', async (_, change) => {
    minePayments(replay, 3);
    const head = await headFor(replay, 'fresh');
    lieInLogs(replay, logs =>
      logs.map(log => (log.blockNumber === '0x2' ? { ...log, ...change(log) } : log)),
    );
    expect(units(await mustRead(replay, head))).toEqual([1, 3]);
  });

  test('equal transfers of one transaction are counted, others are not mixed in', async () => {
    const tx = madeHash('a batch');
    const paid = { from, to, value: 7n, tx };
    mine(replay, 1, {
      logs: header => [
        // Out of order, as an answer may be.
        madeLog(header, { ...paid, address: usdt.contract, index: 9 }),
        madeLog(header, { ...paid, address: usdc.contract, index: 4 }),
        madeLog(header, { ...paid, address: usdt.contract, index: 2 }),
        madeLog(header, { ...paid, address: usdt.contract, value: 8n, index: 3 }),
        madeLog(header, { ...paid, address: usdt.contract, from: to, index: 5 }),
        madeLog(header, { ...paid, address: usdt.contract, tx: madeHash('another'), index: 6 }),
      ],
    });
    const { transfers } = await mustRead(replay, await headFor(replay, 'fresh'));
    expect(transfers.map(({ asset, units, ordinal }) => `${asset} ${units} ${ordinal}`)).toEqual([
      'USDT 7 0',
      'USDT 8 0',
      'USDC 7 0',
      'USDT 7 0',
      'USDT 7 0',
      'USDT 7 1',
    ]);
  });
});
