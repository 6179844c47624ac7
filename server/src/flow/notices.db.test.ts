import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  makeInvoice,
  makeShop,
  makeWallet,
  must,
  pay,
  put,
  readTo,
  type TestMerchant,
} from '../../../test/factories.ts';
import { answered, FakeShop } from '../../../test/fake-shop.ts';
import { BOT_TOKEN, type FakeTelegram, openFakeTelegram } from '../../../test/fake-telegram.ts';
import { type MailServer, openMailServer } from '../../../test/mail-server.ts';
import { useWorld } from '../../../test/use-world.ts';
import { adjustBalance } from '../commands/adjust-balance.ts';
import { askTelegramCode, chooseNotices } from '../commands/choose-notices.ts';
import { createPerson } from '../commands/create-person.ts';
import { dismissException } from '../commands/mark-transfer.ts';
import { updateMerchant } from '../commands/update-merchant.ts';
import { updateWallet } from '../commands/update-wallet.ts';
import type { NoticeChannel, NoticeKind } from '../domain/notice.ts';
import { parseCidrs } from '../lib/address-guard.ts';
import { createLogger } from '../lib/logger.ts';
import { SafeFetch } from '../lib/safe-fetch.ts';
import { sendBySmtp, smtpSettings } from '../lib/smtp.ts';
import { openTelegram, telegramSettings } from '../lib/telegram.ts';
import { setRetired } from '../store/cursors.ts';
import { checkMasterKey } from '../store/installation.ts';
import { Dispatcher } from './dispatch.ts';
import { expire } from './expire.ts';
import { announceWays } from './letter-stages.ts';
import { linkTelegram } from './link-telegram.ts';
import { match } from './match.ts';
import { sendNotices } from './send-notices.ts';
import { settle } from './settle.ts';
import { warnBalances } from './warn-balances.ts';
import { warnNetworks } from './warn-networks.ts';

const world = useWorld();
const { signal } = new AbortController();
const logger = createLogger('silent');
let merchant: TestMerchant;
let userId: number;
let anna: number;
let letters: { to: string; subject: string; text: string }[];
let isDown: boolean;
let api: FakeTelegram;
let mailServer: MailServer;
let fetch: SafeFetch;

beforeAll(async () => {
  [api, mailServer] = await Promise.all([openFakeTelegram(), openMailServer()]);
  fetch = new SafeFetch({ allow: must(parseCidrs(['127.0.0.0/8'])) });
});
afterAll(async () => {
  await fetch.close();
  await api.close();
  mailServer.server.close();
});

beforeEach(async () => {
  await checkMasterKey(world.db, world.vault, world.clock.now());
  await announceWays({ ...world, logger }, { mail: async () => undefined, telegram: telegram() });
  ({ merchant } = await makeShop(world, { merchant: { name: 'evil.example/@all' } }));
  ({ user_id: userId } = await world.db.selectFrom('merchants').select('user_id').executeTakeFirstOrThrow());
  anna = await member('anna@example.com', 'en');
  letters = [];
  isDown = false;
  api.clear();
});

async function member(email: string, language: string): Promise<number> {
  const made = await createPerson(world, {
    email,
    name: 'Anna',
    password: 'a long and quiet river',
    language,
    isOperator: false,
    userId,
  });
  return must(made).id;
}

const telegram = () =>
  openTelegram(telegramSettings.parse({ token: BOT_TOKEN, url: api.url }), (url, request, stop) =>
    fetch.post(url, request, stop),
  );

const mail = async (letter: (typeof letters)[number]) => {
  if (isDown) throw Object.assign(new Error('no'), { code: 'ECONNECTION' });
  letters.push(letter);
};

const deps = () => ({
  ...world,
  logger,
  uuid: randomUUID,
  baseUrl: 'https://pay.example',
  mail,
  telegram: telegram(),
});
const send = () => sendNotices(deps(), signal);

const choose = (wanted: boolean, kind: NoticeKind, channel: NoticeChannel = 'email', personId = anna) =>
  chooseNotices(world, { personId, acting: { kind: 'command_line' }, choices: [{ kind, channel, wanted }] });

/** An invoice that is paid on the chain, and settled. */
async function paid(clientReferenceId = `order #${world.next()}`) {
  const invoice = await makeInvoice(world, merchant, { clientReferenceId });
  await pay(world, invoice);
  await match(world);
  await readTo(world, 'TRC-20', { height: 200, final: 150 });
  await settle(world);
  await readTo(world, 'TRC-20', { height: 100 });
  return invoice;
}

const link = async () => {
  const { code } = await askTelegramCode(world, anna);
  api.write(`/start ${code}`, { username: 'anna_b' });
  await linkTelegram({ ...world, logger, telegram: telegram(), memory: { isKnown: false, next: 0 } }, signal);
};

describe('a notice', () => {
  test('of a payment goes to who has chosen it, with its number and amount, and nothing in it is a link but ours', async () => {
    await paid('unchosen');
    expect(await send()).toBe(0);
    await choose(true, 'paid');
    const invoice = await paid('see https://evil.example or @all');
    expect(await send()).toBe(1);
    expect(letters).toHaveLength(1);
    const { to, subject, text } = letters[0]!;
    expect([to, subject]).toEqual(['anna@example.com', 'CryptoScan: An invoice is paid']);
    expect(text).toContain(`Invoice ${invoice.id} · see https···evil·example or ·all · 10.`);
    expect(text).toContain(' USDT · TRC-20 · evil·example··all');
    expect(text.match(/https?:\S*/g)).toEqual([
      `https://pay.example/dashboard/invoices/${invoice.id}`,
      'https://pay.example/dashboard/settings',
    ]);
    expect(await send()).toBe(0);
  });

  test('of a payment that somebody has confirmed by hand goes to them too', async () => {
    await choose(true, 'paid');
    const invoice = await makeInvoice(world, merchant);
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    expect(await send()).toBe(1);
    expect(letters[0]?.text).toContain(`Invoice ${invoice.id} · `);
  });

  test('waits for five minutes after another one, and many are told as one', async () => {
    await choose(true, 'paid');
    await paid();
    await send();
    for (let n = 0; n < 12; n++) await paid(`order ${n}`);
    expect(await send()).toBe(0);
    world.clock.advance(5 * MINUTE);
    expect(await send()).toBe(1);
    expect(letters[1]?.subject).toBe('CryptoScan: Invoices paid: 12');
    expect(letters[1]?.text).toContain('and more: 2');
    expect(letters[1]?.text.match(/^Invoice/gm)).toHaveLength(11);
  });

  test('of money that settled nothing is left out once it is dealt with, and is told once however often it is judged', async () => {
    const invoice = await makeInvoice(world, merchant);
    const stray = { units: invoice.method!.final.units + 77n };
    await pay(world, invoice, stray);
    await match(world);
    await world.db.updateTable('transfers').set({ state: 'pending', reason: null }).execute();
    await match(world);
    expect(await send()).toBe(1);
    expect(letters[0]?.subject).toBe('CryptoScan: A payment waits for your decision');
    expect(letters[0]?.text).toContain('https://pay.example/dashboard/money');
    world.clock.advance(5 * MINUTE);
    await world.db.updateTable('transfers').set({ state: 'pending', reason: null }).execute();
    await match(world);
    expect(await send()).toBe(0);
    await pay(world, invoice, stray);
    await match(world);
    await world.db
      .updateTable('transfers')
      .set({ resolution: 'dismissed', resolved_at: new Date(), resolved_by: 'anna' })
      .execute();
    expect(await send()).toBe(1);
    expect(letters).toHaveLength(1);
  });

  test('of money that settled nothing is not lost behind ten of which somebody has dealt with meanwhile', async () => {
    const invoice = await makeInvoice(world, merchant);
    for (let n = 0n; n < 13n; n++)
      await pay(world, invoice, { units: invoice.method!.final.units + 77n + n });
    await match(world);
    const dealt = { resolution: 'dismissed' as const, resolved_at: new Date(), resolved_by: 'anna' };
    await world.db.updateTable('transfers').set(dealt).where('id', '<=', 11).execute();
    expect(await send()).toBe(1);
    expect(letters[0]?.subject).toBe('CryptoScan: Payments that wait for your decision: 2');
    const open = world.db.selectFrom('transfers').select('tx_id').where('resolution', 'is', null);
    for (const { tx_id } of await open.execute()) expect(letters[0]?.text).toContain(tx_id);
    expect(letters[0]?.text).not.toContain('and more');
  });

  test('of a wallet is not lost behind many changes of others: the latest stand first', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 11; n++) ids.push((await makeWallet(world, merchant)).id);
    for (const digits of [2, 4]) {
      world.clock.advance(MINUTE);
      for (const id of ids) must(await updateWallet(world, id, { digits }));
    }
    const { id, address } = await makeWallet(world, merchant);
    await send();
    const lines = letters[0]!.text.split('\n').filter(text => text.startsWith('Wallet '));
    expect(lines).toHaveLength(10);
    expect(lines[0]).toContain(`Wallet ${id} `);
    expect(lines[0]).toContain(address);
    expect(letters[0]?.text).toContain('and more: 2');
  });

  test('of an invoice that ended with a part of it, or unseen, comes once, to those who hear of unmatched money', async () => {
    await world.db.updateTable('merchants').set({ remainder: true }).execute();
    const part = await makeInvoice(world, merchant);
    await pay(world, part, { units: (part.method!.final.units * 6n) / 10n, height: 99 });
    await match(world);
    const unseen = await makeInvoice(world, merchant);
    expect(await send()).toBe(0);
    world.clock.time = unseen.expireAt + 3 * MINUTE;
    await setRetired(world.db, 'TRC-20', world.clock.now());
    expect(await expire(world)).toBe(2);
    expect(await send()).toBe(1);
    expect(letters[0]?.subject).toBe('CryptoScan: Payments that wait for your decision: 2');
    expect(letters[0]?.text).toMatch(
      new RegExp(`^Invoice ${part.id} · .* USDT · TRC-20 · .*: only a part of it was paid in time$`, 'm'),
    );
    expect(letters[0]?.text).toMatch(
      new RegExp(`^Invoice ${unseen.id} · .*: its network could not be read`, 'm'),
    );
    expect(letters[0]?.text).toContain('https://pay.example/dashboard/money');
    world.clock.advance(5 * MINUTE);
    await match(world);
    await settle(world);
    expect(await send()).toBe(0);
  });

  test('of an invoice that ended with a part of it is left out once somebody has dealt with that', async () => {
    await world.db.updateTable('merchants').set({ remainder: true }).execute();
    const invoice = await makeInvoice(world, merchant);
    await pay(world, invoice, { units: (invoice.method!.final.units * 6n) / 10n });
    await match(world);
    world.clock.time = invoice.expireAt + 3 * MINUTE;
    await readTo(world, 'TRC-20', { height: 110 });
    expect(await expire(world)).toBe(1);
    must(await dismissException(world, invoice.id));
    expect(await send()).toBe(1);
    expect(letters).toEqual([]);
  });

  test('of a webhook comes when the tenth request has failed', async () => {
    await put(world, await makeInvoice(world, merchant), 'cancelled');
    const shop = new FakeShop();
    shop.reply = answered(500, 'no');
    const dispatcher = new Dispatcher({
      ...world,
      post: shop.post,
      uuid: randomUUID,
      onFree: () => undefined,
    });
    for (let n = 0; n < 10; n++) {
      expect(await send()).toBe(0);
      await dispatcher.tick(signal);
      await dispatcher.idle();
      world.clock.advance(24 * HOUR);
    }
    // It is as old as the last request; whoever reads it a day late has no use for it.
    world.clock.advance(-24 * HOUR);
    expect(await send()).toBe(1);
    expect(letters[0]?.subject).toBe('CryptoScan: A webhook was given up');
  });

  test('of a webhook is none where a later event took its place during the tenth request', async () => {
    const invoice = await put(world, await makeInvoice(world, merchant), 'cancelled');
    await world.db.updateTable('deliveries').set({ attempts: 9 }).execute();
    const shop = new FakeShop();
    shop.reply = null;
    const dispatcher = new Dispatcher({
      ...world,
      post: shop.post,
      uuid: randomUUID,
      onFree: () => undefined,
    });
    await dispatcher.tick(signal);
    await put(world, invoice, 'confirmed_manually', { transactionId: 'a', payerWallet: null, paidAt: 1 });
    shop.requests[0]!.answer(answered(500));
    await dispatcher.idle();
    const notices = world.db.selectFrom('notices').select('kind').where('kind', '=', 'webhook_exhausted');
    expect(await notices.execute()).toEqual([]);
  });

  test('of a wallet goes by e-mail to whoever may change it, in their language, whatever they have chosen', async () => {
    await member('bernd@example.com', 'de');
    await choose(false, 'wallet_changed');
    Object.assign(world, { hold: { length: 24 * HOUR } });
    const { id, address } = await makeWallet(world, merchant);
    expect(await send()).toBe(2);
    expect(letters.map(({ to }) => to).sort()).toEqual(['anna@example.com', 'bernd@example.com']);
    const german = letters.find(({ to }) => to === 'bernd@example.com');
    expect(german?.text).toContain(address);
    expect(german?.text).toContain('neue Rechnungen dürfen es nutzen ab 2026-01-02 12:00 UTC');
    expect(german?.text).toContain(`https://pay.example/dashboard/merchants/${merchant.id}`);
    world.clock.advance(5 * MINUTE);
    must(await updateWallet(world, id, { active: false }));
    must(await updateWallet(world, id, { digits: 4 }));
    expect(await send()).toBe(2);
    expect(letters[3]?.text).toMatch(/not active|nicht aktiv/);
    expect(letters).toHaveLength(4);
  });

  test('of a network that is behind, and of a low balance, comes once while that lasts', async () => {
    expect(await warnNetworks(world)).toBe(0);
    world.clock.advance(11 * MINUTE);
    await warnNetworks(world);
    await warnNetworks(world);
    must(await adjustBalance(world, userId, { amount: '-3', memo: 'a fee' }));
    const warn = () => warnBalances({ ...world, logger, below: 0n });
    await warn();
    await warn();
    expect(await send()).toBe(1);
    expect(letters[0]?.subject).toBe('CryptoScan: A network is behind · Your balance is low');
    world.clock.advance(HOUR);
    await warn();
    await warnNetworks(world);
    expect(await send()).toBe(0);
    await readTo(world, 'TRC-20', { height: 300 });
    await warnNetworks(world);
    world.clock.advance(11 * MINUTE);
    await warnNetworks(world);
    expect(await send()).toBe(1);
  });

  test('of a network that is behind is not for one that is out of use', async () => {
    await setRetired(world.db, 'TRC-20', world.clock.now());
    world.clock.advance(HOUR);
    await warnNetworks(world);
    expect(await send()).toBe(0);
    await setRetired(world.db, 'TRC-20', null);
    await warnNetworks(world);
    expect(await send()).toBe(1);
  });

  test('is not for who has left the team, and there is none where nothing can be sent', async () => {
    await choose(true, 'paid');
    await paid();
    await world.db.deleteFrom('memberships').execute();
    expect(await send()).toBe(1);
    expect(letters).toEqual([]);
    await world.db.deleteFrom('notices').execute();
    await announceWays({ ...world, logger }, { mail: null, telegram: null });
    await member('late@example.com', 'en');
    await makeWallet(world, merchant);
    expect(await world.db.selectFrom('notices').selectAll().execute()).toEqual([]);
  });
});

test('a process that takes a way away that was there says so in its log', async () => {
  const said: { lost?: string[] }[] = [];
  const logger = pino({}, { write: line => void said.push(JSON.parse(line)) });
  const mail = async () => undefined;
  await announceWays({ ...world, logger }, { mail, telegram: telegram() });
  expect(said).toEqual([]);
  await announceWays({ ...world, logger }, { mail, telegram: null });
  expect(said).toMatchObject([{ level: 40, lost: ['telegram'] }]);
  await announceWays({ ...world, logger }, { mail, telegram: null });
  expect(said).toHaveLength(1);
});

describe('sending', () => {
  test('is done by one of two processes, and again by another where one has died', async () => {
    await choose(true, 'paid');
    await paid();
    const [one, two] = await Promise.all([send(), send()]);
    expect(one + two).toBe(1);
    expect(letters).toHaveLength(1);
    await paid();
    world.clock.advance(5 * MINUTE);
    const lease = { lease: randomUUID(), leased_until: new Date(world.clock.now() + MINUTE) };
    await world.db.updateTable('notice_channels').set(lease).execute();
    expect(await send()).toBe(0);
    world.clock.advance(MINUTE);
    expect(await send()).toBe(1);
    expect(letters).toHaveLength(2);
  });

  test('by a process whose lease has run out gives the channel to no third one', async () => {
    await choose(true, 'paid');
    await paid();
    let answer: () => void = () => undefined;
    let other: Promise<number> | null = null;
    const late = async () => {
      world.clock.advance(5 * MINUTE);
      await new Promise<void>(begun => {
        const slowly = () => {
          begun();
          return new Promise<void>(done => {
            answer = done;
          });
        };
        other = sendNotices({ ...deps(), mail: slowly }, signal);
      });
      throw new Error('no answer');
    };
    expect(await sendNotices({ ...deps(), mail: late }, signal)).toBe(1);
    world.clock.advance(MINUTE);
    expect(await send()).toBe(0);
    answer();
    expect(await other).toBe(1);
    world.clock.advance(5 * MINUTE);
    expect(await send()).toBe(0);
    expect(letters).toEqual([]);
  });

  test('is tried again later where it fails, ever later, and given up after a day', async () => {
    await choose(true, 'paid');
    await paid();
    isDown = true;
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    world.clock.advance(30_000);
    expect(await send()).toBe(1);
    world.clock.advance(30_000);
    expect(await send()).toBe(0);
    isDown = false;
    world.clock.advance(24 * HOUR);
    expect(await send()).toBe(1);
    expect(letters).toEqual([]);
    expect(await send()).toBe(0);
  });

  test('by SMTP and by Telegram brings the same words', async () => {
    await link();
    await choose(true, 'paid');
    await choose(true, 'paid', 'telegram');
    const invoice = await paid();
    const smtp = smtpSettings.parse({
      host: '127.0.0.1',
      port: mailServer.port,
      from: 'pay@example.com',
      tls: 'none',
    });
    await sendNotices({ ...deps(), mail: (letter, stop) => sendBySmtp(smtp, letter, stop) }, signal);
    const heard = mailServer.heard.join('');
    expect(heard).toContain('Subject: CryptoScan: An invoice is paid');
    expect(heard).toContain(`https://pay.example/dashboard/invoices/${invoice.id}`);
    const told = api.sent.at(-1);
    expect(told).toMatchObject({ chat_id: '4711', link_preview_options: { is_disabled: true } });
    expect(told?.text).toContain(`Invoice ${invoice.id} · order #`);
    expect(told).not.toHaveProperty('parse_mode');
  });
});

describe('a Telegram chat', () => {
  test('is linked by the code that the dashboard has shown, once, and by nothing else', async () => {
    const memory = { isKnown: false, next: 0 };
    const read = () => linkTelegram({ ...world, logger, telegram: telegram(), memory }, signal);
    expect(await read()).toBe(0);
    expect(api.calls.filter(method => method === 'getUpdates')).toHaveLength(0);
    const { code } = await askTelegramCode(world, anna);
    api.write('hello');
    api.write(`/start ${'x'.repeat(43)}`);
    api.write(`/start ${code}`, { chat: -5, type: 'group' });
    await read();
    expect(api.sent).toEqual([]);
    api.write(`/start ${code}`, { username: 'anna_b' });
    await read();
    expect(api.sent.map(({ chat_id }) => chat_id)).toEqual(['4711']);
    api.write(`/start ${code}`, { chat: 666 });
    await askTelegramCode(world, await member('other@example.com', 'en'));
    await read();
    const chats = world.db.selectFrom('notice_channels').select(['person_id', 'chat_id', 'chat_name']);
    expect(await chats.where('channel', '=', 'telegram').execute()).toEqual([
      { person_id: anna, chat_id: '4711', chat_name: '@anna_b' },
    ]);
    const { code: late } = await askTelegramCode(world, anna);
    world.clock.advance(15 * MINUTE);
    api.write(`/start ${late}`, { chat: 666 });
    await askTelegramCode(world, anna);
    await read();
    expect(api.sent).toHaveLength(1);
  });

  test('is let go where its owner has blocked the bot, and Telegram is waited for as long as it says', async () => {
    await link();
    await choose(true, 'paid', 'telegram');
    await paid();
    api.busy.seconds = 90;
    await send();
    api.busy.seconds = null;
    world.clock.advance(89_000);
    expect(await send()).toBe(0);
    api.blocked.add('4711');
    world.clock.advance(1000);
    expect(await send()).toBe(1);
    await paid();
    world.clock.advance(HOUR);
    expect(await send()).toBe(0);
  });

  test('stays where a text is refused, which no long one is in the middle of a character', async () => {
    await link();
    const say = (text: string) => telegram().send('4711', text, signal);
    const long = `${'a'.repeat(3999)}\u{1d400}b`;
    expect(await say(long)).toBe('sent');
    expect(api.sent.at(-1)?.text).toBe(`${'a'.repeat(3999)}…`);
    await expect(say('\ud835')).rejects.toMatchObject({ code: 'error 400' });
    expect(await telegram().send('99', 'hello', signal)).toBe('gone');
  });

  test('is never told of with the token: not in a fault, not in a log', async () => {
    const said: string[] = [];
    const listening = { ...logger, warn: (...args: unknown[]) => void said.push(JSON.stringify(args)) };
    const wrong = openTelegram(
      telegramSettings.parse({ token: `${BOT_TOKEN}x`, url: api.url }),
      (url, request) => fetch.post(url, request),
    );
    const memory = { isKnown: false, next: 0 };
    const reading = { ...world, logger: listening as unknown as typeof logger, telegram: wrong, memory };
    expect(await linkTelegram(reading, signal)).toBe(0);
    expect(said).toEqual(['[{"code":"error 404"},"Telegram cannot be read; it will be tried again"]']);
    const slip = telegramSettings.safeParse({ token: 'AAbbCCddEEffGGhhIIjjKKllMMnn' });
    expect(JSON.stringify(slip.error)).not.toContain('AAbb');
  });
});

test('a shop that accepts no late payment has no task of one', async () => {
  must(await updateMerchant(world, merchant.id, { late: 'reject' }));
  const invoice = await makeInvoice(world, merchant);
  world.clock.advance(HOUR);
  await readTo(world, 'TRC-20', { height: 101 });
  await put(world, invoice, 'deadline_passed');
  await pay(world, invoice, { time: world.clock.now() });
  await match(world);
  expect(await send()).toBe(0);
});
