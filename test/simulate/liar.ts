/**
 * A provider that lies now and then, behind a chain's own ones. Each lie is consistent: what it shows in a range it shows of
 * the transaction as well. Every transfer that it invents is put on record, for the oracle to know it by.
 */
import {
  type Block,
  type Chain,
  type ChainTransfer,
  type Head,
  type Identity,
  type Position,
  type Reading,
  type TransactionReport,
  Untrusted,
  type Watched,
} from '../../server/src/chains/chain.ts';
import type { FakeChain, FakeProvider, FakeTransfer } from '../fake-chain.ts';
import { identityOf } from './facts.ts';

/** A transfer of an amount that somebody asks for, or of a part of one, in a block where there is none. */
type Forgery = { kind: 'forge' | 'forge part'; transfer: FakeTransfer; height: number; txId: string };

export type Lie =
  | Forgery
  /** Each transfer twice. */
  | { kind: 'double' }
  /** No transfer to one address. */
  | { kind: 'hide'; to: string }
  /** Blocks without anything in them. */
  | { kind: 'empty' }
  /** The first half of what there is. */
  | { kind: 'half' }
  | { kind: 'another chain' }
  /** Blocks of its own from a height on. */
  | { kind: 'fork'; height: number }
  /** What is newest is final already. */
  | { kind: 'final' }
  /** All blocks so many ms earlier or later than they are. */
  | { kind: 'time'; shift: number }
  /** An answer that cannot be so, as the adapters find it. */
  | { kind: 'contradiction' };

/** Of a lie that was told, and by identity the transfer that it invents or tells another time of. */
export type OnLie = (kind: Lie['kind'], about?: { invented?: string; misdated?: string }) => void;

export class Liar implements Chain {
  lie: Lie | null = null;
  readonly honest: FakeProvider;
  readonly #chain: FakeChain;
  readonly #onLie: OnLie;

  constructor(chain: FakeChain, honest: FakeProvider, onLie: OnLie) {
    this.#chain = chain;
    this.honest = honest;
    this.#onLie = onLie;
  }

  async identity(): Promise<Identity> {
    const identity = await this.honest.identity();
    if (this.lie?.kind !== 'another chain') return identity;
    this.#onLie('another chain');
    return { ...identity, chainId: identity.chainId + 1 };
  }

  async head(): Promise<Head> {
    const head = await this.honest.head();
    const tip = this.#shifted(this.#forked(head.tip));
    if (this.lie?.kind !== 'final') return { ...head, tip };
    this.#onLie('final');
    return { tip, final: tip.height };
  }

  async block(height: number): Promise<Block | null> {
    const block = await this.honest.block(height);
    return block && this.#shifted(this.#forked(block));
  }

  async read(range: { after: Position; head: Head; limit: number }, watched: Watched): Promise<Reading> {
    const { lie } = this;
    if (lie?.kind === 'contradiction') {
      this.#onLie('contradiction');
      throw new Untrusted('contradiction', 'a log is not in the block it was said to be in');
    }
    const { after, head } = range;
    if (this.#isForked(after) && !after.hash.startsWith(FORKED)) return { kind: 'diverged' };
    const truly = {
      after: this.#truly(after),
      head: { ...head, tip: { ...head.tip, ...this.#truly(head.tip) } },
    };
    const reading = await this.honest.read({ ...range, ...truly }, watched);
    if (reading.kind !== 'read' || !lie) return reading;
    const blocks = reading.blocks.map(block => this.#shifted(this.#forked(block)));
    const through = this.#shifted(this.#forked(reading.through));
    const shown = this.#shown(reading.transfers, { from: after.height, to: through.height });
    return { kind: 'read', blocks, through, transfers: shown };
  }

  async transaction(txId: string): Promise<TransactionReport> {
    const report = await this.honest.transaction(txId);
    const { lie } = this;
    if (isForgery(lie) && txId === lie.txId) {
      const [transfer] = this.#forged();
      if (transfer) return { kind: 'found', block: transfer.block, transfers: [transfer] };
    }
    if (report.kind !== 'found' || !lie) return report;
    const { height } = report.block;
    const shown = this.#shown(report.transfers, { from: height - 1, to: height });
    const block = this.#shifted(report.block);
    return shown.length > 0 || lie.kind === 'half'
      ? { ...report, block, transfers: shown }
      : { kind: 'unknown' };
  }

  balance(key: string, at: Position): Promise<{ units: bigint; height: number } | null> {
    return this.honest.balance(key, this.#truly(at));
  }

  /** What is shown of the transfers in the blocks after `from` up to `to`. */
  #shown(transfers: ChainTransfer[], { from, to }: { from: number; to: number }): ChainTransfer[] {
    const { lie } = this;
    switch (lie?.kind) {
      case 'forge':
      case 'forge part': {
        const forged = this.#forged().filter(({ block }) => block.height > from && block.height <= to);
        return this.#invent(transfers, forged);
      }
      case 'double':
        return this.#invent(
          transfers,
          transfers.map(one => ({ ...one, ordinal: one.ordinal + 5 })),
        );
      case 'hide':
        return this.#omit(
          transfers,
          transfers.filter(one => one.to !== lie.to),
        );
      case 'time':
        return transfers.map(one => this.#misdated(one));
      case 'empty':
        return this.#omit(transfers, []);
      case 'half':
        return this.#omit(transfers, transfers.slice(0, Math.floor(transfers.length / 2)));
      case 'fork':
        return this.#omit(
          transfers,
          transfers.filter(({ block }) => block.height < lie.height),
        );
      default:
        return transfers;
    }
  }

  #invent(transfers: ChainTransfer[], invented: ChainTransfer[]): ChainTransfer[] {
    for (const one of invented)
      this.#onLie(this.lie?.kind ?? 'forge', { invented: identityOf(this.#chain.network.code, one) });
    return [...transfers, ...invented];
  }

  #omit(transfers: ChainTransfer[], left: ChainTransfer[]): ChainTransfer[] {
    if (left.length < transfers.length) this.#onLie(this.lie?.kind ?? 'hide');
    return left;
  }

  #shifted<T extends { time: number }>(block: T): T {
    return this.lie?.kind === 'time' ? { ...block, time: block.time + this.lie.shift } : block;
  }

  #misdated(transfer: ChainTransfer): ChainTransfer {
    const code = this.#chain.network.code;
    this.#onLie('time', { misdated: identityOf(code, transfer) });
    return { ...transfer, block: this.#shifted(transfer.block) };
  }

  /** The invented transfer, in the block that is at its height now. */
  #forged(): ChainTransfer[] {
    const { lie } = this;
    if (!isForgery(lie)) return [];
    const block = this.#chain.blocks[lie.height];
    if (!block) return [];
    const { height, hash, time } = block;
    return [{ ...lie.transfer, txId: lie.txId, ordinal: 0, block: { height, hash, time } }];
  }

  #isForked({ height }: { height: number }): boolean {
    return this.lie?.kind === 'fork' && height >= this.lie.height;
  }

  /** The block that stands at a position of its fork. */
  #truly({ height, hash }: Position): Position {
    return { height, hash: this.#isForked({ height }) ? hash.replace(FORKED, '') : hash };
  }

  #forked(block: Block): Block {
    if (this.lie?.kind !== 'fork' || !this.#isForked(block)) return block;
    this.#onLie('fork');
    const parent = block.height > this.lie.height ? FORKED + block.parent : block.parent;
    return { ...block, hash: FORKED + block.hash, parent };
  }
}

const isForgery = (lie: Lie | null): lie is Forgery => lie !== null && 'transfer' in lie;

const FORKED = 'f0f0';
