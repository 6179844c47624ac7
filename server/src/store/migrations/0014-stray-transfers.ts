/** A list of what settled nothing, for each wallet, newest first: see store/stray-transfers.ts. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index transfers_stray on transfers (network, to_key, (-id)) where state in ('unmatched', 'ignored')`.execute(
    db,
  );
}
