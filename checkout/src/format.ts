/** Numbers and times as the payer's language writes them. What is to be sent is never put through here. */
import type { Language } from './page-state.ts';

const decimal = /^\d{1,30}(\.\d{1,18})?$/;
type Decimal = `${number}`;

/** The shop's price, such as €45.75. A code that is no currency of Intl is put behind the number. */
export function price(language: Language, amount: string, currency: string): string {
  if (!decimal.test(amount)) return `${amount} ${currency}`;
  if (!/^[A-Z]{3}$/.test(currency)) return `${number(language, amount)} ${currency}`;
  return new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: 8 }).format(
    amount as Decimal,
  );
}

const number = (language: Language, amount: string): string =>
  new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 8 }).format(
    amount as Decimal,
  );

/** A time of day without the payer's time zone, which only the browser knows: `14:32 UTC`. */
export const universalTime = (language: Language, at: number): string =>
  `${new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(at)} UTC`;
