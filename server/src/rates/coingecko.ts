/**
 * CoinGecko, simple price: what coins cost in many currencies, as JSON numbers. A fiat rate is the same coin's price in
 * that currency over its price in dollars; bitcoin's have the most digits.
 */
import { kindOf } from '../domain/currency.ts';
import type { JsonNode } from '../lib/json-tokens.ts';
import { entriesOf, field, readJsonAnswer, textOf, timeOf } from './json-answer.ts';
import { perUsd, type Row } from './per-usd.ts';
import type { RateSource } from './source.ts';

const IDS: ReadonlyMap<string, string> = new Map([
  ['bitcoin', 'BTC'],
  ['ethereum', 'ETH'],
  ['litecoin', 'LTC'],
  ['tron', 'TRX'],
  ['binancecoin', 'BNB'],
  ['the-open-network', 'TON'],
  ['solana', 'SOL'],
  ['polygon-ecosystem-token', 'POL'],
  ['avalanche-2', 'AVAX'],
  ['tether', 'USDT'],
  ['usd-coin', 'USDC'],
  ['dai', 'DAI'],
]);

const QUOTES = [
  'usd,aed,ars,aud,bdt,bhd,brl,cad,chf,clp,cny,czk,dkk,eur,gbp,gel,hkd,huf,idr,ils,inr,jpy,krw,kwd,lkr,mxn,myr,ngn,nok',
  'nzd,php,pkr,pln,rub,sar,sek,sgd,thb,try,twd,uah,vnd,zar',
].join(',');

export const coingecko: RateSource = {
  name: 'coingecko',
  origin: 'https://api.coingecko.com',
  path: `/api/v3/simple/price?ids=${[...IDS.keys()].join(',')}&vs_currencies=${QUOTES}&include_last_updated_at=true`,
  // Without a key about 10,000 calls a month, which is one in four and a half minutes.
  every: 5 * 60_000,
  read(body, fetchedAt) {
    const root = readJsonAnswer(body);
    if (!root.ok) return root;
    const coins = [...IDS].flatMap(([id, currency]) => {
      const prices = field(root.value, id);
      return field(prices, 'usd') === undefined ? [] : [{ currency, prices }];
    });
    const rows = coins.map(
      ({ currency, prices }): Row => ({
        currency,
        units: '1',
        per: textOf(field(prices, 'usd')),
        observedAt: seenAt(prices, fetchedAt),
      }),
    );
    return perUsd('USD', [...rows, ...fiatRows(coins[0]?.prices, fetchedAt)], fetchedAt);
  },
};

function fiatRows(prices: JsonNode | undefined, fetchedAt: number): Row[] {
  const per = textOf(field(prices, 'usd'));
  const observedAt = seenAt(prices, fetchedAt);
  return entriesOf(prices).flatMap(([name, price]): Row[] => {
    const currency = name.toUpperCase();
    return kindOf(currency) === 'fiat' ? [{ currency, units: textOf(price), per, observedAt }] : [];
  });
}

/** `last_updated_at` in Unix seconds; an answer without one is as old as our reading of it. */
function seenAt(prices: JsonNode | undefined, fetchedAt: number): number {
  const told = field(prices, 'last_updated_at');
  return told === undefined ? fetchedAt : timeOf(told, 'seconds');
}
