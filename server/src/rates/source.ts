/** What a source of rates is. Each is one small file; how it is fetched, judged and kept is the same for all. */
import type { Decimal } from '../domain/money.ts';
import type { Result } from '../lib/result.ts';

/** One rate out of an answer: units of the currency for one US dollar, and when that held (ms, not after the fetch). */
export type Quoted = { currency: string; perUsd: Decimal; observedAt: number };

/** `refused`: entries that were left out because they cannot be rates, one sentence each. */
export type Answer = { quoted: Quoted[]; refused: string[] };

export type RateSource = {
  name: string;
  /** Scheme and host; the configuration may name another one. */
  origin: string;
  /** The one request: path and query of a GET. */
  path: string;
  /** How often to ask, in milliseconds: well inside what the source allows without a key. */
  every: number;
  /** Reads a body that came with status 200 at `fetchedAt` (ms). A body that is not the source's own is a fault. */
  read(body: Uint8Array, fetchedAt: number): Result<Answer>;
};

export const MARKET_PACE = 60_000;
export const TABLE_PACE = 60 * 60_000;
