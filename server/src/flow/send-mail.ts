/**
 * mails → mailboxes. Claims what is due with a lease, writes the letter, hands it to the mail server outside any
 * transaction. The token of a link is made here, so that none is stored; a letter that is tried again carries a new one.
 */
import { EMAIL_CHANGE_LIFETIME, INVITATION_LIFETIME, RESET_LIFETIME } from '../domain/registration.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { newToken, type RandomBytes } from '../lib/secret-token.ts';
import type { Letter, SendLetter } from '../lib/smtp.ts';
import { type Db, transact } from '../store/db.ts';
import { setEmailChangeToken } from '../store/email-changes.ts';
import { insertInvitation, insertReset, setInvitationToken } from '../store/invitations.ts';
import { claimMails, deleteMail, type MailRow, postponeMail } from '../store/mails.ts';
import { findPersonByEmail } from '../store/people.ts';
import { type LetterKind, letterText, tellingLetter } from './letter.ts';

export type MailDeps = {
  db: Db;
  clock: Clock;
  logger: Logger;
  randomBytes: RandomBytes;
  uuid: () => string;
  send: SendLetter;
  /** Where the dashboard is reached, without a slash at the end. */
  baseUrl: string;
};

/** One letter has 45 s; the lease outlasts all of a claim. */
const LEASE = 5 * 60_000;
const PER_CLAIM = 4;
const GIVE_UP = 24 * 3_600_000;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;

/** Sends what is due; answers how many letters were dealt with. */
export async function sendMail(deps: MailDeps, signal: AbortSignal): Promise<number> {
  const { db, clock, uuid } = deps;
  const claim = { now: clock.now(), lease: uuid(), leaseMs: LEASE, limit: PER_CLAIM };
  const mails = await claimMails(db, claim);
  await Promise.all(mails.map(mail => deliver(deps, mail, signal)));
  return mails.length;
}

async function deliver(deps: MailDeps, mail: MailRow, signal: AbortSignal): Promise<void> {
  const letter = await write(deps, mail);
  try {
    if (letter) await deps.send(letter, signal);
  } catch (error) {
    return putOff(deps, mail, error);
  }
  await deleteMail(deps.db, mail);
}

/** What a mail server says may quote the letter; only its class is told. */
async function putOff({ db, clock, logger }: MailDeps, mail: MailRow, error: unknown): Promise<void> {
  const { id, kind } = mail;
  const attempts = mail.attempts + 1;
  const { code = 'failed', responseCode } = error as { code?: string; responseCode?: number };
  const about = { mail: id, kind, attempts, code, responseCode };
  if (clock.now() - mail.created_at > GIVE_UP) {
    logger.error(about, 'a letter is given up');
    return deleteMail(db, mail);
  }
  logger.warn(about, 'a letter was not taken; it will be tried again');
  const wait = Math.min(FIRST_WAIT * 2 ** mail.attempts, LONGEST_WAIT);
  await postponeMail(db, { ...mail, attempts }, clock.now() + wait);
}

/** null: there is nobody to write to. */
async function write(deps: MailDeps, mail: MailRow): Promise<Letter | null> {
  const person = await findPersonByEmail(deps.db, mail.email);
  const language = person?.language ?? mail.language;
  if (mail.kind === 'email_asked' || mail.kind === 'email_changed') {
    const link = `${deps.baseUrl}/dashboard/settings`;
    return { to: mail.email, ...tellingLetter(mail.kind, language, { about: mail.about ?? '', link }) };
  }
  const page = await pageOf(deps, mail, person?.id ?? null);
  if (!page) return null;
  const link = `${deps.baseUrl}/dashboard${page.path}`;
  return { to: mail.email, ...letterText(page.kind, language, link) };
}

type Page = { kind: LetterKind; path: string };

/** The page a letter leads to. Tokens stand in the fragment, which browsers send to no server. */
async function pageOf(deps: MailDeps, mail: MailRow, personId: number | null): Promise<Page | null> {
  const { db, clock, randomBytes } = deps;
  const now = clock.now();
  const { token, hash } = newToken(randomBytes);
  if (mail.kind === 'password_reset') {
    if (personId === null) return null;
    const reset = { tokenHash: hash, personId, expiresAt: now + RESET_LIFETIME };
    await transact(db, tx => insertReset(tx, reset));
    return { kind: 'password_reset', path: `/reset-password#${token}` };
  }
  if (mail.kind === 'registration') {
    if (personId !== null) return { kind: 'known_already', path: '' };
    const expiresAt = now + INVITATION_LIFETIME;
    const own = {
      tokenHash: hash,
      email: mail.email,
      userId: null,
      role: 'owner',
      invitedBy: null,
      expiresAt,
    } as const;
    await transact(db, tx => insertInvitation(tx, own, now));
    return { kind: 'registration', path: `/invitation#${token}` };
  }
  if (mail.kind === 'email_change') {
    // Somebody else has the address: that person is told so, and whoever asked is told nothing.
    if (personId !== null) return { kind: 'known_already', path: '' };
    const change = { email: mail.email, tokenHash: hash, expiresAt: now + EMAIL_CHANGE_LIFETIME };
    const isOpen = await setEmailChangeToken(db, change, now);
    return isOpen ? { kind: 'email_change', path: `/confirm-email#${token}` } : null;
  }
  const id = mail.invitation_id;
  const known = id === null ? null : await setInvitationToken(db, { id, tokenHash: hash, now });
  return known && { kind: 'invitation', path: `/invitation#${token}` };
}
