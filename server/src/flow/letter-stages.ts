/** The stages that find what people are to be told of, and those that write to them by the ways this installation has. */
import type { OperatorTerms } from '../domain/commission.ts';
import { type NoticeChannel, noticeChannels } from '../domain/notice.ts';
import type { Stage } from '../lib/loop.ts';
import type { SendLetter } from '../lib/smtp.ts';
import { openTelegram, type Post, type Telegram, type TelegramSettings } from '../lib/telegram.ts';
import { setNoticeChannels } from '../store/notices.ts';
import type { WakeListener } from '../store/wake.ts';
import { type LinkDeps, linkTelegram } from './link-telegram.ts';
import { type MailDeps, sendMail } from './send-mail.ts';
import { type NoticeDeps, sendNotices } from './send-notices.ts';
import { type WarnDeps, warnBalances } from './warn-balances.ts';
import { type WarnNetworksDeps, warnNetworks } from './warn-networks.ts';

type LetterDeps = Omit<MailDeps, 'send'> &
  Omit<NoticeDeps, 'mail' | 'telegram'> &
  Omit<LinkDeps, 'telegram' | 'memory'> & { listener: WakeListener };

export type Ways = { mail: SendLetter | null; telegram: Telegram | null };

/** The ways that are configured; `fetch` is the guarded outbound HTTP. */
export function waysOf(
  { mail, telegram }: { mail?: SendLetter | undefined; telegram?: TelegramSettings | undefined },
  fetch: { post: Post },
): Ways {
  return {
    mail: mail ?? null,
    telegram: telegram ? openTelegram(telegram, (...request) => fetch.post(...request)) : null,
  };
}

/** From now on notices are written for these ways alone. One that another process has, and this one has not, is lost to all. */
export async function announceWays(
  { db, logger }: Pick<LetterDeps, 'db' | 'logger'>,
  { mail, telegram }: Ways,
): Promise<void> {
  const has: Record<NoticeChannel, boolean> = { email: mail !== null, telegram: telegram !== null };
  const before = await setNoticeChannels(
    db,
    noticeChannels.filter(channel => has[channel]),
  );
  const lost = before.filter(channel => !has[channel]);
  if (lost.length > 0)
    logger.warn(
      { lost },
      'nobody is told by these ways any more: this process has no setting for them. smtp and telegram must be the same wherever dispatch and api run',
    );
}

export function letterStages({ listener, ...deps }: LetterDeps, { mail, telegram }: Ways): Stage[] {
  const stages: Stage[] = [];
  if (mail || telegram)
    stages.push({
      name: 'send-notices',
      every: 5000,
      tick: signal => sendNotices({ ...deps, mail, telegram }, signal),
    });
  if (mail)
    stages.push({
      name: 'send-mail',
      every: 5000,
      tick: signal => sendMail({ ...deps, send: mail }, signal),
    });
  if (telegram) {
    const linking = { ...deps, telegram, memory: { isKnown: false, next: 0 } };
    // Telegram answers one reader at a time.
    const tick = async (signal: AbortSignal) =>
      (await listener.tryLock('telegram')) ? linkTelegram(linking, signal) : 0;
    stages.push({ name: 'link-telegram', every: 2000, tick });
  }
  return stages;
}

type WarnStagesDeps = Omit<WarnDeps, 'below'> &
  WarnNetworksDeps & { listener: WakeListener; terms?: OperatorTerms | undefined };

/** One process an installation looks: the others would only find the same. */
export function warnStages({ listener, terms, ...deps }: WarnStagesDeps): Stage[] {
  const alone = (name: string, work: () => Promise<number>): Stage => {
    const tick = async () => ((await listener.tryLock(name)) ? work() : 0);
    return { name, every: 60_000, tick };
  };
  const below = terms?.warnBelow ?? null;
  const lags = alone('lags', () => warnNetworks(deps));
  return below === null ? [lags] : [lags, alone('balances', () => warnBalances({ ...deps, below }))];
}
