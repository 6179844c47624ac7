import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { freePort } from './free-port.ts';
import { openJavaTronProxy } from './java-tron-proxy.ts';
import { type LocalChain, startLocalChain } from './local-chain.ts';
import { payOnLocalChain } from './pay.ts';

const host = '127.0.0.1';
const somewhere = () => freePort(host, 10_000 + Math.floor(Math.random() * 22_000));

let chain: LocalChain;
beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tron-proxy-'));
  chain = await startLocalChain({
    kind: 'TRC-20',
    dir,
    port: await somewhere(),
    ephemeral: true,
    mineEvery: null,
    log: createLogger('silent'),
  });
});
afterAll(() => chain?.stop());

async function post(body: string, url = chain.rpcUrl) {
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, json: JSON.parse((await response.text()) || 'null') };
}

async function ask(method: string, ...params: unknown[]) {
  const { status, json } = await post(JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }));
  expect(status).toBe(200);
  return json;
}

const refused = (message: string) => ({
  jsonrpc: '2.0',
  id: 7,
  error: { code: -32602, message, data: '{}' },
});

describe('in front of a local chain', () => {
  test('the finalized tag trails the head by 18 blocks', async () => {
    await ask('anvil_mine', '0x1e');
    const head = Number((await ask('eth_blockNumber')).result);
    const { result } = await ask('eth_getBlockByNumber', 'finalized', false);
    expect(Number(result.number)).toBe(head - 18);
  });

  test('errors ride on status 200 and repeat the id', async () => {
    expect(await ask('eth_getBlockByNumber', 'safe', false)).toEqual(refused('TAG safe not supported'));
    expect(await ask('eth_getBalance', `0x${'00'.repeat(20)}`, '0x1')).toEqual(
      refused('QUANTITY not supported, just support TAG as latest'),
    );
    expect(await ask('eth_getLogs', { fromBlock: '0x9', toBlock: '0x8' })).toEqual(
      refused('please verify: fromBlock <= toBlock'),
    );
    expect((await ask('eth_noSuchMethod')).error.code).toBe(-32601);
  });

  test('logs are found by topic, and a query from beyond the head is empty', async () => {
    const { contract } = chain.network.tokens[0]!;
    const to = `0x${'5a'.repeat(20)}`;
    const txId = await payOnLocalChain({ rpcUrl: chain.rpcUrl, token: contract, to, units: 5_000_000n });
    const topics = [null, null, [`0x${to.slice(2).padStart(64, '0')}`]];
    const found = await ask('eth_getLogs', {
      address: [contract],
      topics,
      fromBlock: '0x0',
      toBlock: '0xffffff',
    });
    expect(found.result).toMatchObject([{ address: contract, transactionHash: txId }]);
    const later = { address: contract, fromBlock: '0xfffff0', toBlock: '0xffffff' };
    expect((await ask('eth_getLogs', later)).result).toEqual([]);
  });

  test('a batch is answered call by call, in its order', async () => {
    const calls = [
      { jsonrpc: '2.0', id: 'a', method: 'eth_chainId', params: [] },
      { jsonrpc: '2.0', id: 'b', method: 'eth_getBlockByNumber', params: ['pending', false] },
      { jsonrpc: '2.0', id: 'c', method: 'evm_mine' },
      { no: 'method' },
    ];
    const { json } = await post(JSON.stringify(calls));
    expect(json).toMatchObject([
      { id: 'a', result: '0x7a6a' },
      { id: 'b', error: { code: -32602, message: 'TAG pending not supported' } },
      { id: 'c' },
      { id: null, error: { code: -32600 } },
    ]);
  });

  test('a batch above a hundred calls is one error', async () => {
    const calls = Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'eth_blockNumber' }));
    expect(await post(JSON.stringify(calls))).toEqual({
      status: 200,
      json: {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32005, message: 'Batch size 101 exceeds the limit of 100' },
      },
    });
    expect((await post(JSON.stringify(calls.slice(1)))).json).toHaveLength(100);
  });

  test('what is not JSON, not a post or far too large is refused', async () => {
    expect((await post('{')).json.error.code).toBe(-32700);
    expect((await fetch(chain.rpcUrl)).status).toBe(405);
    // Refused before it was read to the end: the answer, or the cut connection, may come first.
    const status = await fetch(chain.rpcUrl, { method: 'POST', body: 'x'.repeat(17 * 1024 * 1024) }).then(
      response => response.status,
      () => 413,
    );
    expect(status).toBe(413);
  });
});

describe('in front of a node with much to tell', () => {
  let node: ReturnType<typeof createServer>;
  let proxy: Awaited<ReturnType<typeof openJavaTronProxy>>;
  let answer: { result?: unknown; error?: { code: number; message: string } };

  beforeAll(async () => {
    node = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const isLogs = JSON.parse(body).method === 'eth_getLogs';
      response.end(JSON.stringify(isLogs ? answer : { result: { number: '0x186a0' } }));
    });
    const port = await somewhere();
    node.listen({ host, port });
    await once(node, 'listening');
    proxy = await openJavaTronProxy({ host, port: await somewhere(), nodeUrl: `http://${host}:${port}` });
  });
  afterAll(async () => {
    await proxy.close();
    node.close();
    node.closeAllConnections();
  });

  const logs = async (filter: object) =>
    (await post(JSON.stringify({ id: 7, method: 'eth_getLogs', params: [filter] }), proxy.url)).json;

  test('a query over more than 5001 blocks is refused', async () => {
    answer = { result: [] };
    expect(await logs({ fromBlock: '0x0', toBlock: '0x1388' })).toMatchObject({ result: [] });
    expect(await logs({ fromBlock: '0x0', toBlock: '0x1389' })).toEqual(
      refused('exceed max block range: 5000'),
    );
  });

  test('more than ten thousand results are refused', async () => {
    answer = { result: Array(10_001).fill('log') };
    const error = { code: -32005, message: 'query returned more than 10000 results', data: '{}' };
    expect(await logs({ fromBlock: 'latest' })).toEqual({ jsonrpc: '2.0', id: 7, error });
  });

  test('an answer above 25 MiB is refused', async () => {
    answer = { result: ['x'.repeat(26 * 1024 * 1024)] };
    expect((await logs({ fromBlock: 'latest' })).error.code).toBe(-32003);
  });

  test('a head that was taken back in between is an empty answer', async () => {
    answer = {
      error: { code: -32602, message: 'BlockOutOfRangeError: block height is 1 but requested was 2' },
    };
    expect((await logs({ fromBlock: 'latest' })).result).toEqual([]);
  });
});
