/**
 * What a process remembers of the tails that are held, so that a price that is asked for often is not read again each
 * time. It is a hint and may be wrong either way: the database's constraint decides, and nothing is refused on its word.
 */

/** For how long a reading is good enough; what others have reserved or freed since is learnt by then. In ms. */
const GOOD_FOR = 60_000;
/** Prices remembered; the one read longest ago is forgotten first. */
const MOST = 1000;

export class TailMemory {
  readonly #prices = new Map<string, { tails: Set<number>; readAt: number }>();

  /** The tails held at a price as last known, to be added to; null where nothing recent is known. */
  recall(price: string, now: number): Set<number> | null {
    const known = this.#prices.get(price);
    return known && now - known.readAt < GOOD_FOR ? known.tails : null;
  }

  remember(price: string, tails: Set<number>, now: number): void {
    this.#prices.delete(price);
    this.#prices.set(price, { tails, readAt: now });
    const [oldest] = this.#prices.keys();
    if (this.#prices.size > MOST && oldest !== undefined) this.#prices.delete(oldest);
  }

  forget(price: string): void {
    this.#prices.delete(price);
  }
}
