/**
 * Makes time pass on a local chain. anvil puts every transaction into a block at once; what is missing are the blocks
 * after it, without which nothing ever becomes final. They are mined one a round, and only while somebody waits for
 * them: an idle chain does not grow, since each block makes anvil a little slower and its state a little larger.
 */
import { type LocalBlock, rpc, rpcBlock } from './rpc.ts';

export type MinerOptions = {
  url: string;
  /** Blocks until a block is final, itself included. */
  depth: number;
  /**
   * The earliest moment, in milliseconds, that somebody expects the final block to have passed: the next invoice's
   * deadline with its grace. Null when nobody waits for one.
   */
  nextDeadline?: (() => Promise<number | null>) | undefined;
};

/** Blocks mined beyond finality, for readers that stay a little behind. */
const slack = 5;

export class Miner {
  readonly #options: MinerOptions;
  /** The head as last seen, and the height of the newest block with a transaction at that time. */
  #seen: { hash: string; busy: number | null } = { hash: '', busy: null };

  constructor(options: MinerOptions) {
    this.#options = options;
  }

  /** Mines one block if one is wanted; says whether it did. */
  async round(): Promise<boolean> {
    const { url, depth } = this.#options;
    const head = await rpcBlock(url, 'latest');
    const busy = await this.#lastBusy(head);
    this.#seen = { hash: head.hash, busy };
    const following = busy !== null && head.height - busy < depth + slack;
    if (!following && !(await this.#deadlineWaits(head))) return false;
    // With automatic mining switched off somebody else decides which transaction gets into which block.
    if ((await rpc(url, 'anvil_getAutomine')) !== true) return false;
    await rpc(url, 'evm_mine');
    return true;
  }

  /** Height of the newest block with a transaction, among those that matter. Walks back only to the last head seen. */
  async #lastBusy(head: LocalBlock): Promise<number | null> {
    const lowest = Math.max(1, head.height - this.#options.depth - slack);
    let block = head;
    while (block.height >= lowest) {
      if (block.transactions > 0) return block.height;
      if (block.hash === this.#seen.hash) return this.#seen.busy;
      block = await rpcBlock(this.#options.url, block.height - 1);
    }
    return null;
  }

  /** Has a deadline passed that the final block does not show yet? A block's time is in whole seconds. */
  async #deadlineWaits(head: LocalBlock): Promise<boolean> {
    const deadline = (await this.#options.nextDeadline?.()) ?? null;
    if (deadline === null || Date.now() < deadline) return false;
    const final = await rpcBlock(this.#options.url, Math.max(0, head.height - this.#options.depth + 1));
    return final.time * 1000 <= deadline;
  }
}
