import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lie, ReplayRpc } from '../../../test/replay-rpc.ts';
import { ChainError } from './chain.ts';
import { openEndpoint } from './http-post.ts';
import { call, callTogether } from './json-rpc.ts';
import { NodeError, TooLarge } from './json-rpc-answer.ts';

const signal = new AbortController().signal;
const chainId = { method: 'eth_chainId', params: [] };
const headers = { authorization: 'Bearer a-header-secret' };
let replay: ReplayRpc;
beforeAll(async () => {
  replay = await ReplayRpc.start();
});
afterAll(() => replay.close());
beforeEach(() => {
  replay.lie = () => undefined;
  replay.takesBatches = true;
});

const open = () => openEndpoint({ url: replay.url, headers });

async function failure(lie: Lie): Promise<ChainError> {
  replay.lie = () => lie;
  const error = await call(open(), chainId, signal).catch((caught: ChainError) => caught);
  if (!(error instanceof ChainError)) throw new Error('an answer was taken');
  expect(error.message).not.toMatch(/127\.0\.0\.1|secret/);
  return error;
}

test('an honest answer is its result', async () => {
  expect(await call(open(), chainId, signal)).toBe('0x1');
  expect(replay.headers).toMatchObject({ ...headers, 'content-type': 'application/json' });
});

test.each<[string, Lie]>([
  ['an HTML page', { body: '<!doctype html><title>Just a moment...</title>' }],
  ['half a JSON text', { body: '{"jsonrpc":"2.0","id":1,"resu' }],
  ['nothing', { body: '' }],
  ['JSON that is no envelope', { body: '"0x1"' }],
  ['null', { body: 'null' }],
  ['a list for a single question', { body: '[]' }],
  ['the answer to another question', { body: '{"jsonrpc":"2.0","id":"other","result":"0x1"}' }],
  ['HTTP 429 in words', { status: 429, body: 'Too Many Requests' }],
  ['HTTP 503 with a page', { status: 503, body: '<html>' }],
  ['HTTP 500 with a result', { status: 500, body: '{"id":1,"result":"0x1"}' }],
  ['a redirect', { status: 302, body: '' }],
  ['a broken tail', { body: '{"jsonrpc":"2.0","id":1,"result":"0x1"} trailing' }],
])('%s is a failure worth another try', async (_, lie) => {
  expect((await failure(lie)).retryable).toBe(true);
});

test('an envelope with neither a result nor an error is a failure', async () => {
  replay.lie = ({ id }) => ({ body: JSON.stringify({ jsonrpc: '2.0', id }) });
  await expect(call(open(), chainId, signal)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
});

test('an error for another question is not what the node says to ours', async () => {
  const error = await failure({ body: '{"id":"other","error":{"code":-32601,"message":"x"}}' });
  expect(error).not.toBeInstanceOf(NodeError);
  expect(error.retryable).toBe(true);
});

test('a result of null is a result', async () => {
  replay.lie = () => ({ result: null });
  expect(await call(open(), chainId, signal)).toBeNull();
});

test('the limiter of java-tron speaks outside the envelope', async () => {
  const words = 'class org.tron.core.services.http.X : lack of computing resources';
  const error = await failure({ body: JSON.stringify({ Error: words }) });
  expect(error.retryable).toBe(true);
  expect(error.message).toContain('lack of computing resources');
});

test("the node's own words stay readable, and an unknown method is not worth another try", async () => {
  const limit = { code: -32005, message: 'query returned more than 10000 results', data: { to: '0x5' } };
  const limited = await failure({ error: limit });
  expect(limited).toBeInstanceOf(NodeError);
  expect(limited).toMatchObject({ retryable: true, code: -32005 });
  expect((limited as NodeError).text).toContain('more than 10000 results {"to":"0x5"}');
  const unknown = await failure({ error: { code: -32601, message: 'Method not found' } });
  expect(unknown.retryable).toBe(false);
});

test('an error behind an HTTP status or without our id is still the error of the node', async () => {
  const error = { code: -32602, message: 'up to a 10 block range' };
  expect(await failure({ status: 400, body: JSON.stringify({ id: null, error }) })).toMatchObject({
    code: -32602,
  });
});

test('keys that a provider repeats do not get into messages or fields', async () => {
  const { host } = new URL(replay.url);
  const message = `a-secret-key at ${host}\nwith Bearer a-header-secret is over its limit`;
  const error = await failure({ error: { code: -32001, message, data: replay.url } });
  const everything = JSON.stringify({ ...error, message: error.message, stack: error.stack });
  expect(everything).not.toMatch(/a-secret-key|a-header-secret/);
  expect(error.message).not.toContain('\n');
  expect(error.message).toContain('is over its limit');
});

test('an answer of more than 64 MB is dropped', async () => {
  const body = `{"id":1,"result":"${'0'.repeat(64 * 1024 * 1024)}"}`;
  expect(await failure({ body })).toBeInstanceOf(TooLarge);
});

test('a provider that is not there', async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  const error = await call(openEndpoint({ url: `http://127.0.0.1:${port}/key` }), chainId, signal).catch(
    (caught: ChainError) => caught,
  );
  if (!(error instanceof ChainError)) throw new Error('an answer was taken');
  expect(error.retryable).toBe(true);
  expect(error.message).toBe('the provider could not be reached: ECONNREFUSED');
  expect(error.cause).toBeUndefined();
});

test.each(['', 'not a url', 'ws://127.0.0.1:8546/secret'])('%j is no provider URL', url => {
  const opening = () => openEndpoint({ url });
  expect(opening).toThrow(ChainError);
  expect(opening).toThrow(/not an http or https URL$/);
});

test('the caller can stop a call, and gets its own reason', async () => {
  const stop = new AbortController();
  const reason = new Error('shutting down');
  const running = call(open(), chainId, stop.signal);
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(call(open(), chainId, stop.signal)).rejects.toBe(reason);
});

describe('several calls in one request', () => {
  const block = { method: 'eth_nonsense', params: [] };

  test('are answered in the order asked, errors in their place', async () => {
    const before = replay.requests;
    const answers = await callTogether(open(), [chainId, block, chainId], signal);
    expect(answers?.map(answer => (answer.ok ? answer.value : answer.fault.code))).toEqual([
      '0x1',
      -32601,
      '0x1',
    ]);
    expect(replay.requests).toBe(before + 1);
  });

  test('that come to too many bytes are a limit on what is asked, and no word on batches', async () => {
    const error = { code: -32003, message: 'Response byte size exceeds the limit of 26214400' };
    replay.lie = () => ({ body: JSON.stringify({ jsonrpc: '2.0', id: null, error }) });
    await expect(callTogether(open(), [chainId, chainId], signal)).rejects.toMatchObject({
      ...{ name: 'NodeError', code: -32003 },
    });
  });

  test('are null where batches are not taken', async () => {
    replay.takesBatches = false;
    expect(await callTogether(open(), [chainId], signal)).toBeNull();
    replay.takesBatches = true;
    replay.lie = () => ({ status: 405, body: 'Method Not Allowed' });
    expect(await callTogether(open(), [chainId], signal)).toBeNull();
  });

  test('fail when one is answered twice', async () => {
    replay.lie = ({ id }) => ({
      body: JSON.stringify([
        { id, result: '0x1' },
        { id, result: '0x38' },
      ]),
    });
    await expect(callTogether(open(), [chainId], signal)).rejects.toMatchObject({ retryable: true });
  });

  test.each<[string, Lie]>([
    ['a limiter', { body: '{"id":null,"error":{"code":-32005,"message":"rate limit reached"}}' }],
    ['an HTTP 429', { status: 429, body: '' }],
    ['an answer that is missing', { body: '[]' }],
    ['one answer for all', { body: '{"id":1,"result":"0x1"}' }],
  ])('fail by %s', async (_, lie) => {
    replay.lie = () => lie;
    await expect(callTogether(open(), [chainId], signal)).rejects.toMatchObject({ retryable: true });
  });
});
