/** Reads what the database knows of rates into this process's book. Every process does so, on a wake and now and then. */
import type { RateBook } from '../rates/rate-book.ts';
import { currencySettings } from '../store/currencies.ts';
import type { Db } from '../store/db.ts';
import { allReadings } from '../store/rates.ts';

/** The stage's name, which is also the wake that new rates and new settings give. */
export const READ_RATES = 'read-rates';

/** Answers 0: there is never more to do at once. */
export async function readRates({ db, book }: { db: Db; book: RateBook }): Promise<number> {
  const [readings, settings] = [await allReadings(db), await currencySettings(db)];
  book.learn({ readings, settings });
  return 0;
}
