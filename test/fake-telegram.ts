/** Telegram's Bot API on loopback: what a bot was told to send, and what people write to it. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';

export const BOT_TOKEN = '123456:AAbbCCddEEffGGhhIIjjKKllMMnn';

export type FakeTelegram = {
  url: string;
  sent: { chat_id: string; text: string; [name: string]: unknown }[];
  /** Every method that was called. */
  calls: string[];
  /** People who have blocked the bot, by chat. */
  blocked: Set<string>;
  /** Answers 429 with this wait in seconds, while it is not null. */
  busy: { seconds: number | null };
  /** Somebody writes to the bot. */
  write(text: string, from?: { chat?: number; username?: string; type?: string }): void;
  /** As it was in the beginning. */
  clear(): void;
  close(): Promise<void>;
};

export async function openFakeTelegram(): Promise<FakeTelegram> {
  const sent: FakeTelegram['sent'] = [];
  const calls: string[] = [];
  const blocked = new Set<string>();
  /** Chats of people who have written to the bot. */
  const known = new Set<string>();
  const busy = { seconds: null as number | null };
  let updates: { update_id: number; message: unknown }[] = [];
  let last = 700;
  const answer = (method: string, body: Record<string, unknown>): [status: number, answer: object] => {
    calls.push(method);
    if (busy.seconds !== null)
      return [429, { ok: false, error_code: 429, parameters: { retry_after: busy.seconds } }];
    if (method === 'getMe')
      return [200, { ok: true, result: { id: 1, is_bot: true, username: 'pay_test_bot' } }];
    if (method === 'getUpdates') {
      updates = updates.filter(({ update_id }) => update_id >= Number(body.offset));
      return [200, { ok: true, result: updates.slice(0, Number(body.limit)) }];
    }
    if (blocked.has(String(body.chat_id)))
      return [403, { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' }];
    // As Telegram does with half of a character.
    if (/\p{Surrogate}/u.test(String(body.text)))
      return [
        400,
        { ok: false, error_code: 400, description: 'Bad Request: strings must be encoded in UTF-8' },
      ];
    if (!known.has(String(body.chat_id)))
      return [400, { ok: false, error_code: 400, description: 'Bad Request: chat not found' }];
    sent.push(body as FakeTelegram['sent'][number]);
    return [200, { ok: true, result: {} }];
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const method = new RegExp(`^/bot${BOT_TOKEN}/(\\w+)$`).exec(request.url ?? '')?.[1];
    const [status, body] = method ? answer(method, JSON.parse(text)) : [404, { ok: false, error_code: 404 }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const port = randomInt(10_000, 32_000);
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    calls,
    blocked,
    busy,
    write: (text, { chat = 4711, username, type = 'private' } = {}) => {
      known.add(String(chat));
      const from = { id: chat, first_name: 'Anna', ...(username === undefined ? {} : { username }) };
      updates.push({ update_id: ++last, message: { text, chat: { id: chat, type }, from } });
    },
    clear: () => {
      sent.length = 0;
      calls.length = 0;
      updates = [];
      blocked.clear();
      known.clear();
      busy.seconds = null;
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
