/**
 * The Bot API of Telegram (https://core.telegram.org/bots/api), as little of it as notices need. The token is part of every
 * address, so nothing of an address or an answer's own words is in what this throws.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Outcome } from './fetch-outcome.ts';

const settings = z.strictObject({
  token: z.string().optional(),
  tokenFile: z.string().min(1).optional(),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .transform(url => url.replace(/\/+$/, ''))
    .default('https://api.telegram.org'),
});

/** `telegram` of the configuration. The token may be in a file, which is read here. */
export const telegramSettings = settings.transform(({ token: given, tokenFile, url }, context) => {
  const fault = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: [path], message });
    return z.NEVER;
  };
  let token = given;
  try {
    if (tokenFile !== undefined) token = readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    return fault('tokenFile', `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  // What is no token is not repeated: it may be one with a slip in it.
  if (token === undefined) return fault('token', 'is required, or tokenFile');
  if (!/^\d{1,20}:[\w-]{20,100}$/.test(token))
    return fault('token', 'must be the token of a bot, as @BotFather gives it: digits, a colon, letters');
  return { token, url };
});
export type TelegramSettings = z.output<typeof telegramSettings>;

export type Post = (
  url: string,
  request: { headers: Record<string, string>; body: string; maxCharacters: number },
  signal?: AbortSignal,
) => Promise<Outcome>;

/** A message in a chat between one person and the bot. */
export type TelegramMessage = { update: number; chatId: string; chatName: string; text: string };

export type Telegram = {
  /** The bot's own name, without the @. */
  username(signal: AbortSignal): Promise<string>;
  /** `gone`: there is no such chat, or the person has blocked the bot. */
  send(chatId: string, text: string, signal: AbortSignal): Promise<'sent' | 'gone'>;
  /** What came from `update` on; what is before it is never told again. Messages that are no private text are left out. */
  messages(update: number, signal: AbortSignal): Promise<{ messages: TelegramMessage[]; next: number }>;
};

/** `retryAfter` in seconds, where Telegram says so. */
export class TelegramFault extends Error {
  override name = 'TelegramFault';
  readonly code: string;
  readonly retryAfter: number | null;
  constructor(code: string, retryAfter: number | null = null) {
    super(`Telegram did not take it (${code})`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** A message has at most 4096 characters (sendMessage). */
const LONGEST = 4000;
const PER_READ = 20;
/** Twenty messages of 4096 characters, each of them written as \u escapes. */
const MOST_READ = 1_000_000;

const answer = z.object({
  ok: z.boolean(),
  result: z.unknown().optional(),
  error_code: z.int().optional(),
  description: z.string().optional(),
  parameters: z.object({ retry_after: z.int().optional() }).optional(),
});
const me = z.object({ username: z.string().regex(/^\w{1,64}$/) });
const updates = z.array(z.object({ update_id: z.int(), message: z.unknown().optional() }));
const message = z.object({
  text: z.string(),
  chat: z.object({ id: z.int(), type: z.literal('private') }),
  from: z.object({ username: z.string().optional(), first_name: z.string().optional() }),
});

/** `post` is the guarded outbound HTTP. */
export function openTelegram({ token, url }: TelegramSettings, post: Post): Telegram {
  const call = async (method: string, body: object, signal: AbortSignal) => {
    const headers = { 'content-type': 'application/json' };
    const request = { headers, body: JSON.stringify(body), maxCharacters: MOST_READ };
    return read(await post(`${url}/bot${token}/${method}`, request, signal));
  };
  return {
    username: async signal => parsed(me, demand(await call('getMe', {}, signal))).username,
    send: async (chatId, text, signal) => {
      const options = { link_preview_options: { is_disabled: true } };
      const said = await call('sendMessage', { chat_id: chatId, text: cut(text), ...options }, signal);
      if (!said.ok && isGone(said)) return 'gone';
      demand(said);
      return 'sent';
    },
    messages: async (update, signal) => {
      const asked = { offset: update, limit: PER_READ, timeout: 0, allowed_updates: ['message'] };
      const found = parsed(updates, demand(await call('getUpdates', asked, signal)));
      const messages = found.flatMap(({ update_id, message: raw }): TelegramMessage[] => {
        const { success, data } = message.safeParse(raw);
        return success ? [{ update: update_id, ...aboutChat(data) }] : [];
      });
      return { messages, next: Math.max(update, ...found.map(one => one.update_id + 1)) };
    },
  };
}

function aboutChat({ text, chat, from }: z.output<typeof message>) {
  const name = from.username === undefined ? (from.first_name ?? '') : `@${from.username}`;
  // Anybody may be called anything there.
  const plain = [...name.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()].slice(0, 60).join('');
  return { chatId: String(chat.id), chatName: plain || String(chat.id), text };
}

function read(outcome: Outcome): z.output<typeof answer> {
  if (outcome.kind === 'error') throw new TelegramFault(outcome.class);
  const said = outcome.truncated ? null : parseJson(outcome.body);
  if (said === null) throw new TelegramFault(`status ${outcome.status}`);
  return parsed(answer, said);
}

function demand({ ok, result, error_code, parameters }: z.output<typeof answer>): unknown {
  if (ok) return result;
  throw new TelegramFault(`error ${error_code ?? 'unknown'}`, parameters?.retry_after ?? null);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new TelegramFault('an answer of another shape');
  return data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Blocked, deleted, or never there; any other refusal may be of the text, and says nothing of the chat. */
const isGone = ({ error_code: code, description = '' }: z.output<typeof answer>) =>
  code === 403 || (code === 400 && /chat not found|user is deactivated/i.test(description));

/** Never within a character that is two units long: Telegram refuses half of one. */
const cut = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '')}…`;
