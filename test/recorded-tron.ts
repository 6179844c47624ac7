/** Tron out of recorded answers, as a fixture of test/chain-conformance.ts; see recorded-chain.ts for what is made. */
import type { Provider } from '../server/src/chains/chain.ts';
import { openChain } from '../server/src/chains/registry.ts';
import { type Network, networks } from '../server/src/domain/asset.ts';
import type { ChainFixture, KnownTransfer } from './chain-fixture.ts';
import {
  addGenesis,
  madeCopy,
  madeHash,
  madeLog,
  madeParent,
  mine,
  recordedJson,
  recordedTronBlock,
  submitPayment,
} from './recorded-chain.ts';
import { type RawBlock, type RawLog, ReplayRpc, type Sent } from './replay-rpc.ts';

export const tronNetwork: Network = {
  ...networks['TRC-20'],
  finality: { by: 'tag', depth: 6 },
  logSpan: 4,
};

export const keyIn = (topic: string | undefined) => `41${topic!.slice(-40)}`;

/** A node that has these blocks, a block 0 and the parent of the first. */
export async function tronReplay(blocks: RawBlock[]): Promise<ReplayRpc> {
  const replay = await ReplayRpc.start();
  replay.chainId = Number(recordedJson('tron/jsonrpc/eth_chainid.json').result);
  for (const token of tronNetwork.tokens) replay.decimals.set(token.contract, token.decimals);
  addGenesis(replay);
  replay.add({ header: madeParent(blocks[0]!.header), logs: [] });
  for (const block of blocks) replay.add(block);
  return replay;
}

/** The payments in the logs, worked out without the adapter; equal ones within a transaction are none of these. */
const paymentsIn = (logs: RawLog[]): KnownTransfer[] =>
  logs
    .filter(log => BigInt(log.data) > 0n)
    .map(log => ({
      txId: log.transactionHash.slice(2),
      asset: 'USDT',
      from: keyIn(log.topics[1]),
      to: keyIn(log.topics[2]),
      units: BigInt(log.data),
      ordinal: 0,
      height: Number(log.blockNumber),
    }));

/** What is sent in TRX; transfers of TRC-10 tokens are among what the block shows. */
export const trxIn = ({ header, sent = [] }: RawBlock): KnownTransfer[] =>
  sent
    .filter(
      ({ contract, value, failed, to }) => contract === 'TransferContract' && value > 0n && !failed && to,
    )
    .map(({ hash, from, to, value }) => ({
      txId: hash.slice(2),
      asset: 'TRX',
      from: `41${from.slice(2)}`,
      to: `41${to!.slice(2)}`,
      units: value,
      ordinal: 0,
      height: Number(header.number),
    }));

/**
 * The recorded block, a copy of it and made blocks with what only looks like payments, read by `at`, which gives the
 * provider that stands before them and may need to be closed.
 */
export async function openRecordedTron(
  at: (replay: ReplayRpc) => Promise<Provider & { close?: () => Promise<void> }>,
): Promise<ChainFixture> {
  const recorded = recordedTronBlock();
  const copy = madeCopy(recorded, recorded.header);
  const replay = await tronReplay([recorded, copy]);
  const { close, ...provider } = await at(replay);
  const start = { height: Number(recorded.header.number) - 1, hash: recorded.header.parentHash };
  const from = '0x00000000000000000000000000000000000f0001';
  const to = '0x00000000000000000000000000000000000a0002';
  const spoof = '0x00000000000000000000000000000000000badad';
  const tx = (words: string) => madeHash(words);
  const contract = tronNetwork.tokens[0]!.contract;
  // Made: a recorded Tron block has no failed call, no poisoning and no spoof among its logs.
  const pays = (words: string, more: Partial<Sent> = {}): Sent => ({
    hash: tx(words),
    from,
    to,
    value: 9n,
    contract: 'TransferContract',
    ...more,
  });
  mine(replay, 24, {
    sent: index =>
      index !== 2
        ? []
        : [
            pays('undone', { failed: true }),
            pays('created', { to: null, contract: 'CreateSmartContract' }),
            pays('another coin', { contract: 'TransferAssetContract' }),
            pays('paid'),
          ],
    logs: (header, index) =>
      index !== 2
        ? []
        : [
            madeLog(header, { address: contract, from, to, value: null, tx: tx('nft'), index: 0 }),
            madeLog(header, { address: contract, from, to, value: 0n, tx: tx('zero'), index: 1 }),
            madeLog(header, { address: spoof, from: contract, to, value: 800n, tx: tx('spoof'), index: 2 }),
            madeLog(header, { address: contract, from, to, value: 5n, tx: tx('twice'), index: 3 }),
            madeLog(header, { address: contract, from, to, value: 5n, tx: tx('twice'), index: 4 }),
          ],
  });
  replay.balances.set(to, 12n);
  replay.finalized = Number(replay.tip.header.number) - 4;
  const equal: KnownTransfer = {
    txId: tx('twice').slice(2),
    asset: 'USDT',
    from: `41${from.slice(2)}`,
    to: `41${to.slice(2)}`,
    units: 5n,
    ordinal: 0,
    height: start.height + 5,
  };
  // Each costs a receipt and a look at the HTTP API in every reading: some will do.
  const own = trxIn(recorded).slice(0, 5);
  return {
    network: tronNetwork,
    chain: openChain(tronNetwork, provider),
    watched: {
      tokens: tronNetwork.tokens,
      recipients: [...recorded.logs.map(log => keyIn(log.topics[2])), equal.to],
      native: [...own.map(one => one.to), equal.to],
    },
    start,
    transfers: [
      ...own,
      ...paymentsIn(recorded.logs),
      ...paymentsIn(copy.logs),
      { ...equal, asset: 'TRX', txId: tx('paid').slice(2), units: 9n },
      equal,
      { ...equal, ordinal: 1 },
    ],
    held: { key: equal.to, units: 12n },
    decoys: [
      { kind: 'ERC-721', txId: tx('nft').slice(2) },
      { kind: 'nothing moved', txId: tx('zero').slice(2) },
      { kind: 'wrong contract', txId: tx('spoof').slice(2) },
      { kind: 'no receiver', txId: tx('created').slice(2) },
      { kind: 'failed with value', txId: tx('undone').slice(2) },
      { kind: 'another coin', txId: tx('another coin').slice(2) },
    ],
    async reorganise(depth: number) {
      replay.add(replay.blocks.get(Number(replay.tip.header.number) - depth)!);
      mine(replay, depth + 1, { fork: 'other' });
    },
    async submit() {
      const { tx, include } = submitPayment(replay, { address: contract, from, to });
      return { txId: tx.slice(2), include };
    },
    close: async () => {
      await close?.();
      await replay.close();
    },
  };
}
