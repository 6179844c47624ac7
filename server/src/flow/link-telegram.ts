/**
 * Chats → people: reads what was written to the bot, while somebody waits to be linked, and links the chat of whoever sends
 * `/start` with the code the dashboard has shown. All else is passed over without a word.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { hashToken } from '../lib/secret-token.ts';
import { type Telegram, TelegramFault, type TelegramMessage } from '../lib/telegram.ts';
import type { Vault } from '../lib/vault.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Db, transact } from '../store/db.ts';
import { anyTelegramCode, linkChat, setBot, takeTelegramCode } from '../store/telegram.ts';
import { noticeWords } from './notice-words.ts';

export type LinkDeps = {
  db: Db;
  clock: Clock;
  vault: Vault;
  logger: Logger;
  telegram: Telegram;
  /** What was read so far; it lasts as long as the process. What is read again finds its code used. */
  memory: { isKnown: boolean; next: number };
};

/** Reads once; answers how many messages came. A Telegram that does not answer is asked again at the next round. */
export async function linkTelegram(deps: LinkDeps, signal: AbortSignal): Promise<number> {
  const { db, clock, logger, telegram, memory } = deps;
  try {
    if (!memory.isKnown) {
      await setBot(db, await telegram.username(signal));
      memory.isKnown = true;
    }
    if (!(await anyTelegramCode(db, clock.now()))) return 0;
    const { messages, next } = await telegram.messages(memory.next, signal);
    for (const message of messages) await take(deps, message, signal);
    const isMoved = next > memory.next;
    memory.next = next;
    return isMoved ? 1 : 0;
  } catch (error) {
    if (!(error instanceof TelegramFault)) throw error;
    logger.warn({ code: error.code }, 'Telegram cannot be read; it will be tried again');
    return 0;
  }
}

async function take({ db, clock, vault, telegram }: LinkDeps, message: TelegramMessage, signal: AbortSignal) {
  const code = /^\/start ([\w-]{43})$/.exec(message.text.trim())?.[1];
  if (code === undefined) return;
  const now = clock.now();
  const person = await transact(db, async tx => {
    const found = await takeTelegramCode(tx, hashToken(code), now);
    if (!found) return null;
    const { personId } = found;
    await linkChat(tx, { personId, ...message }, now);
    const entry = { userId: null, action: 'telegram.link', target: `person ${personId}` };
    await appendAudit(
      tx,
      vault,
      { acting: { kind: 'program' }, ...entry, after: { chat: message.chatName } },
      now,
    );
    return found;
  });
  if (person) await telegram.send(message.chatId, noticeWords[person.language].linked, signal);
}
