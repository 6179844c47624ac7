/** Dollars as the server writes them, with up to 8 decimals, summed up and shown without ever passing through a float. */
import { useTranslation } from 'react-i18next';

const SCALE = 8;
const ONE = 10n ** BigInt(SCALE);

/** In 10^-8 dollars; the server writes nothing else. */
export function usdUnits(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole) * ONE + BigInt(fraction.padEnd(SCALE, '0').slice(0, SCALE));
  return text.startsWith('-') ? -units : units;
}

export function sumUsd(texts: readonly string[]): bigint {
  return texts.reduce((sum, text) => sum + usdUnits(text), 0n);
}

/** In the way of a language: two decimals, and as many more as it has. */
function formatUsd(units: bigint, language: string): string {
  const amount = units < 0n ? -units : units;
  const fraction = (amount % ONE).toString().padStart(SCALE, '0').replace(/0+$/, '').padEnd(2, '0');
  const text = `${units < 0n ? '-' : ''}${amount / ONE}.${fraction}`;
  const format = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: SCALE,
  });
  // A text keeps every digit; the types know only numbers.
  return format.format(text as unknown as number);
}

/** Writes dollars of the server, or a sum of them, for whoever is looking. */
export function useUsd(): (amount: string | bigint) => string {
  const { i18n } = useTranslation();
  return amount => formatUsd(typeof amount === 'string' ? usdUnits(amount) : amount, i18n.language);
}
