import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addGenesis, madeHash, madeLog, mine, topicOf } from '../../../test/recorded-chain.ts';
import { filterOf, type Lie, type RawLog, ReplayRpc, type RpcCall } from '../../../test/replay-rpc.ts';
import { type Network, networks } from '../domain/asset.ts';
import type { Chain, Head, Reading, Watched } from './chain.ts';
import { ChainError } from './chain.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;
const network: Network = { ...networks['BEP-20'], finality: { by: 'tag', depth: 4 }, logSpan: 1000 };
const [usdt, usdc] = network.tokens;
const from = '0x00000000000000000000000000000000000f0001';
const to = '0x00000000000000000000000000000000000a0002';
const watched: Watched = { tokens: network.tokens, recipients: [to] };
const genesis = { height: 0, hash: madeHash('genesis') };

let replay: ReplayRpc;
let chain: Chain;
beforeEach(async () => {
  replay = await ReplayRpc.start();
  replay.chainId = network.chainId;
  addGenesis(replay);
  chain = openChain(network, { url: replay.url });
});
afterEach(() => replay.close());

/** `count` blocks, each with one payment of as many units as its height. */
function minePayments(count: number) {
  mine(replay, count, {
    logs: header => [
      madeLog(header, {
        address: usdt!.contract,
        from,
        to,
        value: BigInt(header.number),
        tx: madeHash(`payment in ${header.number}`),
        index: 0,
      }),
    ],
  });
}

const read = (head: Head, options: { after?: typeof genesis; limit?: number; watched?: Watched } = {}) =>
  chain.read(
    { after: options.after ?? genesis, head, limit: options.limit ?? 1000 },
    options.watched ?? watched,
    signal,
  );

async function mustRead(head: Head, options: Parameters<typeof read>[1] = {}) {
  const reading = await read(head, options);
  if (reading.kind !== 'read') throw new Error('diverged');
  return reading as Extract<Reading, { kind: 'read' }>;
}

const units = (reading: { transfers: { units: bigint }[] }) =>
  reading.transfers.map(transfer => Number(transfer.units));
const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function expectRetry(head: Head) {
  const error = await read(head).catch(caught => caught);
  expect(error).toBeInstanceOf(ChainError);
  expect(error.retryable).toBe(true);
  return error as ChainError;
}

/** The two ways to read the same ten blocks: nothing final, and all but the newest four settled. */
const ways = ['fresh', 'settled'] as const;
const headFor = async (way: (typeof ways)[number]): Promise<Head> => {
  const { tip } = await chain.head(signal);
  return { tip, final: way === 'fresh' ? -1 : tip.height };
};

const onLogs = (change: (logs: RawLog[], call: RpcCall) => RawLog[]) => {
  const honest = new Map([...replay.blocks.values()].map(block => [block.header.hash, block.logs]));
  replay.lie = call => {
    const filter = filterOf(call);
    if (!filter) return undefined;
    const { blockHash, fromBlock, toBlock } = filter;
    const all = [...honest.values()].flat();
    const within = (log: RawLog) =>
      Number(log.blockNumber) >= Number(fromBlock) && Number(log.blockNumber) <= Number(toBlock);
    return { result: change(blockHash ? honest.get(blockHash)! : all.filter(within), call) };
  };
};

describe.each(ways)('lies about %s blocks are found', way => {
  beforeEach(() => minePayments(10));

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
    const head = await headFor(way);
    onLogs(logs => logs.map(log => ({ ...log, ...change(log) })));
    await expectRetry(head);
  });

  const answers: [string, Lie][] = [
    ['no list', { result: null }],
    ['an HTML page', { body: '<html>' }],
    ['half an answer', { body: '{"id":1,"resul' }],
    ['an error', { error: { code: -32000, message: 'unknown block' } }],
  ];
  test.each(answers)('%s instead of logs', async (_, lie) => {
    const head = await headFor(way);
    replay.lie = call => (call.method === 'eth_getLogs' ? lie : undefined);
    await expectRetry(head);
  });

  const blocks: [string, Lie | ((call: RpcCall) => Lie)][] = [
    ['no block', { result: null }],
    ['half a block', { result: { number: '0x2' } }],
    [
      'a block of another height',
      { result: { number: '0x2222', hash: madeHash('2'), parentHash: madeHash('1'), timestamp: '0x1' } },
    ],
  ];
  test.each(blocks)('%s where one must be', async (_, lie) => {
    const head = await headFor(way);
    replay.lie = call => (call.method === 'eth_getBlockByNumber' ? (lie as Lie) : undefined);
    await expectRetry(head);
  });

  test('one index that carries two different logs', async () => {
    const head = await headFor(way);
    onLogs(logs => logs.flatMap(log => [log, { ...log, data: `0x${'1'.padStart(64, '9')}` }]));
    await expectRetry(head);
  });

  test('one transaction in two blocks', async () => {
    const head = await headFor(way);
    onLogs(logs => logs.map(log => ({ ...log, transactionHash: madeHash('the same') })));
    await expectRetry(head);
  });

  test('a log given twice is one transfer, not a second payment', async () => {
    const head = await headFor(way);
    onLogs(logs => logs.flatMap(log => [log, { ...log, removed: false }]));
    const { transfers, through } = await mustRead(head);
    expect(units({ transfers })).toEqual(oneTo(through.height));
    expect(transfers.every(({ ordinal }) => ordinal === 0)).toBe(true);
  });

  test('a log that was taken back is no transfer', async () => {
    const head = await headFor(way);
    onLogs(logs => logs.map(log => ({ ...log, removed: true })));
    expect((await mustRead(head)).transfers).toEqual([]);
  });

  test('everything there is, whatever was asked', async () => {
    const head = await headFor(way);
    const all = [...replay.blocks.values()].flatMap(block => block.logs);
    onLogs(() => all);
    const after = { height: 3, hash: replay.blocks.get(3)!.header.hash };
    await expect(read(head, { after })).rejects.toMatchObject({ retryable: true });
  });

  test('upper-case hex is the same', async () => {
    const head = await headFor(way);
    const plain = await mustRead(head);
    const shout = (text: string) => `0x${text.slice(2).toUpperCase()}`;
    onLogs(logs =>
      logs.map(log => ({ ...log, address: shout(log.address), transactionHash: shout(log.transactionHash) })),
    );
    expect(await mustRead(head)).toEqual(plain);
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
    minePayments(3);
    const head = await headFor('fresh');
    onLogs(logs => logs.map(log => (log.blockNumber === '0x2' ? { ...log, ...change(log) } : log)));
    expect(units(await mustRead(head))).toEqual([1, 3]);
  });

  test('equal transfers of one transaction are counted, others are not mixed in', async () => {
    const tx = madeHash('a batch');
    const paid = { from, to, value: 7n, tx };
    mine(replay, 1, {
      logs: header => [
        // Out of order, as an answer may be.
        madeLog(header, { ...paid, address: usdt!.contract, index: 9 }),
        madeLog(header, { ...paid, address: usdc!.contract, index: 4 }),
        madeLog(header, { ...paid, address: usdt!.contract, index: 2 }),
        madeLog(header, { ...paid, address: usdt!.contract, value: 8n, index: 3 }),
        madeLog(header, { ...paid, address: usdt!.contract, from: to, index: 5 }),
        madeLog(header, { ...paid, address: usdt!.contract, tx: madeHash('another'), index: 6 }),
      ],
    });
    const { transfers } = await mustRead(await headFor('fresh'));
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

describe('a chain that moves', () => {
  beforeEach(() => minePayments(10));
  const fork = () => {
    replay.add(replay.blocks.get(7)!);
    mine(replay, 4, { fork: 'other' });
  };

  test('between the head and the walk is a failure, not an answer', async () => {
    const head = await headFor('fresh');
    fork();
    await expectRetry(head);
  });

  test('under the walk is a failure, even when every block is there', async () => {
    const head = await headFor('fresh');
    const hash = madeHash('a fork');
    const header = { ...replay.blocks.get(5)!.header, hash };
    replay.lie = call => {
      if (call.params[0] === '0x5') return { result: header };
      return filterOf(call)?.blockHash === hash ? { result: [] } : undefined;
    };
    expect((await expectRetry(head)).message).toContain('moved');
  });

  test('between the walk and the logs is a failure', async () => {
    const head = await headFor('fresh');
    let moved = false;
    replay.lie = call => {
      if (call.method === 'eth_getLogs' && !moved) {
        moved = true;
        fork();
      }
      return undefined;
    };
    expect((await expectRetry(head)).message).toContain('unknown block');
  });

  test('between the logs and the headers of settled blocks is a failure', async () => {
    const head = await headFor('settled');
    let moved = false;
    replay.lie = call => {
      // The first header asked for after the logs, other than the one in the same request.
      if (moved || replay.count('eth_getLogs') === 0 || call.params[0] !== '0x1') return undefined;
      moved = true;
      const { number, timestamp, parentHash } = replay.blocks.get(1)!.header;
      return { result: { number, timestamp, parentHash, hash: madeHash('moved') } };
    };
    expect((await expectRetry(head)).message).toContain('changed');
  });

  test('away from the position has diverged, at any depth', async () => {
    const after = { height: 9, hash: replay.blocks.get(9)!.header.hash };
    fork();
    for (const final of [-1, 7, 11]) {
      const { tip } = await chain.head(signal);
      expect(await read({ tip, final }, { after })).toEqual({ kind: 'diverged' });
    }
  });

  test('at the height of the head has diverged as well', async () => {
    const { tip } = await chain.head(signal);
    replay.add(replay.blocks.get(7)!);
    mine(replay, 3, { fork: 'other' });
    const head = await headFor('fresh');
    expect(head.tip.height).toBe(tip.height);
    expect(await read(head, { after: tip })).toEqual({ kind: 'diverged' });
  });

  test('below the position says nothing: the node may only be behind', async () => {
    const { tip } = await chain.head(signal);
    replay.add(replay.blocks.get(7)!);
    const head = await headFor('fresh');
    await expect(read(head, { after: tip })).rejects.toMatchObject({ retryable: true });
  });

  test('on one backend only, behind a balancer, is no divergence', async () => {
    const head = await headFor('fresh');
    const after = { height: 9, hash: replay.blocks.get(9)!.header.hash };
    const stale = { ...head, tip: { ...head.tip, parent: madeHash('a fork') } };
    await expect(read(stale, { after })).rejects.toMatchObject({ retryable: true });
  });
});

describe('nodes that are not in step', () => {
  beforeEach(() => minePayments(20));

  test('a backend that is behind cannot pass its empty list for a settled range', async () => {
    const head = await headFor('settled');
    const behind = 9;
    replay.lie = call => {
      const filter = filterOf(call);
      const missing = Number(filter?.toBlock ?? call.params[0]) > behind;
      if (!missing) return undefined;
      return { result: filter ? [] : null };
    };
    const error = await read(head).catch(caught => caught);
    expect(error.message).toMatch(/without having it/);
    expect(error.retryable).toBe(true);
  });

  test('the newest blocks are read by hash even where they count as final', async () => {
    const head = await headFor('settled');
    await mustRead(head, { after: { height: 17, hash: replay.blocks.get(17)!.header.hash } });
    const asked = replay.calls.filter(call => call.method === 'eth_getLogs');
    expect(asked.map(call => filterOf(call)?.blockHash !== undefined)).toEqual([true, true, true]);
  });

  test('without batches settled blocks are read one by one', async () => {
    replay.takesBatches = false;
    const reading = await mustRead(await headFor('settled'));
    expect(units(reading)).toEqual(oneTo(20));
    expect(reading.blocks).toEqual([reading.through]);
  });
});

describe("a provider's limits", () => {
  beforeEach(() => minePayments(40));

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
    expect(units(await mustRead(await headFor('settled')))).toEqual(oneTo(36));
    expect(replay.count('eth_getLogs')).toBe(1 + 4);
  });

  test('that it does not name are found by halving', async () => {
    limit(9, 'block range is too wide');
    expect(units(await mustRead(await headFor('settled')))).toEqual(oneTo(36));
  });

  test('that leave only small steps end a reading early, with what was found', async () => {
    limit(1, 'block range is too wide');
    const head = await headFor('settled');
    const first = await mustRead(head);
    expect(first.through.height).toBeLessThan(36);
    expect(units(first)).toEqual(oneTo(first.through.height));
    const second = await mustRead(head, { after: first.through });
    expect(second.through.height).toBeGreaterThan(first.through.height);
  });

  test('that no query can meet are a failure', async () => {
    limit(0, 'block range is too wide');
    await expectRetry(await headFor('settled'));
  });
});

describe('what a reading costs', () => {
  test('many recipients are asked for five hundred at a time, in both ways', async () => {
    minePayments(8);
    const others = Array.from({ length: 1200 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`);
    const many = { tokens: network.tokens, recipients: [...others, to, ...others] };
    const settled = await mustRead(await headFor('settled'), { watched: many });
    expect(units(settled)).toEqual(oneTo(4));
    expect(replay.count('eth_getLogs')).toBe(3);
    const asked = replay.calls.filter(call => call.method === 'eth_getLogs');
    expect(asked.map(call => filterOf(call)?.topics[2]?.length)).toEqual([500, 500, 201]);
    const fresh = await mustRead(await headFor('fresh'), { watched: many });
    expect(units(fresh)).toEqual(oneTo(8));
    expect(replay.count('eth_getLogs')).toBe(3 + 3 * 8);
  });

  test('a new block costs one call besides the head', async () => {
    minePayments(5);
    const head = await headFor('fresh');
    replay.calls = [];
    const { tip } = head;
    await mustRead(head, { after: { height: tip.height - 1, hash: tip.parent } });
    expect(replay.calls.map(call => call.method)).toEqual(['eth_getLogs']);
  });

  test('a long settled stretch without payments costs three calls', async () => {
    mine(replay, 900);
    const head = await headFor('settled');
    replay.calls = [];
    const { through } = await mustRead(head);
    expect(through.height).toBe(896);
    expect(replay.calls).toHaveLength(3);
  });

  test('settled blocks with payments cost a header each, and the last one comes with the logs', async () => {
    minePayments(8);
    const head = await headFor('settled');
    replay.calls = [];
    await mustRead(head);
    const headers = replay.calls.filter(call => call.method === 'eth_getBlockByNumber');
    expect(headers.map(call => call.params[0]).sort()).toEqual(['0x0', '0x1', '0x2', '0x3', '0x4']);
  });

  test('nothing watched means no log query', async () => {
    minePayments(8);
    for (const way of ways)
      for (const nobody of [
        { tokens: [], recipients: [to] },
        { tokens: network.tokens, recipients: [] },
      ])
        expect((await mustRead(await headFor(way), { watched: nobody })).transfers).toEqual([]);
    expect(replay.count('eth_getLogs')).toBe(0);
  });

  test('a reading of fresh blocks is bounded', async () => {
    mine(replay, 300);
    const reading = await mustRead(await headFor('fresh'), { limit: 5000 });
    expect(reading.through.height).toBe(100);
    expect(reading.blocks).toHaveLength(100);
  });
});
