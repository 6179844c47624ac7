/** What a chain family brings to the law of chains (chain-conformance.ts). */
import type { Chain, ChainTransfer, Position, Watched } from '../server/src/chains/chain.ts';
import type { Network } from '../server/src/domain/asset.ts';

/** A transfer as the fixture knows it by other means than the adapter. */
export type KnownTransfer = Omit<ChainTransfer, 'block'> & { height: number };

export type ChainFixture = {
  network: Network;
  chain: Chain;
  watched: Watched;
  /** Before everything that is watched; at least three blocks with transfers and 20 blocks follow. */
  start: Position;
  /** All that is watched after `start`, in the order of the chain, with two equal ones in one transaction, and some of its own coin. */
  transfers: readonly KnownTransfer[];
  /**
   * Transactions after `start` that pay nobody who is watched: `wrong contract`, `nothing moved`, `ERC-721`, `no receiver`,
   * `failed with value`, and `failed` or `another coin` where there is one.
   */
  decoys: { kind: string; txId: string }[];
  /** What an address holds of the chain's own coin at its final block. */
  held: { key: string; units: bigint };
  /** Replaces the newest `depth` blocks, at most 5, by at least as many others without transfers. */
  reorganise(depth: number): Promise<void>;
  /** Sends a payment of what is watched, which waits until `include` puts it into a new block at the tip. */
  submit(): Promise<{ txId: string; include: () => Promise<void> }>;
  close(): Promise<void>;
};
