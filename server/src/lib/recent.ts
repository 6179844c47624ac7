/** What was met lately: a bounded memory of keys, each for a while. Forgetting one early must do no harm. */
export class Recent {
  readonly #lifetime: number;
  readonly #most: number;
  readonly #met = new Map<string, number>();

  /** `lifetime` in ms; `most` keys are kept, the latest ones. */
  constructor(lifetime: number, most = 10_000) {
    this.#lifetime = lifetime;
    this.#most = most;
  }

  has(key: string, now: number): boolean {
    const at = this.#met.get(key);
    return at !== undefined && now - at < this.#lifetime;
  }

  add(key: string, now: number): void {
    this.#met.delete(key);
    this.#met.set(key, now);
    if (this.#met.size <= this.#most) return;
    const [oldest] = this.#met.keys();
    if (oldest !== undefined) this.#met.delete(oldest);
  }
}
