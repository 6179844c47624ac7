import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { askForLetter } from '../commands/ask-for-letter.ts';
import { createPerson } from '../commands/create-person.ts';
import { createLogger } from '../lib/logger.ts';
import { hashToken } from '../lib/secret-token.ts';
import type { Letter } from '../lib/smtp.ts';
import { openVault } from '../lib/vault.ts';
import { checkMasterKey } from '../store/installation.ts';
import { findInvitation, personOfReset } from '../store/invitations.ts';
import { sendMail } from './send-mail.ts';

let database: TestDatabase;
const vault = openVault(randomBytes(32));
const HOUR = 3_600_000;
let now = 0;
let letters: Letter[] = [];
let isDown = false;
const { signal } = new AbortController();

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.clear();
  now = Date.UTC(2026, 0, 1);
  letters = [];
  isDown = false;
  await checkMasterKey(database.db, vault, now);
  await createPerson(peopleDeps(), {
    email: 'Anna@example.com',
    name: 'Anna',
    password: 'a long and quiet river',
    language: 'de',
    isOperator: false,
    userId: null,
  });
});

const clock = { now: () => now };
const peopleDeps = () => ({ db: database.db, vault, clock, randomBytes });
const deps = () => ({
  db: database.db,
  clock,
  logger: createLogger('silent'),
  randomBytes,
  uuid: randomUUID,
  baseUrl: 'https://pay.example',
  send: async (letter: Letter) => {
    if (isDown) throw new Error('no answer');
    letters.push(letter);
  },
});
const tick = () => sendMail(deps(), signal);
const ask = (kind: 'password_reset' | 'registration', email: string) =>
  askForLetter(peopleDeps(), { kind, email, language: 'en' });
const waiting = async () =>
  (await sql<{ attempts: number }>`select attempts from mails`.execute(database.db)).rows;
const tokenOf = (letter?: Letter) => /#([\w-]{43})/.exec(letter?.text ?? '')?.[1] ?? '';

test('a new password is written about to who is known, in their language, and to nobody else', async () => {
  await ask('password_reset', 'anna@example.com');
  await ask('password_reset', 'nobody@example.com');
  expect(await waiting()).toHaveLength(2);
  expect(await tick()).toBe(2);
  expect(letters.map(({ to, subject }) => [to, subject])).toEqual([
    ['anna@example.com', 'CryptoScan: Neues Passwort festlegen'],
  ]);
  expect(letters[0]?.text).toContain('https://pay.example/dashboard/reset-password#');
  expect(await personOfReset(database.db, hashToken(tokenOf(letters[0])), now)).not.toBeNull();
  expect(await personOfReset(database.db, hashToken(tokenOf(letters[0])), now + HOUR)).toBeNull();
  expect(await waiting()).toEqual([]);
});

test('who registers gets a link that proves the mailbox; who is here already is told so', async () => {
  await ask('registration', 'new@example.com');
  await ask('registration', 'anna@example.com');
  await tick();
  const fresh = letters.find(({ to }) => to === 'new@example.com');
  expect(await findInvitation(database.db, hashToken(tokenOf(fresh)), now)).toMatchObject({
    email: 'new@example.com',
    user_id: null,
    role: 'owner',
  });
  expect(letters.find(({ to }) => to === 'anna@example.com')?.subject).toBe(
    'CryptoScan: Sie haben ein Konto',
  );
});

test('a mail server that is down delays a letter, longer each time, and it is given up after a day', async () => {
  await ask('password_reset', 'anna@example.com');
  isDown = true;
  await tick();
  expect(await waiting()).toEqual([{ attempts: 1 }]);
  expect(await tick()).toBe(0);
  now += 30_000;
  expect(await tick()).toBe(1);
  now += 30_000;
  expect(await tick()).toBe(0);
  isDown = false;
  now += 30_000;
  expect(await tick()).toBe(1);
  expect(letters).toHaveLength(1);
  await ask('password_reset', 'anna@example.com');
  isDown = true;
  now += 24 * HOUR + 1;
  await tick();
  expect(await waiting()).toEqual([]);
});

test('of two processes one sends a letter, and that of one that died is sent by another later', async () => {
  await ask('password_reset', 'anna@example.com');
  const [one, two] = await Promise.all([tick(), tick()]);
  expect(one + two).toBe(1);
  await ask('password_reset', 'anna@example.com');
  await sql`update mails set leased_until = ${new Date(now + 1000)}, lease = ${randomUUID()}::uuid`.execute(
    database.db,
  );
  expect(await tick()).toBe(0);
  now += 1001;
  expect(await tick()).toBe(1);
});

test('who has lost the lease of a letter neither ends it nor gives it to a third one', async () => {
  /** A process that stands still while it sends: its lease runs out, and the letter is another one's. */
  const sendLate = (meanwhile: () => Promise<unknown>) =>
    sendMail({ ...deps(), send: async () => void (await passLease(meanwhile)) }, signal);
  const passLease = (meanwhile: () => Promise<unknown>) => {
    now += 5 * 60_000;
    return meanwhile();
  };
  await ask('password_reset', 'anna@example.com');
  await sendLate(async () => {
    isDown = true;
    expect(await tick()).toBe(1);
  });
  // The second letter has a link of its own, and did not go out: it is still to be sent.
  expect(await waiting()).toEqual([{ attempts: 1 }]);
  now += 30_000;
  let answer: () => void = () => undefined;
  let other: Promise<number> | null = null;
  await sendLate(async () => {
    await new Promise<void>(begun => {
      const send = () => {
        begun();
        return new Promise<void>(done => {
          answer = done;
        });
      };
      other = sendMail({ ...deps(), send }, signal);
    });
    throw new Error('no answer');
  });
  now += 60_000;
  expect(await tick()).toBe(0);
  answer();
  expect(await other).toBe(1);
  expect(await waiting()).toEqual([]);
});

test('one address gets a few letters an hour, whoever has it', async () => {
  for (let n = 0; n < 5; n++) {
    await ask('password_reset', 'anna@example.com');
    await ask('password_reset', 'nobody@example.com');
  }
  expect(await waiting()).toHaveLength(6);
});
