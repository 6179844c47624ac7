/**
 * Token buckets in memory, one a key: each use takes a token, and tokens come back at a steady rate. A bucket that is
 * full again is the same as none, so the least recently used can be forgotten and memory stays bounded.
 */

/** `burst` may be used at once; `perSecond` come back. */
export type Rate = { perSecond: number; burst: number };

type Bucket = { tokens: number; at: number };

export class TokenBuckets {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string | number, Bucket>();

  constructor(rate: Rate, most = 10_000) {
    this.#rate = rate;
    this.#most = most;
  }

  /** Takes a token: 0 when there was one, else the seconds until there is. `now` in ms. */
  take(key: string | number, now: number): number {
    const left = this.#tokens(key, now);
    if (left < 1) return Math.ceil((1 - left) / this.#rate.perSecond);
    this.#keep(key, { tokens: left - 1, at: now });
    return 0;
  }

  /** The same without taking one. */
  wait(key: string | number, now: number): number {
    const left = this.#tokens(key, now);
    return left < 1 ? Math.ceil((1 - left) / this.#rate.perSecond) : 0;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #tokens(key: string | number, now: number): number {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(key);
    if (!bucket) return burst;
    // The clock is corrected now and then; a step back must not take tokens away.
    return Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * perSecond) / 1000);
  }

  /** A Map keeps the order of insertion: what is put again becomes the newest, and the oldest is the first to go. */
  #keep(key: string | number, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#most) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
