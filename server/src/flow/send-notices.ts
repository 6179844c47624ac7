/**
 * notices → people. Leases the channels on which something waits, writes one message of all of it, hands it on outside any
 * transaction, then marks it. A channel rests between two messages: ten thousand payments in a minute are two messages.
 */
import { NOTICE_INTERVAL, NOTICE_LIFETIME, type NoticeChannel } from '../domain/notice.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { SendLetter } from '../lib/smtp.ts';
import type { Telegram } from '../lib/telegram.ts';
import { transact } from '../store/db.ts';
import {
  type ClaimedChannel,
  claimChannels,
  finishChannel,
  releaseChannel,
  waitingNotices,
} from '../store/notices.ts';
import { unlinkTelegram } from '../store/telegram.ts';
import { type Message, type MessageDeps, noticeMessage } from './notice-message.ts';

export type NoticeDeps = MessageDeps & {
  clock: Clock;
  logger: Logger;
  uuid: () => string;
  /** What this installation can send by. */
  mail: SendLetter | null;
  telegram: Telegram | null;
};

/** One message has 45 s; the lease outlasts all of a claim. */
const LEASE = 5 * 60_000;
const PER_CLAIM = 4;
const MOST_IN_ONE = 10_000;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;

/** Sends what is due; answers how many channels were dealt with. */
export async function sendNotices(deps: NoticeDeps, signal: AbortSignal): Promise<number> {
  const { db, clock, uuid, mail, telegram } = deps;
  const channels: NoticeChannel[] = [
    ...(mail ? (['email'] as const) : []),
    ...(telegram ? (['telegram'] as const) : []),
  ];
  const claim = { now: clock.now(), lease: uuid(), leaseMs: LEASE, limit: PER_CLAIM, channels };
  const claimed = await claimChannels(db, claim);
  await Promise.all(claimed.map(channel => deliver(deps, channel, signal)));
  return claimed.length;
}

async function deliver(deps: NoticeDeps, channel: ClaimedChannel, signal: AbortSignal): Promise<void> {
  const { db, clock } = deps;
  const waiting = await waitingNotices(db, channel, MOST_IN_ONE);
  const oldest = clock.now() - NOTICE_LIFETIME;
  const fresh = waiting.filter(({ created_at }) => created_at > oldest);
  const message = await noticeMessage(deps, fresh, channel.language);
  let told: 'sent' | 'gone' = 'sent';
  try {
    if (message) told = await send(deps, channel, { message, signal });
  } catch (error) {
    return putOff(deps, channel, error);
  }
  const now = clock.now();
  await transact(db, async tx => {
    const dueAt = message ? now + NOTICE_INTERVAL : now;
    await finishChannel(tx, channel, { ids: waiting.map(({ id }) => id), now, dueAt });
    if (told === 'gone' && channel.chat_id !== null)
      await unlinkTelegram(tx, channel.person_id, channel.chat_id);
  });
}

type Sending = { message: Message; signal: AbortSignal };

async function send(
  { mail, telegram }: NoticeDeps,
  { channel, chat_id, email }: ClaimedChannel,
  { message, signal }: Sending,
): Promise<'sent' | 'gone'> {
  if (channel === 'telegram' && telegram && chat_id !== null)
    return telegram.send(chat_id, `${message.subject}\n\n${message.text}`, signal);
  await mail?.({ to: email, ...message }, signal);
  return 'sent';
}

/** What a server says may quote the message, or where it is; only its class is told. */
async function putOff(
  { db, clock, logger }: NoticeDeps,
  channel: ClaimedChannel,
  error: unknown,
): Promise<void> {
  const {
    code = 'failed',
    responseCode,
    retryAfter,
  } = error as {
    code?: string;
    responseCode?: number;
    retryAfter?: number | null;
  };
  const attempts = channel.attempts + 1;
  const about = { person: channel.person_id, channel: channel.channel, attempts, code, responseCode };
  logger.warn(about, 'a notice was not taken; it will be tried again');
  const wait = Math.max(Math.min(FIRST_WAIT * 2 ** channel.attempts, LONGEST_WAIT), (retryAfter ?? 0) * 1000);
  await releaseChannel(db, channel, { attempts, dueAt: clock.now() + wait });
}
