/** What an invoice may be priced in: every currency we know, of which kind it is, and whether it is on by default. */

/** `stablecoin`: worth one US dollar, and counted as that while its market stays inside the band. */
export type CurrencyKind = 'fiat' | 'coin' | 'stablecoin';

/** The unit of every rate: `rate` is how many units of a currency make one of these. */
export const BASE_CURRENCY = 'USD';

/** ISO 4217 codes of money in use (2026: without BGN and ANG), less funds, metals and testing codes. */
const FIAT =
  `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
  CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
  INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
  MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
  SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VES VND VUV WST XAF XCD XCG XOF
  XPF YER ZAR ZMW ZWG`.split(/\s+/);

const COINS = ['BTC', 'ETH', 'LTC', 'TRX', 'BNB', 'TON', 'SOL', 'POL', 'AVAX'];

const STABLECOINS = ['USDT', 'USDC', 'DAI'];

/**
 * Known, but off until the operator says otherwise: their official rates, which is what the sources publish, are far from
 * what people pay, so that a quorum of them says nothing about the shop's money.
 */
const OFF_BY_DEFAULT = new Set([
  'AFN',
  'CUP',
  'IRR',
  'LBP',
  'LYD',
  'MMK',
  'SDG',
  'SSP',
  'SYP',
  'VES',
  'YER',
  'ZWG',
]);

const kinds: ReadonlyMap<string, CurrencyKind> = new Map([
  ...FIAT.map(code => [code, 'fiat'] as const),
  ...COINS.map(code => [code, 'coin'] as const),
  ...STABLECOINS.map(code => [code, 'stablecoin'] as const),
]);

/** Every known code but the base itself, in alphabetical order. */
export const currencyCodes: readonly string[] = [...kinds.keys()].sort();

/** null: not a currency we know. The base has no kind, since it needs no rate. */
export function kindOf(code: string): CurrencyKind | null {
  return kinds.get(code) ?? null;
}

/** Whether invoices may be asked for in it before the operator has said anything. */
export function enabledByDefault(code: string): boolean {
  return kinds.has(code) && !OFF_BY_DEFAULT.has(code);
}
