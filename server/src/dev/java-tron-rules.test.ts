import { describe, expect, test } from 'vitest';
import { logRange, refuse, refuseBatch, refuseLogs } from './java-tron-rules.ts';

const call = (method: string, ...params: unknown[]) => refuse({ id: 1, method, params })?.message ?? null;
const chain = { head: 100_000, finalized: 99_982 };
const range = (filter: object) => {
  const result = logRange(filter, chain);
  return result.kind === 'refused' ? result.fault.message : result;
};
const hex = (height: number) => `0x${height.toString(16)}`;

describe('block tags', () => {
  test('block queries take latest, earliest, finalized and numbers, but neither safe nor pending', () => {
    for (const tag of ['latest', 'earliest', 'finalized', '0x10']) {
      expect(call('eth_getBlockByNumber', tag, false)).toBeNull();
      expect(call('eth_getLogs', { fromBlock: tag, toBlock: 'latest' })).toBeNull();
    }
    expect(call('eth_getBlockByNumber', 'safe', false)).toBe('TAG safe not supported');
    expect(call('eth_getBlockReceipts', 'pending')).toBe('TAG pending not supported');
    expect(call('eth_getLogs', { fromBlock: '0x1', toBlock: 'safe' })).toBe('TAG safe not supported');
  });

  test('state is there for latest only', () => {
    expect(call('eth_call', { to: '0x00' }, 'latest')).toBeNull();
    expect(call('eth_call', { to: '0x00' })).toBeNull();
    expect(call('eth_getBalance', '0x00', '0x10')).toBe('QUANTITY not supported, just support TAG as latest');
    expect(call('eth_getStorageAt', '0x00', '0x0', '17')).toBe(
      'QUANTITY not supported, just support TAG as latest',
    );
    expect(call('eth_getCode', '0x00', 'finalized')).toBe(
      'TAG [earliest | pending | finalized | safe] not supported',
    );
    expect(call('eth_getCode', '0x00', 'newest')).toBe('invalid block number');
  });

  test('what a real node does not have passes', () => {
    expect(call('evm_mine')).toBeNull();
    expect(call('anvil_reorg', 3, [])).toBeNull();
    expect(call('eth_sendTransaction', {})).toBeNull();
    expect(call('eth_getTransactionCount', '0x00', 'pending')).toBeNull();
  });
});

describe('log filters', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => hex(i));

  test('a thousand addresses or topics pass, one more does not', () => {
    expect(call('eth_getLogs', { address: many(1000), topics: [null, many(1000)] })).toBeNull();
    expect(call('eth_getLogs', { address: many(1001) })).toBe('exceed max addresses: 1000');
    expect(call('eth_getLogs', { topics: [null, null, many(1001)] })).toBe('exceed max topics: 1000');
    expect(call('eth_getLogs', { topics: [null, null, null, null, null] })).toBe(
      'topics size should be <= 4',
    );
  });

  test('a block hash excludes a range', () => {
    expect(call('eth_getLogs', { blockHash: '0xab' })).toBeNull();
    expect(call('eth_getLogs', { blockHash: '0xab', toBlock: 'latest' })).toBe(
      'cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other',
    );
  });

  test('5001 blocks pass, 5002 do not, and only blocks that exist count', () => {
    expect(range({ fromBlock: hex(1000), toBlock: hex(6000) })).toEqual({
      kind: 'range',
      from: 1000,
      to: 6000,
    });
    expect(range({ fromBlock: hex(1000), toBlock: hex(6001) })).toBe('exceed max block range: 5000');
    expect(range({ fromBlock: hex(95_000), toBlock: hex(900_000) })).toEqual({
      kind: 'range',
      from: 95_000,
      to: 100_000,
    });
    expect(range({ fromBlock: hex(94_999), toBlock: 'latest' })).toBe('exceed max block range: 5000');
    expect(range({ fromBlock: '94999' })).toBe('exceed max block range: 5000');
  });

  test('a range must not end before it begins', () => {
    expect(range({ fromBlock: '0x11', toBlock: '0x10' })).toBe('please verify: fromBlock <= toBlock');
    expect(range({ fromBlock: 'latest', toBlock: 'finalized' })).toBe('please verify: fromBlock <= toBlock');
    expect(range({ fromBlock: 'one', toBlock: '0x10' })).toBe('invalid block number');
  });

  test('from beyond the head is an empty answer', () => {
    expect(range({ fromBlock: hex(100_001), toBlock: hex(100_002) })).toEqual({ kind: 'empty' });
    expect(range({ fromBlock: hex(100_001) })).toEqual({ kind: 'empty' });
  });

  test('what is left out means the head', () => {
    expect(range({})).toEqual({ kind: 'range', from: 100_000, to: 100_000 });
    expect(range({ toBlock: '0x10' })).toEqual({ kind: 'range', from: 16, to: 16 });
    expect(range({ fromBlock: 'finalized' })).toEqual({ kind: 'range', from: 99_982, to: 100_000 });
  });

  test('more than ten thousand results are refused', () => {
    expect(refuseLogs(Array(10_000))).toBeNull();
    expect(refuseLogs(Array(10_001))).toEqual({
      code: -32005,
      message: 'query returned more than 10000 results',
      data: '{}',
    });
  });
});

test('a batch holds one to a hundred calls', () => {
  expect(refuseBatch(1)).toBeNull();
  expect(refuseBatch(100)).toBeNull();
  expect(refuseBatch(101)).toEqual({ code: -32005, message: 'Batch size 101 exceeds the limit of 100' });
  expect(refuseBatch(0)?.code).toBe(-32600);
});
