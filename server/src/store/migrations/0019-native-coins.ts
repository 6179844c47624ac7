/** Coins with a price of their own: what one dollar was of them is frozen with each amount that an invoice asks for. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['invoices', 'replaced_methods']) {
    const name = sql.table(table);
    await sql`alter table ${name} add column coin_rate numeric check (coin_rate > 0), add column coin_rate_origin text`.execute(
      db,
    );
    await sql`alter table ${name}
      add constraint ${sql.ref(`${table}_coin_rate`)} check (
        (coin_rate is not null) = coalesce(asset in ('TRX', 'ETH', 'BNB', 'POL', 'AVAX'), false)
        and (coin_rate is null) = (coin_rate_origin is null))`.execute(db);
  }
}
