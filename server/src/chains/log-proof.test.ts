/** An answer to a log query against the header, the receipts, and the recorded truth. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  headFor,
  lieInLogs,
  minePayments,
  network,
  openReplay,
  read,
  to,
  ways,
} from '../../../test/payments-replay.ts';
import { madeHash, mine, recordedBlock, topicOf, transferTopic } from '../../../test/recorded-chain.ts';
import { filterOf, type Lie, type RawLog, type ReplayRpc } from '../../../test/replay-rpc.ts';
import { isRuledOut, missesLogs, noteEvidence } from './block-evidence.ts';
import type { Block } from './chain.ts';

let replay: ReplayRpc;
beforeEach(async () => {
  replay = await openReplay();
  minePayments(replay, 3);
  for (const block of replay.blocks.values())
    Object.assign(block.header, {
      logsBloom: bloomOf(block.logs),
      transactions: [...new Set(block.logs.map(log => log.transactionHash))],
    });
});
afterEach(() => replay.close());

/** By the definition, apart from the code under test. */
function bloomOf(logs: RawLog[]): string {
  const bits = new Uint8Array(256);
  for (const item of logs.flatMap(log => [log.address, ...log.topics])) {
    const hash = keccak_256(hexToBytes(item.slice(2)));
    for (const at of [0, 2, 4]) {
      const bit = ((hash[at]! << 8) + hash[at + 1]!) & 2047;
      bits[255 - Math.floor(bit / 8)]! |= 1 << (bit % 8);
    }
  }
  return `0x${bytesToHex(bits)}`;
}

const readFresh = async () => read(replay, await headFor(replay, 'fresh'));
const distrusted = { name: 'Untrusted', distrust: 'contradiction', retryable: true };

test('an honest answer costs no question more', async () => {
  const { kind } = await readFresh();
  expect(kind).toBe('read');
  expect(replay.count('eth_getBlockReceipts') + replay.count('eth_getTransactionReceipt')).toBe(0);
});

test('an empty answer where header and receipts have a payment is a contradiction', async () => {
  lieInLogs(replay, () => []);
  await expect(readFresh()).rejects.toMatchObject(distrusted);
});

test('an empty answer that the receipts confirm is believed: a bloom may be wrong', async () => {
  for (const block of replay.blocks.values()) Object.assign(block, { logs: [], receipts: [] });
  expect(await readFresh()).toMatchObject({ kind: 'read', transfers: [] });
  expect(replay.count('eth_getBlockReceipts')).toBeGreaterThan(0);
});

test.each<Lie>([
  { error: { code: -32601, message: 'the method does not exist' } },
  { body: 'not found', status: 404 },
  { body: '', status: 501 },
])('where receipts of blocks are not served, a bloom alone accuses nobody: %j', async refusal => {
  replay.lie = call => {
    if (filterOf(call)) return { result: [] };
    return call.method === 'eth_getBlockReceipts' ? refusal : undefined;
  };
  expect(await readFresh()).toMatchObject({ kind: 'read', transfers: [] });
});

test('receipts of another fork, as a balancer may give them, accuse nobody', async () => {
  replay.lie = call => {
    if (filterOf(call)) return { result: [] };
    if (call.method !== 'eth_getBlockReceipts') return undefined;
    const { logs } = replay.blocks.get(Number(call.params[0]))!;
    return { result: [{ logs: logs.map(log => ({ ...log, blockHash: madeHash('elsewhere') })) }] };
  };
  expect(await readFresh()).toMatchObject({ kind: 'read', transfers: [] });
});

describe.each(ways)('in %s blocks', way => {
  const readThem = async () => read(replay, await headFor(replay, way));
  beforeEach(() => {
    // Deep enough below the tip to be searched at one go.
    mine(replay, 8);
  });

  test('a log that is in no transaction of its block is a contradiction', async () => {
    expect((await readThem()).kind).toBe('read');
    lieInLogs(replay, logs => logs.map(log => ({ ...log, transactionHash: madeHash(log.transactionHash) })));
    await expect(readThem()).rejects.toMatchObject(distrusted);
  });

  test('a log to somebody whom the header of its block does not know is a contradiction', async () => {
    const stranger = topicOf(madeHash('a stranger').slice(0, 42));
    lieInLogs(replay, logs => logs.map(log => ({ ...log, topics: [log.topics[0]!, stranger, topicOf(to)] })));
    await expect(readThem()).rejects.toMatchObject(distrusted);
  });
});

test('an empty answer to a range is held against the header at its end', async () => {
  mine(replay, network.finality.depth);
  const head = await headFor(replay, 'settled');
  expect(await read(replay, head, { limit: 3 })).toMatchObject({ kind: 'read', through: { height: 3 } });
  lieInLogs(replay, logs => logs.slice(0, 2));
  await expect(read(replay, head, { limit: 3 })).rejects.toMatchObject(distrusted);
});

test('a log of another amount cannot be told by the header, and is what a second provider is for', async () => {
  lieInLogs(replay, logs => logs.map(log => ({ ...log, data: `0x${'9'.padStart(64, '0')}` })));
  expect(await readFresh()).toMatchObject({ kind: 'read' });
});

describe('recorded blooms', () => {
  const recorded = recordedBlock('evm/ethereum/18500000');
  const block: Block = { height: 18500000, hash: recorded.header.hash, parent: '', time: 0 };
  const decoded = (log: RawLog) => ({
    address: log.address,
    topics: log.topics,
    body: log.data,
    txHash: log.transactionHash,
    blockHash: log.blockHash,
    height: Number(log.blockNumber),
    logIndex: Number(log.logIndex),
    removed: false,
  });
  noteEvidence(block, recorded.header as unknown as Record<string, unknown>);

  test('rule out none of the logs of their block, and others', () => {
    expect(recorded.logs).toHaveLength(408);
    for (const log of recorded.logs) expect(isRuledOut(block, decoded(log))).toBe(false);
    const [log] = recorded.logs;
    const strangers = Array.from({ length: 50 }, (_, index) => topicOf(madeHash(`${index}`).slice(0, 42)));
    const ruledOut = strangers.filter(topic =>
      isRuledOut(block, { ...decoded(log!), topics: [transferTopic, topic, topic] }),
    );
    expect(ruledOut.length).toBeGreaterThan(25);
  });

  test('as full as on Ethereum are not listened to', () => {
    const tokens = new Map(network.tokens.map(token => [token.contract, token]));
    const recipients = new Set([topicOf(to)]);
    expect(missesLogs(block, { tokens, recipients }, [])).toBe(false);
  });

  test('of zeros, as java-tron has them, say nothing', () => {
    const zero: Block = { ...block };
    noteEvidence(zero, { logsBloom: `0x${'00'.repeat(256)}` });
    expect(isRuledOut(zero, decoded(recorded.logs[0]!))).toBe(false);
  });
});
