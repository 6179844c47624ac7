/** From what was found to transfers: order, identity and the block each one is in. */
import type { AssetCode } from '../domain/asset.ts';
import { type Block, ChainError, type ChainTransfer } from './chain.ts';

/**
 * One payment as it was found: `place` is that of its log, or of its transaction, in the block. `from` and `to` are 40
 * lower-case hex digits, hashes are lower case with 0x.
 */
export type Found = {
  asset: AssetCode;
  from: string;
  to: string;
  units: bigint;
  txHash: string;
  blockHash: string;
  height: number;
  place: number;
};

/** How a family writes what the Ethereum JSON-RPC calls addresses and transaction hashes. */
export type Spelling = {
  /** The address key of 40 lower-case hex digits. */
  key(digits: string): string;
  /** The 40 lower-case hex digits of an address key. */
  digits(key: string): string;
  /** The transaction id of a lower-case 0x hash. */
  txId(hash: string): string;
  /** The lower-case 0x hash of a transaction id. */
  hash(txId: string): string;
};

/**
 * What was `found` as transfers in the order of the chain, each held against its header in `blocks` (every block with one
 * must be there). In a block those of its own coin come before those in its logs. Throws a ChainError when one's block is
 * not the one the header is of: the chain moved in between.
 */
export function toTransfers(
  found: { native: readonly Found[]; logs: readonly Found[] },
  blocks: ReadonlyMap<number, Block>,
  spelling: Spelling,
): ChainTransfer[] {
  const inPlace = (some: readonly Found[]) => some.toSorted((a, b) => a.place - b.place);
  const inOrder = [...inPlace(found.native), ...inPlace(found.logs)].sort((a, b) => a.height - b.height);
  const homes = new Map<string, string>();
  const counts = new Map<string, number>();
  return inOrder.map(log => {
    const block = blocks.get(log.height);
    const home = homes.get(log.txHash) ?? log.blockHash;
    homes.set(log.txHash, home);
    if (block?.hash !== log.blockHash || home !== log.blockHash)
      throw new ChainError('a block changed while it was read', { retryable: true });
    // Equal transfers of one transaction are told apart by their order, which survives its move to another block.
    const tuple = [log.txHash, log.asset, log.from, log.to, log.units].join(' ');
    const ordinal = counts.get(tuple) ?? 0;
    counts.set(tuple, ordinal + 1);
    return {
      txId: spelling.txId(log.txHash),
      asset: log.asset,
      from: spelling.key(log.from),
      to: spelling.key(log.to),
      units: log.units,
      ordinal,
      block: { height: block.height, hash: block.hash, time: block.time },
    };
  });
}
