import { afterAll, describe, expect, test } from 'vitest';
import { chainConformance } from '../../../../test/chain-conformance.ts';
import { recordedJson, recordedTronBlock } from '../../../../test/recorded-chain.ts';
import { keyIn, openRecordedTron, tronNetwork, tronReplay, trxIn } from '../../../../test/recorded-tron.ts';
import type { RawBlock, RawLog, ReplayRpc } from '../../../../test/replay-rpc.ts';
import { TronHttpFace } from '../../../../test/tron-http-face.ts';
import type { ChainTransfer, Watched } from '../chain.ts';
import { tron } from './adapter.ts';
import { tronAddressText } from './address.ts';

const signal = new AbortController().signal;
const opened: ReplayRpc[] = [];
afterAll(() => Promise.all(opened.map(replay => replay.close())));

const network = tronNetwork;

async function replayOf(blocks: RawBlock[]): Promise<ReplayRpc> {
  const replay = await tronReplay(blocks);
  opened.push(replay);
  return replay;
}

const readAll = (replay: ReplayRpc, recipients: string[]): Promise<ChainTransfer[]> =>
  readFrom(replay.url, { tokens: network.tokens, recipients, native: [] });

async function readFrom(url: string, watched: Watched): Promise<ChainTransfer[]> {
  const chain = tron.open({ url }, network);
  const head = { ...(await chain.head(signal)), final: -1 };
  const after = { height: head.tip.height - 1, hash: head.tip.parent };
  const reading = await chain.read({ after, head, limit: 9 }, watched, signal);
  if (reading.kind !== 'read') throw new Error('diverged');
  return reading.transfers;
}

chainConformance({
  name: 'Tron, recorded',
  open: () =>
    openRecordedTron(async replay => {
      const face = await TronHttpFace.open(replay.url, network.chainId);
      return { url: `${face.url}/jsonrpc`, close: () => face.close() };
    }),
});

describe('TRX by the JSON-RPC, which shows TRC-10 tokens as if they were TRX', () => {
  const block = recordedTronBlock();
  const receivers = block.sent!.map(({ to }) => `41${to!.slice(2)}`);
  const readTrx = (provider: string) => readFrom(provider, { tokens: [], recipients: [], native: receivers });

  test('the recorded block has 39 payments in TRX and 23 of TRC-10 tokens, and the former are read', async () => {
    const replay = await replayOf([block]);
    const face = await TronHttpFace.open(replay.url, network.chainId);
    try {
      const transfers = await readTrx(`${face.url}/jsonrpc`);
      expect(block.sent).toHaveLength(39 + 23);
      expect(transfers.map(({ block: { height }, ...rest }) => ({ ...rest, height }))).toEqual(trxIn(block));
      // An HTTP API that does not know what the JSON-RPC shows is one that lags: nothing is said of it.
      face.lie = path => (path === '/wallet/gettransactionbyid' ? {} : undefined);
      await expect(readTrx(`${face.url}/jsonrpc`)).rejects.toMatchObject({ retryable: true });
    } finally {
      await face.close();
    }
  });

  // Each root on its own, too: what a node fills a field with says nothing of what is in the block.
  const zeros = `0x${'0'.repeat(64)}`;
  test.each([
    ['zeros', { transactionsRoot: zeros }],
    ['nothing', { transactionsRoot: '0x' }],
    ['a digest of its own kind', {}],
  ])(
    'an empty block of a node of today is read, with %s for the root of its transactions',
    async (_, root) => {
      const header = recordedJson('tron/jsonrpc-nile/eth_getBlockByNumber.json').result;
      expect(header.receiptsRoot).toBe(zeros);
      const replay = await replayOf([{ header: { ...header, ...root, transactions: [] }, logs: [] }]);
      expect(await readTrx(`${replay.url}/jsonrpc`)).toEqual([]);
    },
  );

  test('a provider without the HTTP API beside it is not asked for TRX', async () => {
    const replay = await replayOf([block]);
    await expect(readTrx(replay.url)).rejects.toThrow(/TRX cannot be told from a TRC-10 token/);
  });
});

describe('recorded Tron answers', () => {
  test('five transfers of exactly 462 USDT to one wallet from five senders are five transfers', async () => {
    const block = recordedTronBlock();
    expect(block.logs).toHaveLength(81);
    const replay = await replayOf([block]);
    const transfers = await readAll(
      replay,
      block.logs.map(log => keyIn(log.topics[2])),
    );
    const equal = transfers.filter(({ to, units }) => to.endsWith('6c39366985ba') && units === 462_000000n);
    expect(equal).toHaveLength(5);
    expect(new Set(equal.map(({ txId }) => txId)).size).toBe(5);
    expect(new Set(equal.map(({ from }) => from)).size).toBe(5);
    expect(equal.map(({ ordinal }) => ordinal)).toEqual([0, 0, 0, 0, 0]);
  });

  test('ids are bare hex, addresses have 21 bytes, and the time is the recorded one', async () => {
    const block = recordedTronBlock();
    const replay = await replayOf([block]);
    const recipients = block.logs.map(log => keyIn(log.topics[2]));
    const transfers = await readAll(replay, recipients);
    // The recorded gettransactioninfobyid of this transaction says 2384.9501 USDT.
    const one = transfers.find(({ txId }) => txId.startsWith('661f1df8'));
    expect(one).toMatchObject({ asset: 'USDT', units: 2384_950100n, block: { time: 1713150507_000 } });
    for (const { txId, from, to } of transfers) {
      expect(txId).toMatch(/^[0-9a-f]{64}$/);
      for (const key of [from, to]) expect(tronAddressText(key)).toMatch(/^T[1-9A-HJ-NP-Za-km-z]{33}$/);
    }
  });

  test('a node before java-tron 4.6.0 gives milliseconds, and the time comes out the same', async () => {
    const header = recordedJson('tron/jsonrpc/eth_getblockbynumber.json').result;
    expect(recordedJson('tron/jsonrpc/eth_getblockbyhash.json').result.timestamp).toBe(header.timestamp);
    const { logs } = recordedJson('tron/jsonrpc/eth_gettransactionreceipt.json').result;
    const replay = await replayOf([{ header, logs }]);
    const [transfer, ...others] = await readAll(replay, ['4101eb1a2d0528dd1d99592cd7baa98f2603804f76']);
    expect(others).toEqual([]);
    expect(transfer).toMatchObject({
      txId: '9ff75c018157f4504adc34058510516c603569238e5c3d156b1f0b096856b1a1',
      from: '41a346f2bd7d43a5d90b7c57a18196be96b2840e61',
      units: 581_320924n,
    });
    expect(new Date(transfer!.block.time).toISOString()).toBe('2022-04-04T11:44:03.000Z');
  });

  test('the recorded receipt is the transfer that a reading of its block gives', async () => {
    const header = recordedJson('tron/jsonrpc/eth_getblockbynumber.json').result;
    const receipt = recordedJson('tron/jsonrpc/eth_gettransactionreceipt.json').result;
    const replay = await replayOf([{ header, logs: receipt.logs, receipts: [receipt] }]);
    const [transfer] = await readAll(replay, ['4101eb1a2d0528dd1d99592cd7baa98f2603804f76']);
    const chain = tron.open({ url: replay.url }, network);
    const report = await chain.transaction(transfer!.txId, signal);
    expect(report).toEqual({ kind: 'found', block: transfer!.block, transfers: [transfer] });
    expect(report).toMatchObject({ block: { height: 0x25ad523, time: 1649072643_000 } });
    expect(replay.calls.at(-3)?.params).toEqual([`0x${transfer!.txId}`]);
  });

  test('a node of today gives seconds', async () => {
    const header = recordedJson('tron/jsonrpc-nile/eth_getBlockByNumber.json').result;
    const replay = await replayOf([{ header, logs: [] }]);
    const head = await tron.open({ url: replay.url }, network).head(signal);
    expect(new Date(head.tip.time).toISOString()).toBe('2026-04-29T04:34:36.000Z');
  });

  test('logs of other events, with data cut short by the page, are faults and not payments', async () => {
    const logs = recordedJson('tron/jsonrpc-nile/eth_getLogs.json').result as RawLog[];
    const header = recordedJson('tron/jsonrpc-nile/eth_getBlockByNumber.json').result;
    const replay = await replayOf([{ header, logs: [] }]);
    replay.lie = call => (call.method === 'eth_getLogs' ? { result: logs } : undefined);
    const recipient = '4101eb1a2d0528dd1d99592cd7baa98f2603804f76';
    await expect(readAll(replay, [recipient])).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  });

  test('an empty answer to decimals() means that there is no such token, where there is no code', async () => {
    const replay = await replayOf([recordedTronBlock()]);
    replay.decimals.clear();
    const empty = recordedJson('tron/jsonrpc/eth_call.json').result;
    replay.lie = call => (call.method === 'eth_call' ? { result: empty } : undefined);
    const { chainId, tokens } = await tron.open({ url: replay.url }, network).identity(signal);
    expect(chainId).toBe(728126428);
    expect(tokens.map(token => token.decimals)).toEqual([null, null]);
  });
});
