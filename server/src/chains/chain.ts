/**
 * The narrow interface behind which every chain stands: pure reads of ONE provider. An adapter keeps no state, no
 * cursor, no retry loop and knows nothing of invoices. Its law, proved by test/chain-conformance.ts: asked with the same
 * `after`, `head` and watched set, a chain that ends a reading at the same block gives the same answer.
 */
import type { AssetCode, Network, Token } from '../domain/asset.ts';
import type { Result } from '../lib/result.ts';
import type { Pace } from './pace.ts';

/** A block position. Heights grow but may have gaps. */
export type Position = { height: number; hash: string };

/** `time` in milliseconds since the epoch, as the chain tells it. `parent` is the hash of the block before. */
export type Block = Position & { parent: string; time: number };

/**
 * The newest block a provider knows, and the height up to which blocks can no longer be undone (≤ tip.height; -1 when
 * none is final yet).
 */
export type Head = { tip: Block; final: number };

/**
 * One transfer of a token, as the chain's log shows it, or of the network's own coin, as a transaction that succeeded has
 * it. Its identity is (txId, asset, from, to, units, ordinal): `ordinal`
 * counts equal tuples within the transaction from 0, so that it survives the transaction's move to another block.
 * `from` and `to` are address keys; `units` are the coin's base units, always > 0.
 */
export type ChainTransfer = {
  txId: string;
  asset: AssetCode;
  from: string;
  to: string;
  units: bigint;
  ordinal: number;
  block: Position & { time: number };
};

/**
 * What to look for: transfers of any of `tokens` to any of `recipients`, and of the network's own coin to any of `native`
 * (address keys). The latter are in no log: they cost the whole of every block, which is asked for only while there are any.
 */
export type Watched = {
  tokens: readonly Token[];
  recipients: readonly string[];
  native: readonly string[];
};

/**
 * What a chain says of the blocks right after a position. `read`: everything watched up to and including `through`, and
 * the headers a later walk back may need: those from the final block on, and `through` itself, lowest first, each the parent of
 * the next. `diverged`: `after` is not on this provider's chain (any more).
 */
export type Reading =
  | { kind: 'read'; through: Block; blocks: Block[]; transfers: ChainTransfer[] }
  | { kind: 'diverged' };

/**
 * What a provider says of one transaction. `unknown`: it is in no block of this provider's chain: never sent, still
 * waiting, undone since, or not yet seen by a node that lags. `failed`: it is in a block, but was reverted and moved
 * nothing. `found`: it is in `block`, with every transfer of the network's coins in it, to whomever, in the order and
 * with the identities that `read` gives.
 */
export type TransactionReport =
  | { kind: 'unknown' }
  | { kind: 'failed'; block: Position & { time: number } }
  | { kind: 'found'; block: Position & { time: number }; transfers: ChainTransfer[] };

/**
 * The same once it was held against what we have read. `above`: a header of ours, at the block of the transaction or higher, that
 * the provider has, too: that block is of our chain then. Without one it is not read yet, or of a fork. `shownBy`: how many providers
 * said just this, of so many that could be `asked`; no more were than was wanted.
 */
export type Looked = TransactionReport & { above?: Position | null; shownBy?: number; asked?: number };

/** What a provider really serves, to be held against the network's row before it is believed. */
export type Identity = {
  chainId: number;
  /**
   * Hash of the oldest block (height 0): tells one local chain from another with the same id. Null where it was not asked
   * for: of a public chain many nodes have dropped it.
   */
  genesis: string | null;
  /** Decimals as the contract at each token's address answers them; null where there is no such contract. */
  tokens: { asset: AssetCode; contract: string; decimals: number | null }[];
};

export interface Chain {
  identity(signal: AbortSignal): Promise<Identity>;
  head(signal: AbortSignal): Promise<Head>;
  /** The block at a height, or null where the provider has none. */
  block(height: number, signal: AbortSignal): Promise<Block | null>;
  /** Reads at most `limit` blocks after `after`, never beyond `head.tip`, which the same provider gave just before. */
  read(
    range: { after: Position; head: Head; limit: number },
    watched: Watched,
    signal: AbortSignal,
  ): Promise<Reading>;
  /** Looks one transaction up by its id, in the form of `ChainTransfer.txId`. Says nothing of how final its block is. */
  transaction(txId: string, signal: AbortSignal): Promise<TransactionReport>;
  /**
   * What an address (key) holds of the network's own coin, in its base units: at `at`, which is final, or at another
   * final block, where the provider knows the state of its newest ones only. Null: no provider can tell it of this address.
   */
  balance(key: string, at: Position, signal: AbortSignal): Promise<{ units: bigint; height: number } | null>;
}

/** An address in two forms: `key` is what is stored, compared and matched; `text` is what people read and copy. */
export type Address = { key: string; text: string };

/** What is common to all providers of a family and needs no network call. */
export interface ChainFamily {
  parseAddress(text: string): Result<Address>;
  /** The form people read, of a key that this family made. */
  addressText(key: string): string;
  /** Reads a transaction id as people write it into the form of `ChainTransfer.txId`. The fault never repeats the text. */
  parseTransactionId(text: string): Result<string>;
  /** Throws a ChainError that is not retryable when the provider's URL is unusable. */
  open(provider: Provider, network: Network, pace?: Pace): Chain;
}

/** How a provider is spoken to: the Ethereum JSON-RPC, which java-tron has too, or the HTTP API of a Tron full node. */
export const providerKinds = ['json-rpc', 'tron-http'] as const;

/** One endpoint, by JSON-RPC unless it says otherwise. `headers` carry the provider's key. */
export type Provider = {
  url: string;
  headers?: Readonly<Record<string, string>>;
  kind?: (typeof providerKinds)[number];
};

/**
 * A provider failed. `retryable`: another try, or another provider, may do better. Not retryable: it will say the same
 * again (a wrong chain, an unknown method). The message never holds the URL, which may carry a key.
 */
export class ChainError extends Error {
  override name = 'ChainError';
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options);
    this.retryable = options.retryable;
  }
}

/** Why a provider is believed no more. */
export type Distrust = 'contradiction' | 'wrong_chain' | 'forked';

/** A provider said what cannot be so. Another one may do better; this one is not to be asked again for a while. */
export class Untrusted extends ChainError {
  override name = 'Untrusted';
  readonly distrust: Distrust;
  constructor(distrust: Distrust, message: string) {
    super(message, { retryable: true });
    this.distrust = distrust;
  }
}
