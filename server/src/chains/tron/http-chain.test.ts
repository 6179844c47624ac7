import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainConformance } from '../../../../test/chain-conformance.ts';
import { recordedJson, recordedTronBlock } from '../../../../test/recorded-chain.ts';
import { keyIn, openRecordedTron, tronNetwork, tronReplay } from '../../../../test/recorded-tron.ts';
import type { ReplayRpc } from '../../../../test/replay-rpc.ts';
import { TronHttpFace } from '../../../../test/tron-http-face.ts';
import type { Chain } from '../chain.ts';
import { Pace } from '../pace.ts';
import { openChain } from '../registry.ts';
import { decodeHttpBlock, decodeResult, paymentOf } from './http-block.ts';

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

  const recorded = recordedJson('tron/http/block_60836289_visible.json');
  const pays = (txID: string, value: object) => ({
    txID,
    raw_data: { contract: [{ type: 'TransferContract', parameter: { value } }] },
  });
  const paymentsOf = (block: object) =>
    [...decodeHttpBlock(block)!.transactions.values()].flatMap(({ payment }) => payment ?? []);

  test.each([`41${'0'.repeat(40)}`, 'T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb'])(
    'somebody pays the zero address, which is %s, and the other payments of the block are found',
    to_address => {
      const before = paymentsOf(recorded);
      const { owner_address } = recorded.transactions[0].raw_data.contract[0].parameter.value;
      const burnt = pays('ab'.repeat(32), { amount: 1, owner_address, to_address });
      const after = paymentsOf({ ...recorded, transactions: [burnt, ...recorded.transactions] });
      expect(before).toHaveLength(39);
      expect(after).toEqual([expect.objectContaining({ to: '0'.repeat(40), units: 1n }), ...before]);
    },
  );

  test('an address that is none is not passed over: it may be what was garbled of ours', () => {
    const key = `41${'a'.repeat(40)}`;
    for (const broken of [{ to_address: key.slice(2) }, { owner_address: `${key}00` }]) {
      const value = { amount: 1, owner_address: key, to_address: key, ...broken };
      const transactions = [pays('ab'.repeat(32), value)];
      expect(() => decodeHttpBlock({ ...recorded, transactions })).toThrow('a malformed address');
    }
  });

  test('the first block gives out whatever its genesis file says, by a sender that is no address', () => {
    const owner_address = Buffer.from('0x000000000000000000000').toString('hex');
    const given = [99_000_000, 0, undefined, -(2 ** 63)].map((amount, index) =>
      pays(`${index}`.repeat(64), { amount, owner_address, to_address: `41${'a'.repeat(40)}` }),
    );
    const { number: _, ...raw_data } = recorded.block_header.raw_data;
    const first = { ...recorded, block_header: { raw_data }, transactions: given };
    expect(decodeHttpBlock(first, 0)?.transactions.size).toBe(4);
    expect(paymentsOf(first)).toEqual([]);
  });

  test.each([
    ['SUCCESS', true],
    [undefined, true],
    ['REVERT', false],
    ['OUT_OF_ENERGY', false],
  ])('a transaction of which a block says %s succeeded: %s', (contractRet, succeeded) => {
    const block = recordedJson('tron/http/block_60836289_visible.json');
    const [first] = block.transactions;
    const changed = { ...block, transactions: [{ ...first, ret: [{ contractRet }] }] };
    expect([...decodeHttpBlock(changed)!.transactions.values()]).toMatchObject([{ succeeded }]);
  });

  test.each([2 ** 53, 0.5, 0, -1, '7', undefined])(
    '%j sun is no payment that one could be sure of',
    amount => {
      const key = `41${'a'.repeat(40)}`;
      const value = { amount, owner_address: key, to_address: key };
      const contract = [{ type: 'TransferContract', parameter: { value } }];
      expect(paymentOf({ raw_data: { contract } })).toBeNull();
    },
  );

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

  test('its limiter is one to leave it alone for a while, and then to ask again', async () => {
    let now = 0;
    const pace = new Pace({ now: () => now, wait: async ms => (now += ms) });
    chain = openChain(tronNetwork, { url: face.url, kind: 'tron-http' }, pace);
    face.lie = path => (path === infos ? { Error: 'lack of computing resources' } : undefined);
    await expect(read()).rejects.toMatchObject({ retryable: true });
    face.lie = () => undefined;
    await expect(read()).rejects.toThrow('is left alone for 1 s');
    now += 1000;
    expect(await read()).toMatchObject({ kind: 'read' });
  });

  type Json = Record<string, unknown>;
  /** From now on what is asked for at `path` is answered as `change` makes it of the honest answer. */
  async function change<T>(path: string, body: Json, change: (honest: T) => unknown) {
    const changed = await change((await face.honest(path, body)) as T);
    face.lie = asked => (asked === path ? changed : undefined);
  }
  const num = Number(recordedTronBlock().header.number);

  test.each<[string, (all: Json[]) => unknown]>([
    ['at another height', all => all.map(one => ({ ...one, blockNumber: num - 1 }))],
    [
      'that failed where the block says that they succeeded',
      all => all.map(one => ({ ...one, result: 'FAILED' })),
    ],
  ])('results %s are those of another block', async (_, lie) => {
    await change(infos, { num }, lie);
    await expect(read()).rejects.toMatchObject({ retryable: true });
  });

  test('another block than asked for is none', async () => {
    await change('/wallet/getblockbynum', { num }, honest => honest);
    await expect(chain.block(num - 1, signal)).rejects.toMatchObject({ retryable: true });
  });

  const asked = '/wallet/triggerconstantcontract';
  const decimals = async (answer: object) => {
    face.lie = path => (path === asked ? answer : undefined);
    return (await chain.identity(signal)).tokens.map(token => token.decimals);
  };

  test.each([
    ['that was refused', { result: { code: 'CONTRACT_VALIDATE_ERROR', message: '4e6f20636f6e7472616374' } }],
    ['of another word', { result: { result: true }, constant_result: ['f'.repeat(64)] }],
    ['of no word, as of a revert', { result: { result: true }, constant_result: [''] }],
  ])('an answer to decimals() %s means that there is no such token', async (_, answer) => {
    expect(new Set(await decimals(answer))).toEqual(new Set([null]));
  });

  test.each([
    [
      'a CPU timeout',
      {
        result: {
          code: 'OTHER_ERROR',
          message: Buffer.from("Program$OutOfTimeException : CPU timeout for 'PUSH1'").toString('hex'),
        },
      },
    ],
    ['any other error', { result: { code: 'CONTRACT_EXE_ERROR' } }],
    ['nothing', {}],
  ])('%s is no verdict on the token', async (_, answer) => {
    await expect(decimals(answer)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
  });

  test('a tip that another fork has by now is not read up to', async () => {
    const { tip } = await chain.head(signal);
    const after = { height: tip.height - 1, hash: tip.parent };
    const head = { tip: { ...tip, hash: `0x${'e'.repeat(64)}` }, final: -1 };
    const range = { after, head, limit: 5 };
    const reading = chain.read(range, { tokens: tronNetwork.tokens, recipients, native: [] }, signal);
    await expect(reading).rejects.toThrow('moved');
  });

  test.each<[string, (info: Json) => unknown]>([
    ['of another transaction', info => ({ ...info, id: '1'.repeat(64) })],
    ['of one that failed, where the block says that it succeeded', info => ({ ...info, result: 'FAILED' })],
    ['of another block', info => ({ ...info, blockNumber: num - 1 })],
  ])('the result %s is not that of the one asked for', async (_, lie) => {
    const value = recordedTronBlock().logs[0]!.transactionHash.slice(2);
    await change('/wallet/gettransactioninfobyid', { value }, lie);
    await expect(chain.transaction(value, signal)).rejects.toMatchObject({ retryable: true });
  });

  test('a balance is that of a solid block, and asked for again where that has changed meanwhile', async () => {
    const solid = '/walletsolidity/getnowblock';
    replay.finalized = num;
    const block = (await face.honest('/wallet/getblockbynum', { num })) as Json;
    const at = (number: number) => ({ ...block, block_header: { raw_data: { ...rawOf(block), number } } });
    let asked = 0;
    face.lie = path => (path === solid ? at(num + Math.min(asked++, 2)) : undefined);
    const held = await chain.balance(keyIn(recordedTronBlock().logs[0]!.topics[2]), await tip(), signal);
    expect([held?.height, asked]).toEqual([num + 2, 4]);
    face.lie = path => (path === solid ? at(num + asked++) : undefined);
    await expect(chain.balance(recipients[0]!, await tip(), signal)).rejects.toThrow('moved');
  });

  test.each([-9_222_000_000_000_000_000, 2 ** 53])(
    'nobody can tell what an address holds of which the node says %d',
    async balance => {
      replay.finalized = num;
      face.lie = path => (path === '/walletsolidity/getaccount' ? { address: '41', balance } : undefined);
      expect(await chain.balance(recipients[0]!, await tip(), signal)).toBeNull();
    },
  );
  const rawOf = (block: Json) => (block.block_header as { raw_data: Json }).raw_data;
  const tip = async () => (await chain.head(signal)).tip;

  test('a solid block of a backend that is ahead is cut to the tip', async () => {
    await change('/wallet/getnowblock', {}, () => face.honest('/wallet/getblockbynum', { num: num - 1 }));
    replay.finalized = num;
    expect((await chain.head(signal)).final).toBe(num - 1);
  });

  test('a solidified side that fails does not make blocks final by depth', async () => {
    face.lie = path => (path.startsWith('/walletsolidity') ? 503 : undefined);
    await expect(chain.head(signal)).rejects.toMatchObject({ retryable: true });
  });

  test('without its solidified side, blocks are final by depth', async () => {
    replay.finalized = null;
    face.lie = path => (path.startsWith('/walletsolidity') ? null : undefined);
    const { tip, final } = await chain.head(signal);
    expect(final).toBe(tip.height - (tronNetwork.finality.depth - 1));
  });
});
