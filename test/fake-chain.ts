/**
 * A chain in memory that can do what real ones do to us: fork, lose transactions, include them elsewhere, stop, begin
 * anew. Providers look at it through views that may lag, sit on an old fork, or fail.
 */
import {
  type Block,
  type Chain,
  ChainError,
  type ChainTransfer,
  type Head,
  type Identity,
  type Position,
  type Reading,
  type TransactionReport,
  type Watched,
} from '../server/src/chains/chain.ts';
import { type AssetCode, coinsOf, isNative, type Network } from '../server/src/domain/asset.ts';

export type FakeTransfer = { asset: AssetCode; from: string; to: string; units: bigint };
/** One that `fails` takes its place in a block and moves nothing. */
export type FakeTransaction = {
  id: string;
  transfers: readonly FakeTransfer[];
  fails?: boolean;
  /** What contracts send on in it, which shows in balances alone. */
  inside?: readonly FakeTransfer[];
};
type FakeBlock = Block & { transactions: readonly FakeTransaction[] };

export class FakeChain {
  readonly network: Network;
  /** Never changed in place, so that a view can keep an old one. */
  blocks: readonly FakeBlock[];
  mempool: FakeTransaction[] = [];
  #made = 0;
  #sent = 0;

  constructor(network: Network, time: number) {
    this.network = network;
    this.blocks = [this.#block(null, time, [])];
  }

  get tip(): FakeBlock {
    const tip = this.blocks.at(-1);
    if (!tip) throw new Error('a chain has at least one block');
    return tip;
  }

  /** When each transaction was sent, in ms of the world's clock. */
  readonly sentAt = new Map<string, number>();

  /** Puts a transaction where the next blocks may take it from. */
  send(transfers: readonly FakeTransfer[], now = 0, fails = false): FakeTransaction {
    const number = (++this.#sent).toString(16);
    const id = this.network.family === 'tron' ? number.padStart(64, '0') : `0x${number.padStart(64, '0')}`;
    const transaction = { id, transfers, fails };
    this.sentAt.set(id, now);
    this.mempool.push(transaction);
    return transaction;
  }

  /** Mines one block with the given transactions of the mempool. */
  mine(time: number, take: (transaction: FakeTransaction) => boolean = () => true): FakeBlock {
    const taken = this.mempool.filter(take);
    this.mempool = this.mempool.filter(transaction => !taken.includes(transaction));
    const block = this.#block(this.tip, Math.max(time, this.tip.time + 1000), taken);
    this.blocks = [...this.blocks, block];
    return block;
  }

  /** Drops the newest `depth` blocks; their transactions are answered, for the caller to send on or forget. */
  drop(depth: number): FakeTransaction[] {
    const kept = Math.max(1, this.blocks.length - depth);
    const dropped = this.blocks.slice(kept);
    this.blocks = this.blocks.slice(0, kept);
    return dropped.flatMap(block => block.transactions);
  }

  /** Begins anew with another first block: what a local chain does when its state was lost. */
  reset(time: number): void {
    this.blocks = [this.#block(null, time, [])];
    this.mempool = [];
  }

  /** Every transfer on the chain, with its block, in order. */
  transfers(): ChainTransfer[] {
    return this.blocks.flatMap(transfersOf);
  }

  #block(parent: FakeBlock | null, time: number, transactions: readonly FakeTransaction[]): FakeBlock {
    const hash = `0x${(++this.#made).toString(16).padStart(64, '0')}`;
    return {
      height: parent ? parent.height + 1 : 0,
      hash,
      parent: parent?.hash ?? `0x${'0'.repeat(64)}`,
      time: Math.floor(time / 1000) * 1000,
      transactions,
    };
  }
}

function transfersOf({ height, hash, time, transactions }: FakeBlock): ChainTransfer[] {
  return transactions.flatMap(({ id, transfers, fails }) => {
    if (fails) return [];
    const seen = new Map<string, number>();
    return transfers.map(transfer => {
      const tuple = `${transfer.asset} ${transfer.from} ${transfer.to} ${transfer.units}`;
      const ordinal = seen.get(tuple) ?? 0;
      seen.set(tuple, ordinal + 1);
      return { ...transfer, txId: id, ordinal, block: { height, hash, time } };
    });
  });
}

/** What one provider shows of a fake chain, and how it fails. */
export class FakeProvider implements Chain {
  readonly #chain: FakeChain;
  /** Blocks behind the tip. */
  lag = 0;
  /** Blocks as they once were: a provider that sits on an old fork. */
  frozen: readonly FakeBlock[] | null = null;
  /** Called before every answer; throws to make the call fail, and may change the world meanwhile. */
  onCall: (call: 'head' | 'block' | 'read' | 'transaction' | 'identity' | 'balance') => Promise<void> =
    async () => undefined;

  constructor(chain: FakeChain) {
    this.#chain = chain;
  }

  async identity(): Promise<Identity> {
    await this.onCall('identity');
    const { network } = this.#chain;
    const genesis = this.#view()[0]?.hash ?? '';
    return { chainId: network.chainId, genesis, tokens: network.tokens.map(token => ({ ...token })) };
  }

  async head(): Promise<Head> {
    await this.onCall('head');
    const tip = this.#view().at(-1);
    if (!tip) throw new ChainError('no block yet', { retryable: true });
    return { tip: header(tip), final: Math.max(-1, tip.height - (this.#chain.network.finality.depth - 1)) };
  }

  async block(height: number): Promise<Block | null> {
    await this.onCall('block');
    const block = this.#view()[height];
    return block ? header(block) : null;
  }

  async read(range: { after: Position; head: Head; limit: number }, watched: Watched): Promise<Reading> {
    await this.onCall('read');
    const view = this.#view();
    if (view[range.after.height]?.hash !== range.after.hash) return { kind: 'diverged' };
    // The chain has moved on to another fork since the head was read.
    if (view[range.head.tip.height]?.hash !== range.head.tip.hash) {
      throw new ChainError('the head has moved', { retryable: true });
    }
    const end = Math.min(range.head.tip.height, range.after.height + range.limit);
    const read = view.slice(range.after.height + 1, end + 1);
    const through = read.at(-1);
    if (!through) throw new ChainError('nothing to read', { retryable: true });
    return {
      kind: 'read',
      through: header(through),
      // No more headers than a real one gives.
      blocks: read.filter(block => block === through || block.height >= range.head.final).map(header),
      transfers: wanted(read, watched),
    };
  }

  async transaction(txId: string): Promise<TransactionReport> {
    await this.onCall('transaction');
    const home = this.#view().find(({ transactions }) => transactions.some(({ id }) => id === txId));
    if (!home) return { kind: 'unknown' };
    const block = { height: home.height, hash: home.hash, time: home.time };
    if (home.transactions.some(({ id, fails }) => id === txId && fails)) return { kind: 'failed', block };
    const coins = coinsOf(this.#chain.network).map(({ asset }) => asset);
    const transfers = transfersOf(home).filter(
      transfer => transfer.txId === txId && transfer.units > 0n && coins.includes(transfer.asset),
    );
    return { kind: 'found', block, transfers };
  }

  /** What came in of the network's own coin up to a block, less what went out; contracts' payments too. */
  async balance(key: string, at: Position): Promise<{ units: bigint; height: number } | null> {
    await this.onCall('balance');
    const view = this.#view();
    if (view[at.height]?.hash !== at.hash) throw new ChainError('another block there', { retryable: true });
    return {
      units: heldBy(view.slice(0, at.height + 1), this.#chain.network.native.asset, key),
      height: at.height,
    };
  }

  #view(): readonly FakeBlock[] {
    if (this.frozen) return this.frozen;
    const { blocks } = this.#chain;
    return blocks.slice(0, Math.max(1, blocks.length - this.lag));
  }
}

/** Of tokens all that is in a log; of the network's own coin only what a transaction itself sends. */
function wanted(blocks: readonly FakeBlock[], { tokens, recipients, native }: Watched): ChainTransfer[] {
  const inLogs = tokens.map(({ asset }): AssetCode => asset);
  return blocks.flatMap(transfersOf).filter(({ asset, to, units }) => {
    const watched = isNative(asset) ? native : inLogs.includes(asset) ? recipients : [];
    return watched.includes(to) && units > 0n;
  });
}

/** Sums without the fees, which are the sender's. */
function heldBy(blocks: readonly FakeBlock[], coin: AssetCode, key: string): bigint {
  const moves = blocks.flatMap(block =>
    block.transactions.flatMap(({ transfers, inside = [], fails }) =>
      fails ? [] : [...transfers, ...inside],
    ),
  );
  return moves
    .filter(({ asset }) => asset === coin)
    .reduce((sum, { from, to, units }) => sum + (to === key ? units : 0n) - (from === key ? units : 0n), 0n);
}

function header({ height, hash, parent, time }: FakeBlock): Block {
  return { height, hash, parent, time };
}
