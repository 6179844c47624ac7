import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  failedLookup,
  from,
  headFor,
  lieInReceipts,
  lookup,
  minePayments,
  mustRead,
  network,
  openReplay,
  to,
  usdc,
  usdt,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash, madeLog, mine, topicOf } from '../../../test/recorded-chain.ts';
import type { Lie, RawHeader, RawLog, RawTransaction, ReplayRpc } from '../../../test/replay-rpc.ts';
import { Chance } from '../../../test/seeded.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  minePayments(replay, 6);
});
afterEach(() => replay.close());

const paid = madeHash('payment in 0x3');
const address = usdt.contract;
const stranger = `0x${'de'.repeat(20)}`;

async function found(txId = paid) {
  const report = await lookup(replay, txId);
  if (report.kind !== 'found') throw new Error(`it is ${report.kind}`);
  return report;
}

test('a lookup costs one receipt, one header and the transaction', async () => {
  const { transfers, block } = await found();
  expect(block).toMatchObject({ height: 3, hash: replay.blocks.get(3)!.header.hash });
  expect(transfers).toEqual([{ txId: paid, asset: usdt.asset, from, to, units: 3n, ordinal: 0, block }]);
  expect(replay.calls.map(call => call.method)).toEqual([
    'eth_getTransactionReceipt',
    'eth_getBlockByNumber',
    'eth_getTransactionByHash',
  ]);
});

test('an unknown transaction costs one call', async () => {
  expect(await lookup(replay, madeHash('never sent'))).toEqual({ kind: 'unknown' });
  expect(replay.calls).toHaveLength(1);
});

describe('a transfer has the identity that a reading gives it', () => {
  const wallets = [1, 2, 3].map(index => `0x${String(index).padStart(40, '0')}`);

  const crowdIds = (seed: number) => ['a', 'b'].map(name => madeHash(`crowd ${seed} ${name}`));

  /** Many transfers between few wallets of few amounts, so that equal ones are many and lie between others. */
  function crowd(header: RawHeader, seed: number): RawLog[] {
    const random = new Chance(seed);
    return Array.from({ length: 60 }, (_, index) =>
      madeLog(header, {
        address: random.pick([usdt.contract, usdc.contract, stranger]),
        from: random.pick(wallets),
        to: random.pick(wallets),
        value: random.pick([null, 0n, 1n, 2n]),
        tx: crowdIds(seed)[index % 3 === 0 ? 0 : 1]!,
        index,
      }),
    );
  }

  test.each(ways)('whoever is watched, in %s blocks', async way => {
    const seeds = [1, 2, 3, 4, 5, 6, 7];
    mine(replay, seeds.length, { logs: (header, index) => crowd(header, seeds[index]!) });
    mine(replay, 6);
    const head = await headFor(replay, way);
    let highest = 0;
    for (const recipients of [[wallets[0]!], [wallets[2]!], wallets.slice(1), wallets]) {
      const { transfers } = await mustRead(replay, head, {
        watched: { tokens: network.tokens, recipients, native: [] },
      });
      expect(transfers.length).toBeGreaterThan(20);
      for (const txId of seeds.flatMap(crowdIds)) {
        const report = await found(txId);
        expect(report.transfers.filter(transfer => recipients.includes(transfer.to))).toEqual(
          transfers.filter(transfer => transfer.txId === txId),
        );
        highest = Math.max(highest, ...report.transfers.map(({ ordinal }) => ordinal));
      }
    }
    expect(highest).toBeGreaterThanOrEqual(2);
  });

  test('also after another block has it', async () => {
    const [before] = (await found()).transfers;
    replay.add(replay.blocks.get(2)!);
    expect(await lookup(replay, paid)).toEqual({ kind: 'unknown' });
    mine(replay, 2, { fork: 'other' });
    const logs = (header: RawHeader) => [
      madeLog(header, { address, from, to, value: 3n, tx: paid, index: 7 }),
    ];
    mine(replay, 1, { logs });
    const { transfers, block } = await found();
    expect(block.height).toBe(5);
    expect(transfers).toEqual([{ ...before, block }]);
  });
});

describe('what the receipt says of the outcome', () => {
  test('status 0 is a failure, whatever logs there are', async () => {
    const { block } = await found();
    for (const logs of [[], replay.receipt(paid)!.logs, null]) {
      lieInReceipts(replay, receipt => ({ ...receipt, status: '0x0', logs }));
      expect(await lookup(replay, paid)).toEqual({ kind: 'failed', block });
    }
  });

  test.each([undefined, null])('without a status (%s) the logs tell', async status => {
    const honest = await found();
    lieInReceipts(replay, receipt => ({ ...receipt, status }));
    expect(await found()).toEqual(honest);
  });

  test('a receipt without a block is of a transaction that waits', async () => {
    lieInReceipts(replay, receipt => ({ ...receipt, blockHash: null, blockNumber: null }));
    expect(await lookup(replay, paid)).toEqual({ kind: 'unknown' });
  });

  test('logs that were taken back are a reason to ask again', async () => {
    lieInReceipts(replay, receipt => ({
      ...receipt,
      logs: receipt.logs.map(log => ({ ...log, removed: true })),
    }));
    await expect(found()).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  });

  test('a log given twice is one transfer', async () => {
    const honest = await found();
    lieInReceipts(replay, receipt => ({ ...receipt, logs: [...receipt.logs, ...receipt.logs] }));
    expect(await found()).toEqual(honest);
  });

  test('other events and other contracts stand beside the transfer', async () => {
    const honest = await found();
    lieInReceipts(replay, receipt => {
      const [log] = receipt.logs as [RawLog];
      const others: Partial<RawLog>[] = [
        { address: stranger },
        { topics: [madeHash('Approval(address,address,uint256)'), ...log.topics.slice(1)] },
        { topics: [] },
        { topics: [...log.topics, topicOf('0x07')], data: '0x' },
        { data: `0x${'00'.repeat(32)}` },
      ];
      const beside = others.map((other, index) => ({ ...log, ...other, logIndex: `0x${index + 5}` }));
      return { ...receipt, logs: [...beside, log] };
    });
    expect(await found()).toEqual(honest);
  });

  test('upper-case hex is the same', async () => {
    const honest = await found();
    const shout = (text: string) => `0x${text.slice(2).toUpperCase()}`;
    lieInReceipts(replay, receipt => ({
      ...receipt,
      transactionHash: shout(receipt.transactionHash),
      blockHash: shout(receipt.blockHash),
      logs: receipt.logs.map(log => ({ ...log, address: shout(log.address) })),
    }));
    expect(await found()).toEqual(honest);
  });
});

describe('lies are found', () => {
  test.each<[string, Record<string, unknown>]>([
    ['of another transaction', { transactionHash: madeHash('another') }],
    ['of no transaction', { transactionHash: undefined }],
    ['with half a block', { blockHash: null }],
    ['with the other half', { blockNumber: null }],
    ['without a block', { blockHash: undefined, blockNumber: undefined }],
    ['of a block on another fork', { blockHash: madeHash('elsewhere') }],
    ['of a block at another height', { blockNumber: '0x4' }],
    ['of a block that is not there yet', { blockNumber: '0x999' }],
    ['with a malformed height', { blockNumber: '3' }],
    ['with an unknown status', { status: '0x2' }],
    ['with a malformed status', { status: true }],
    ['without logs', { logs: undefined }],
    ['with half a log', { logs: [{}] }],
  ])('a receipt %s', async (_, change) => {
    lieInReceipts(replay, receipt => ({ ...receipt, ...change }));
    await failedLookup(replay, paid);
  });

  test('the whole receipt of another transaction', async () => {
    const other = madeHash('payment in 0x4');
    for (const status of ['0x0', '0x1']) {
      lieInReceipts(replay, () => ({ ...replay.receipt(other), status }));
      await failedLookup(replay, paid);
    }
  });

  test.each<[string, Partial<RawLog>]>([
    ['of another transaction', { transactionHash: madeHash('another') }],
    ['of another block', { blockHash: madeHash('elsewhere') }],
    ['at another height', { blockNumber: '0x4' }],
    ['of another contract at the same place', { logIndex: '0x0' }],
    [
      'with another amount at the same place',
      { address, logIndex: '0x0', data: `0x${'9'.padStart(64, '0')}` },
    ],
    ['with malformed data', { data: '0xzz' }],
    ['with a malformed index', { logIndex: '' }],
  ])('a receipt with a log %s', async (_, change) => {
    lieInReceipts(replay, receipt => ({
      ...receipt,
      logs: receipt.logs.flatMap(log => [log, { ...log, address: stranger, logIndex: '0x5', ...change }]),
    }));
    await failedLookup(replay, paid);
  });

  test.each<[string, Lie]>([
    ['a text', { result: 'pending' }],
    ['a list', { result: [] }],
    ['a page', { body: '<html>' }],
    ['an error', { error: { code: -32000, message: 'transaction indexing is in progress' } }],
  ])('%s instead of a receipt', async (_, lie) => {
    replay.lie = call => (call.method === 'eth_getTransactionReceipt' ? lie : undefined);
    await failedLookup(replay, paid);
  });

  test.each<[string, Lie]>([
    ['no header', { result: null }],
    ['the header of another height', { result: { number: '0x4', hash: madeHash('4') } }],
    ['an error', { error: { code: -32000, message: 'header not found' } }],
  ])('%s where the block must be', async (_, lie) => {
    replay.lie = call => (call.method === 'eth_getBlockByNumber' ? lie : undefined);
    await failedLookup(replay, paid);
  });

  test.each<[string, (sent: RawTransaction) => unknown]>([
    ['nothing', () => null],
    ['another transaction', sent => ({ ...sent, hash: madeHash('another') })],
    ['another one that sends nothing', sent => ({ ...sent, hash: madeHash('another'), value: '0x0' })],
    ['one of another block', sent => ({ ...sent, blockHash: madeHash('elsewhere') })],
  ])('%s where the transaction of the receipt must be', async (_, change) => {
    const result = change({ ...replay.transaction(paid)!, to, value: '0x9' });
    replay.lie = call => (call.method === 'eth_getTransactionByHash' ? { result } : undefined);
    await failedLookup(replay, paid);
  });

  test('a block that is undone between the two calls', async () => {
    replay.lie = call => {
      if (call.method === 'eth_getBlockByNumber') {
        replay.add(replay.blocks.get(2)!);
        mine(replay, 3, { fork: 'other' });
      }
      return undefined;
    };
    await failedLookup(replay, paid);
  });

  test('a failed transaction on another fork', async () => {
    lieInReceipts(replay, receipt => ({ ...receipt, status: '0x0', blockHash: madeHash('elsewhere') }));
    await failedLookup(replay, paid);
  });
});
