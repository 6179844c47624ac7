/** Chats that people have linked to hear of things, and the codes that link them. */
import { sql } from 'kysely';
import type { Language } from '../lib/language.ts';
import type { Db, Tx } from './db.ts';

export type LinkedChat = { chatId: string; chatName: string };

export async function findChat(db: Db, personId: number): Promise<LinkedChat | null> {
  const row = await db
    .selectFrom('notice_channels')
    .select(['chat_id', 'chat_name'])
    .where('person_id', '=', personId)
    .where('channel', '=', 'telegram')
    .executeTakeFirst();
  return row?.chat_id && row.chat_name ? { chatId: row.chat_id, chatName: row.chat_name } : null;
}

/** A person has one code at a time. */
export async function insertTelegramCode(
  tx: Tx,
  { personId, hash, expiresAt }: { personId: number; hash: Buffer; expiresAt: number },
): Promise<void> {
  await tx.deleteFrom('telegram_codes').where('person_id', '=', personId).execute();
  await tx
    .insertInto('telegram_codes')
    .values({ code_hash: hash, person_id: personId, expires_at: new Date(expiresAt) })
    .execute();
}

/** Whether anybody waits to be linked. */
export async function anyTelegramCode(db: Db, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('telegram_codes')
    .select('person_id')
    .where('expires_at', '>', sql<number>`${new Date(now)}`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a code away; whose it is, or null when it is unknown, used or over. */
export async function takeTelegramCode(
  tx: Tx,
  hash: Buffer,
  now: number,
): Promise<{ personId: number; language: Language } | null> {
  const row = await tx
    .deleteFrom('telegram_codes as c')
    .using('people as p')
    .whereRef('p.id', '=', 'c.person_id')
    .where('c.code_hash', '=', hash)
    .where('c.expires_at', '>', sql<number>`${new Date(now)}`)
    .returning(['p.id as personId', 'p.language'])
    .executeTakeFirst();
  return row ?? null;
}

/** In place of one that was linked before. */
export async function linkChat(
  tx: Tx,
  { personId, chatId, chatName }: LinkedChat & { personId: number },
  now: number,
): Promise<void> {
  const chat = { chat_id: chatId, chat_name: chatName, attempts: 0, due_at: new Date(now) };
  await tx
    .insertInto('notice_channels')
    .values({ person_id: personId, channel: 'telegram', ...chat })
    .onConflict(conflict => conflict.columns(['person_id', 'channel']).doUpdateSet(chat))
    .execute();
}

/** Ends the link, and what waits for it; only that to `chatId`, where it is given. False when there is none. */
export async function unlinkTelegram(tx: Tx, personId: number, chatId?: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('notice_channels')
    .where('person_id', '=', personId)
    .where('channel', '=', 'telegram')
    .$if(chatId !== undefined, query => query.where('chat_id', '=', chatId ?? ''))
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await tx
    .deleteFrom('notices')
    .where('person_id', '=', personId)
    .where('channel', '=', 'telegram')
    .where('sent_at', 'is', null)
    .execute();
  return true;
}

/** The name of the installation's bot; null while there is none, or it was not reached yet. */
export async function findBot(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom('installation')
    .select('telegram_bot')
    .where('id', '=', 1)
    .executeTakeFirst();
  return row?.telegram_bot ?? null;
}

export async function setBot(db: Db, username: string): Promise<void> {
  await db.updateTable('installation').set({ telegram_bot: username }).where('id', '=', 1).execute();
}
