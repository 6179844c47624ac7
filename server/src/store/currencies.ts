/** What the operator has set for currencies. */
import { type CurrencySetting, defaultSetting } from '../domain/currency-state.ts';
import { formatDecimal, parseDecimal } from '../domain/money.ts';
import type { Db, Tx } from './db.ts';

/** The settings by currency; a currency that is missing here is as defaultSetting has it. */
export async function currencySettings(db: Db): Promise<Map<string, CurrencySetting>> {
  const rows = await db.selectFrom('currencies').selectAll().execute();
  return new Map(
    rows.map(({ currency, enabled, pinned_rate, spread }) => [
      currency,
      {
        currency,
        enabled,
        pinnedRate: pinned_rate === null ? null : decimal(pinned_rate),
        spread: decimal(spread),
      },
    ]),
  );
}

/** Changes what is given of a currency's settings; the rest stays as it is, or as it is by default. */
export async function changeCurrency(
  tx: Tx,
  currency: string,
  changes: Partial<Omit<CurrencySetting, 'currency'>>,
): Promise<void> {
  const { enabled, pinnedRate, spread } = { ...defaultSetting(currency), ...changes };
  const row = {
    enabled,
    pinned_rate: pinnedRate && formatDecimal(pinnedRate),
    spread: formatDecimal(spread),
  };
  await tx
    .insertInto('currencies')
    .values({ currency, ...row })
    .onConflict(conflict =>
      conflict.column('currency').doUpdateSet({
        currency,
        ...('enabled' in changes && { enabled: row.enabled }),
        ...('pinnedRate' in changes && { pinned_rate: row.pinned_rate }),
        ...('spread' in changes && { spread: row.spread }),
      }),
    )
    .execute();
}

function decimal(text: string) {
  const read = parseDecimal(text);
  if (!read) throw new Error('a number of the database is not a decimal');
  return read;
}
