/** What wallets of native coins hold, held against the transfers that explain it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table balance_checks (
      network text not null,
      address_key text not null,
      epoch int not null,
      height int not null,
      units numeric(78, 0) not null check (units >= 0),
      checked_at timestamptz not null,
      seen_height int,
      seen_units numeric(78, 0) check (seen_units >= 0),
      unexplained numeric(78, 0) not null default 0 check (unexplained >= 0),
      unexplained_at timestamptz,
      primary key (network, address_key),
      check ((seen_height is null) = (seen_units is null)),
      check ((unexplained > 0) = (unexplained_at is not null))
    )`.execute(db);
}
