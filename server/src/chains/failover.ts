/** One network's providers in the order they were given: the one that worked last is used until it fails. */
import { type Chain, ChainError } from './chain.ts';

/** Holds no connection and no timer, only which provider worked last; it needs no closing. */
export class Providers {
  readonly #chains: readonly Chain[];
  #working = 0;

  constructor(chains: readonly Chain[]) {
    if (chains.length === 0) throw new RangeError('a network needs at least one provider');
    this.#chains = chains;
  }

  /** Prefers the next provider from now on: the one that works does not fail, but tells nothing new either. */
  passOn(): void {
    this.#working = (this.#working + 1) % this.#chains.length;
  }

  /**
   * Runs one piece of work on one provider, start to end: a head and what is read up to it must come from the same
   * node. On a retryable ChainError the whole work starts anew on the next one; each is tried once, and the last error
   * is thrown when all have failed. Every other error is thrown at once.
   */
  async use<T>(work: (chain: Chain) => Promise<T>, signal: AbortSignal): Promise<T> {
    const first = this.#working;
    let last: unknown;
    for (let step = 0; step < this.#chains.length; step++) {
      signal.throwIfAborted();
      const index = (first + step) % this.#chains.length;
      const chain = this.#chains[index];
      if (!chain) break;
      try {
        const result = await work(chain);
        this.#working = index;
        return result;
      } catch (error) {
        if (!(error instanceof ChainError && error.retryable)) throw error;
        last = error;
      }
    }
    throw last;
  }
}
