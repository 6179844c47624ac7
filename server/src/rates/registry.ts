/** Every source by name. To add one, write its file and add its line. */
import { binance } from './binance.ts';
import { cbr } from './cbr.ts';
import { coinbase } from './coinbase.ts';
import { coingecko } from './coingecko.ts';
import { ecb } from './ecb.ts';
import { kraken } from './kraken.ts';
import { nbrb } from './nbrb.ts';
import { okx } from './okx.ts';
import { openErApi } from './open-er-api.ts';
import type { RateSource } from './source.ts';

export const rateSourceNames = [
  'kraken',
  'coinbase',
  'okx',
  'binance',
  'coingecko',
  'ecb',
  'nbrb',
  'cbr',
  'open-er-api',
] as const;
export type RateSourceName = (typeof rateSourceNames)[number];

export const rateSources: Record<RateSourceName, RateSource> = {
  kraken,
  coinbase,
  okx,
  binance,
  coingecko,
  ecb,
  nbrb,
  cbr,
  'open-er-api': openErApi,
};

/** What the configuration may say about a source: whether to ask it, where it is, and headers such as an API key. */
export type SourceSettings = {
  enabled?: boolean | undefined;
  url?: string | undefined;
  headers?: Record<string, string> | undefined;
};

/** A source to be asked: the whole URL, and headers that no message may hold. */
export type OpenSource = { source: RateSource; url: string; headers: Record<string, string> };

/** The sources that are not switched off. */
export function openSources(
  settings: Partial<Record<RateSourceName, SourceSettings | undefined>> = {},
): OpenSource[] {
  return rateSourceNames.flatMap(name => {
    const { enabled = true, url, headers = {} } = settings[name] ?? {};
    const source = rateSources[name];
    return enabled
      ? [{ source, url: (url ?? source.origin).replace(/\/+$/, '') + source.path, headers }]
      : [];
  });
}
