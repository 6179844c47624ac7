/** What a person hears of, and by which way; and the Telegram chat that is theirs. */
import {
  isBound,
  isToldByDefault,
  mayHear,
  type NoticeChannel,
  type NoticeKind,
  noticeKinds,
  TELEGRAM_CODE_LIFETIME,
  toOperators,
} from '../domain/notice.ts';
import type { Role } from '../domain/role.ts';
import { newToken } from '../lib/secret-token.ts';
import type { Acting } from '../store/audit-log.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Db, transact } from '../store/db.ts';
import { membershipsOf } from '../store/memberships.ts';
import { type Choice, choicesOf, setChoices } from '../store/notice-choices.ts';
import type { PersonRow } from '../store/people.ts';
import { insertTelegramCode, unlinkTelegram } from '../store/telegram.ts';
import type { PeopleDeps } from './people-deps.ts';

type Wanted = { wanted: boolean; isBound: boolean };
/** Kinds that one may hear of in any account. */
export type NoticeTable = { kind: NoticeKind; by: Record<NoticeChannel, Wanted> }[];

/** What a person hears of, of what their roles let them. */
export async function noticeTable(
  db: Db,
  person: Pick<PersonRow, 'id' | 'is_operator'>,
): Promise<NoticeTable> {
  const [memberships, choices] = await Promise.all([membershipsOf(db, person.id), choicesOf(db, person.id)]);
  const roles = memberships.map(({ role }) => role);
  const kinds = noticeKinds.filter(
    kind => roles.some(role => mayHear(role, kind)) || (person.is_operator && toOperators(kind)),
  );
  return kinds.map(kind => {
    const of = (channel: NoticeChannel) => wanted(roles, person.is_operator, { kind, channel, choices });
    return { kind, by: { email: of('email'), telegram: of('telegram') } };
  });
}

function wanted(
  roles: readonly Role[],
  isOperator: boolean,
  { kind, channel, choices }: { kind: NoticeKind; channel: NoticeChannel; choices: readonly Choice[] },
): Wanted {
  const bound = roles.some(role => isBound(role, kind, channel));
  const chosen = choices.find(choice => choice.kind === kind && choice.channel === channel)?.wanted;
  const byDefault = roles.some(role => isToldByDefault(role, kind)) || (isOperator && toOperators(kind));
  return { wanted: bound || (chosen ?? byDefault), isBound: bound };
}

type Choosing = { personId: number; acting: Acting; choices: readonly Choice[] };

export async function chooseNotices(
  { db, clock, vault }: Pick<PeopleDeps, 'db' | 'clock' | 'vault'>,
  { personId, acting, choices }: Choosing,
): Promise<void> {
  if (choices.length === 0) return;
  await transact(db, async tx => {
    await setChoices(tx, personId, choices);
    const told = (wanted: boolean) =>
      choices.filter(choice => choice.wanted === wanted).map(({ kind, channel }) => `${kind} by ${channel}`);
    const after = { on: told(true), off: told(false) };
    const entry = { acting, userId: null, action: 'notices.choose', target: `person ${personId}`, after };
    await appendAudit(tx, vault, entry, clock.now());
  });
}

/** A code that links the chat it is sent from; what was linked before stays until then. */
export async function askTelegramCode(
  { db, clock, randomBytes }: Pick<PeopleDeps, 'db' | 'clock' | 'randomBytes'>,
  personId: number,
): Promise<{ code: string; expiresAt: number }> {
  const { token, hash } = newToken(randomBytes);
  const expiresAt = clock.now() + TELEGRAM_CODE_LIFETIME;
  await transact(db, tx => insertTelegramCode(tx, { personId, hash, expiresAt }));
  return { code: token, expiresAt };
}

/** False when there was none. */
export async function forgetTelegram(
  { db, clock, vault }: Pick<PeopleDeps, 'db' | 'clock' | 'vault'>,
  { personId, acting }: { personId: number; acting: Acting },
): Promise<boolean> {
  return transact(db, async tx => {
    if (!(await unlinkTelegram(tx, personId))) return false;
    const entry = { acting, userId: null, action: 'telegram.unlink', target: `person ${personId}` };
    await appendAudit(tx, vault, entry, clock.now());
    return true;
  });
}
