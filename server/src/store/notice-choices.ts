/** What people have chosen to hear of, and how; what they have not chosen is as domain/notice.ts says. */
import { sql } from 'kysely';
import type { NoticeChannel, NoticeKind } from '../domain/notice.ts';
import type { Db, Tx } from './db.ts';

export type Choice = { channel: NoticeChannel; kind: NoticeKind; wanted: boolean };

export async function choicesOf(db: Db, personId: number): Promise<Choice[]> {
  return db
    .selectFrom('notice_choices')
    .select(['channel', 'kind', 'wanted'])
    .where('person_id', '=', personId)
    .execute();
}

export async function setChoices(tx: Tx, personId: number, choices: readonly Choice[]): Promise<void> {
  await sql`
    insert into notice_choices (person_id, channel, kind, wanted)
    select ${personId}, c.* from unnest(${choices.map(({ channel }) => channel)}::text[],
      ${choices.map(({ kind }) => kind)}::text[], ${choices.map(({ wanted }) => wanted)}::boolean[]) as c
    on conflict (person_id, channel, kind) do update set wanted = excluded.wanted`.execute(tx);
}

/** What this installation sends by. */
export async function channelsHere(db: Db): Promise<NoticeChannel[]> {
  const row = await db
    .selectFrom('installation')
    .select('notice_channels')
    .where('id', '=', 1)
    .executeTakeFirst();
  return row?.notice_channels ?? [];
}
