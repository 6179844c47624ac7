/** What one hears of, and how: GET and PUT /notices; POST and DELETE /notices/telegram for the chat. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  askTelegramCode,
  chooseNotices,
  forgetTelegram,
  noticeTable,
} from '../../commands/choose-notices.ts';
import { asPerson } from '../../commands/people-deps.ts';
import { type NoticeKind, noticeChannels, noticeKinds } from '../../domain/notice.ts';
import { channelsHere } from '../../store/notice-choices.ts';
import { findBot, findChat } from '../../store/telegram.ts';
import { bodyOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { doorstepOf, personOf, requireProof } from './visit.ts';

const choice = z.strictObject({
  kind: z.enum(noticeKinds),
  channel: z.enum(noticeChannels),
  wanted: z.boolean(),
});
const noticesBody = z.strictObject({ choices: z.array(choice).max(50) });
export type NoticesBody = z.input<typeof noticesBody>;

type Cell = { wanted: boolean; is_bound: boolean };
export type NoticesAnswer = {
  /** Whether this installation sends letters; null: no bot of Telegram. */
  mail: boolean;
  telegram: { bot: string | null; chat: string | null } | null;
  kinds: { kind: NoticeKind; email: Cell; telegram: Cell }[];
};
/** `expires_at` in ms. */
export type TelegramCodeAnswer = { code: string; link: string; bot: string; expires_at: number };

/** Behind `requirePerson`. */
export function noticeRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const { db } = deps;
  app.get('/notices', async (request, reply) => {
    const { row } = personOf(request);
    const [channels, bot, chat, table] = await Promise.all([
      channelsHere(db),
      findBot(db),
      findChat(db, row.id),
      noticeTable(db, row),
    ]);
    const answer: NoticesAnswer = {
      mail: channels.includes('email'),
      telegram: channels.includes('telegram') ? { bot, chat: chat?.chatName ?? null } : null,
      kinds: table.map(({ kind, by }) => ({ kind, email: cell(by.email), telegram: cell(by.telegram) })),
    };
    return reply.send(answer);
  });
  app.put('/notices', async (request, reply) => {
    const { choices } = bodyOf(noticesBody, request);
    const { id } = personOf(request).row;
    const acting = asPerson(id, doorstepOf(request, deps).visitor);
    await chooseNotices(deps, { personId: id, acting, choices });
    return reply.code(204).send();
  });
  app.post('/notices/telegram', async (request, reply) => {
    requireProof(request);
    const bot = await findBot(db);
    if (bot === null) throw new DashboardError(409, 'telegram_unavailable', 'There is no Telegram bot here.');
    const { code, expiresAt } = await askTelegramCode(deps, personOf(request).row.id);
    const link = `https://t.me/${bot}?start=${code}`;
    const answer: TelegramCodeAnswer = { code, link, bot, expires_at: expiresAt };
    return reply.send(answer);
  });
  app.delete('/notices/telegram', async (request, reply) => {
    const { id } = personOf(request).row;
    const acting = asPerson(id, doorstepOf(request, deps).visitor);
    if (!(await forgetTelegram(deps, { personId: id, acting })))
      throw new DashboardError(404, 'not_found', 'There is nothing here.');
    return reply.code(204).send();
  });
}

const cell = ({ wanted, isBound }: { wanted: boolean; isBound: boolean }): Cell => ({
  wanted,
  is_bound: isBound,
});
