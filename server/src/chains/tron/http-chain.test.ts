import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainConformance } from '../../../../test/chain-conformance.ts';
import { recordedJson, recordedTronBlock } from '../../../../test/recorded-chain.ts';
import { keyIn, openRecordedTron, tronNetwork, tronReplay } from '../../../../test/recorded-tron.ts';
import type { ReplayRpc } from '../../../../test/replay-rpc.ts';
import { TronHttpFace } from '../../../../test/tron-http-face.ts';
import type { Chain } from '../chain.ts';
import { openChain } from '../registry.ts';
import { decodeHttpBlock, decodeResult } from './http-block.ts';

const signal = new AbortController().signal;

chainConformance({
  name: 'Tron, recorded, by the HTTP API',
  open: () =>
    openRecordedTron(async replay => {
      const face = await TronHttpFace.open(replay.url, tronNetwork.chainId);
      return { url: face.url, kind: 'tron-http', close: () => face.close() };
    }),
});

describe('recorded answers of a full node', () => {
  test('a block has its id, parent, time in ms, and which transactions succeeded', () => {
    const block = decodeHttpBlock(recordedJson('tron/http/block_60836289_visible.json'), 60836289);
    expect(block).toMatchObject({
      height: 60836289,
      hash: '0x0000000003a049c105c2475bc7540db72bdcf237df6fa0bcb4db2901f48cfbe7',
      parent: '0x0000000003a049c06cc3f72dfe57ecb1dba89ba956a94ea1bf1d1eb59d154af7',
      time: 1713150507_000,
    });
    expect(block?.transactions.size).toBe(170);
    expect(decodeHttpBlock({})).toBeNull();
  });

  test('a result has its logs, and a failed one or one of plain TRX has none', () => {
    const paid = decodeResult(recordedJson('tron/http/transaction_info_usdt_b69c51db.json'));
    expect(paid).toMatchObject({ height: 66861993, failed: false });
    expect(paid?.logs).toHaveLength(1);
    expect(paid?.logs[0]?.address).toBe('a614f803b6fd780986a42c78ec9c7f77e6ded13c');
    const failed = decodeResult(recordedJson('tron/http/transaction_info_failed_e63a324a.json'));
    expect(failed).toMatchObject({ failed: true, logs: [] });
    const plain = decodeResult(recordedJson('tron/http/transaction_info_trx_23897196.json'));
    expect(plain).toMatchObject({ failed: false, logs: [] });
    expect(decodeResult({})).toBeNull();
  });
});

describe('a full node that does not keep up with itself', () => {
  let replay: ReplayRpc;
  let face: TronHttpFace;
  let chain: Chain;
  beforeEach(async () => {
    replay = await tronReplay([recordedTronBlock()]);
    face = await TronHttpFace.open(replay.url, tronNetwork.chainId);
    chain = openChain(tronNetwork, { url: face.url, kind: 'tron-http' });
  });
  afterEach(async () => {
    await face.close();
    await replay.close();
  });

  const recipients = recordedTronBlock().logs.map(log => keyIn(log.topics[2]));
  const read = async () => {
    const { tip } = await chain.head(signal);
    const after = { height: tip.height - 1, hash: tip.parent };
    const range = { after, head: { tip, final: -1 }, limit: 5 };
    return chain.read(range, { tokens: tronNetwork.tokens, recipients, native: [] }, signal);
  };
  const infos = '/wallet/gettransactioninfobyblocknum';

  test.each([
    ['no results of a block that has transactions', (path: string) => (path === infos ? [] : undefined)],
    ['a block that is not there yet', (path: string) => (path === '/wallet/getblockbynum' ? {} : undefined)],
    [
      'its limiter',
      (path: string) => (path === infos ? { Error: 'lack of computing resources' } : undefined),
    ],
    [
      'results of other transactions',
      (path: string) =>
        path === infos ? Array.from({ length: 81 }, () => ({ id: '1'.repeat(64) })) : undefined,
    ],
    ['something that is no list', (path: string) => (path === infos ? { id: 1 } : undefined)],
  ])('%s is a reason to ask again, never an empty block', async (_, lie) => {
    face.lie = lie;
    await expect(read()).rejects.toMatchObject({ retryable: true });
    face.lie = () => undefined;
    expect(await read()).toMatchObject({ kind: 'read' });
  });

  test('without its solidified side, blocks are final by depth', async () => {
    replay.finalized = null;
    face.lie = path => (path.startsWith('/walletsolidity') ? null : undefined);
    const { tip, final } = await chain.head(signal);
    expect(final).toBe(tip.height - (tronNetwork.finality.depth - 1));
  });
});
