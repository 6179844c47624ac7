import { expect, test } from 'vitest';
import { ChainError } from './chain.ts';
import { NodeError, TooLarge } from './json-rpc-answer.ts';
import { narrowerSpan } from './log-limits.ts';

const asked = { from: 0x1000, to: 0x1000 + 19_999 };
const says = (text: string, code = -32602) => new NodeError(text, { code, text });

test.each<[string, string, number]>([
  ['Infura', 'query returned more than 10000 results. Try with this block range [0x1000, 0x10ff].', 0x100],
  [
    'Alchemy, free',
    'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x1000, 0x1009]. Upgrade to PAYG for expanded block range.',
    10,
  ],
  [
    'Alchemy, paid',
    'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x1000, 0x17ff]',
    0x800,
  ],
  ['reth, llamarpc', 'query exceeds max results 20000, retry with the range 4096-4195', 100],
  ['QuickNode, trial', 'eth_getLogs is limited to a 5 range', 5],
  ['QuickNode, paid', 'eth_getLogs is limited to a 10,000 range', 10_000],
  ['Cloudflare', 'Max range: 800', 800],
  ['thirdweb', 'Maximum allowed number of requested blocks is 1000', 1000],
  ['BlockPI', 'eth_getLogs is limited to 1024 block range. Please check the parameter requirements', 1024],
  ['Coinbase', 'requested too many blocks, please limit the query to at most 1000 blocks', 1000],
  ['PublicNode', 'exceed maximum block range: 5000', 5000],
  ['Avalanche', 'requested too many blocks from 4096 to 24095, maximum is set to 2048', 2048],
  ['dRPC, free', 'ranges over 10000 blocks are not supported on freetier', 10_000],
  ['Merkle', 'eth_getLogs range is too large, max is 1k blocks', 1000],
  ['java-tron', 'exceed max block range: 5000', 5000],
  ['Moonriver', 'block range is too wide (maximum 1024)', 1024],
  ['Blast, paid', 'exceeds the range allowed for your plan (20000 > 3000)', 3000],
  ['Ankr, small chains', 'maximum [from, to] blocks distance: 1000', 1000],
])('%s says how much may be asked', (_, text, span) => {
  expect(narrowerSpan(says(text), asked)).toBe(span);
});

test.each([
  ['Ankr', 'block range is too wide'],
  ['Chainstack', 'Block range limit exceeded. See more details at https://docs.chainstack.com'],
  ['Infura and java-tron', 'query returned more than 10000 results'],
  ['Ankr and llamarpc', 'query exceeds max results 20000'],
  ['Arbitrum', 'logs matched by query exceeds limit of 10000'],
  ['Optimism', 'Block range is too large'],
  ['Optimism, size', 'backend response too large'],
  ['Base', 'block range too large'],
  ['java-tron, size', 'Response is too large'],
  ['Alchemy, size', 'Log response size exceeded.'],
  ['1RPC', 'response size should not greater than 10000000 bytes'],
  ['java-tron, bytes', 'Response byte size exceeds the limit of 26214400'],
  ['Ankr, logs', 'query exceeds max logs 200000'],
  ['a slow node', 'query timeout exceeded'],
  ['a slow geth', 'request timed out'],
  ['a slow erigon', 'context deadline exceeded'],
])('%s says only that it is too much, and half is asked', (_, text) => {
  expect(narrowerSpan(says(text), asked)).toBe(10_000);
});

test('an answer larger than we take is asked for in halves', () => {
  expect(narrowerSpan(new TooLarge(1), asked)).toBe(10_000);
});

test.each([
  'Too Many Requests',
  'daily request count exceeded, request rate limited',
  'exceeds the frequency limit(3), and the query server is suspended for 30s',
  'lack of computing resources',
  'unknown block',
  'invalid blockHash',
  'BlockOutOfRangeError: block height is 0 but requested was 16',
  'block range extends beyond current head block',
  'header not found',
])('%j is no limit on the range', text => {
  expect(narrowerSpan(says(text), asked)).toBeNull();
});

test('an error that the node did not send is no limit', () => {
  expect(narrowerSpan(new ChainError('Max range: 5', { retryable: true }), asked)).toBeNull();
});

test('the span always shrinks, whatever the node suggests', () => {
  for (const text of ['Max range: 50000', 'Max range: 0', 'exceed max block range: 20000'])
    expect(narrowerSpan(says(text), asked)).toBe(10_000);
  expect(narrowerSpan(says('Try with this block range [0x1, 0x1004]'), asked)).toBe(10_000);
  expect(narrowerSpan(says('Try with this block range [0x1000, 0x1]'), asked)).toBe(10_000);
});

test('of one block there is no smaller range', () => {
  expect(narrowerSpan(says('Max range: 5'), { from: 7, to: 7 })).toBeNull();
});
