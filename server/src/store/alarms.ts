/** What lasts and is told once, when it begins: a network that is behind, a balance that is low. */
import { sql } from 'kysely';
import type { Tx } from './db.ts';
import type { NoticeSchema } from './notice-schema.ts';

type AlarmKind = NoticeSchema['alarms']['kind'];

/** Notes which of these have begun, ends all others of the kind, and answers those that are new. */
export async function noteAlarms(
  tx: Tx,
  kind: AlarmKind,
  subjects: readonly string[],
  now: number,
): Promise<Set<string>> {
  await sql`delete from alarms where kind = ${kind} and subject <> all(${[...subjects]}::text[])`.execute(tx);
  const { rows } = await sql<{ subject: string }>`
    insert into alarms (kind, subject, since)
    select ${kind}, s, ${new Date(now)} from unnest(${[...subjects].sort()}::text[]) s
    on conflict do nothing returning subject`.execute(tx);
  return new Set(rows.map(({ subject }) => subject));
}
