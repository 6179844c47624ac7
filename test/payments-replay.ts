/**
 * A small made chain with a payment in every block, and the ways to read it: what the tests of the readings share. Nothing
 * in it is recorded.
 */
import type { Head, Position, Reading, TransactionReport, Watched } from '../server/src/chains/chain.ts';
import { ChainError } from '../server/src/chains/chain.ts';
import { openChain } from '../server/src/chains/registry.ts';
import { type Network, networks } from '../server/src/domain/asset.ts';
import { addGenesis, madeHash, madeLog, mine } from './recorded-chain.ts';
import { filterOf, type RawLog, type RawReceipt, ReplayRpc } from './replay-rpc.ts';

const signal = new AbortController().signal;

export const network: Network = {
  ...networks['BEP-20'],
  finality: { by: 'tag', depth: 4 },
  logSpan: 1000,
};
export const usdt = network.tokens[0]!;
export const usdc = network.tokens[1]!;
export const from = '0x00000000000000000000000000000000000f0001';
export const to = '0x00000000000000000000000000000000000a0002';
const watched: Watched = { tokens: network.tokens, recipients: [to], native: [] };
const genesis: Position = { height: 0, hash: madeHash('genesis') };

export async function openReplay(): Promise<ReplayRpc> {
  const replay = await ReplayRpc.start();
  replay.chainId = network.chainId;
  addGenesis(replay);
  return replay;
}

/** `count` blocks, each with one payment of as many units as its height. */
export function minePayments(replay: ReplayRpc, count: number) {
  mine(replay, count, {
    logs: header => {
      const tx = madeHash(`payment in ${header.number}`);
      return [
        madeLog(header, { address: usdt.contract, from, to, value: BigInt(header.number), tx, index: 0 }),
      ];
    },
  });
}

/** The two ways to read the same blocks: nothing final, and all but the newest four settled. */
export const ways = ['fresh', 'settled'] as const;

export async function headFor(replay: ReplayRpc, way: (typeof ways)[number]): Promise<Head> {
  const { tip } = await openChain(network, { url: replay.url }).head(signal);
  return { tip, final: way === 'fresh' ? -1 : tip.height };
}

type Options = { after?: Position; limit?: number; watched?: Watched };

export const read = (replay: ReplayRpc, head: Head, options: Options = {}): Promise<Reading> =>
  openChain(network, { url: replay.url }).read(
    { after: options.after ?? genesis, head, limit: options.limit ?? 1000 },
    options.watched ?? watched,
    signal,
  );

export async function mustRead(replay: ReplayRpc, head: Head, options: Options = {}) {
  const reading = await read(replay, head, options);
  if (reading.kind !== 'read') throw new Error('the chain diverged');
  return reading;
}

export const lookup = (replay: ReplayRpc, txId: string): Promise<TransactionReport> =>
  openChain(network, { url: replay.url }).transaction(txId, signal);

/** The failure of a reading that must fail, and be worth another try. */
export const failedRead = (replay: ReplayRpc, head: Head, options: Options = {}): Promise<ChainError> =>
  failureOf(read(replay, head, options));

/** The failure of a lookup that must fail, and be worth another try. */
export const failedLookup = (replay: ReplayRpc, txId: string): Promise<ChainError> =>
  failureOf(lookup(replay, txId));

async function failureOf(answer: Promise<unknown>): Promise<ChainError> {
  const error = await answer.catch((caught: unknown) => caught);
  if (!(error instanceof ChainError))
    throw new Error('the provider was believed, or failed in another way', { cause: error });
  if (!error.retryable) throw new Error('the failure is not worth another try', { cause: error });
  return error;
}

export const units = (reading: { transfers: readonly { units: bigint }[] }) =>
  reading.transfers.map(transfer => Number(transfer.units));

export const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** From now on log queries are answered with what `change` makes of the honest answer. */
export function lieInLogs(replay: ReplayRpc, change: (logs: RawLog[]) => RawLog[]) {
  const blocks = [...replay.blocks.values()];
  replay.lie = call => {
    const filter = filterOf(call);
    if (!filter) return undefined;
    const asked = blocks.filter(({ header }) =>
      filter.blockHash === undefined
        ? Number(header.number) >= Number(filter.fromBlock) && Number(header.number) <= Number(filter.toBlock)
        : header.hash === filter.blockHash,
    );
    return { result: change(asked.flatMap(block => block.logs)) };
  };
}

/** From now on receipts are answered with what `change` makes of the honest one. */
export function lieInReceipts(replay: ReplayRpc, change: (receipt: RawReceipt) => Record<string, unknown>) {
  replay.lie = ({ method, params }) => {
    const receipt = method === 'eth_getTransactionReceipt' ? replay.receipt(params[0] as string) : null;
    return receipt ? { result: change(receipt) } : undefined;
  };
}
