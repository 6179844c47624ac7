/** The authenticator app: offered, confirmed by its first code, taken away; and the recovery codes beside it. */
import { ok } from '../lib/result.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import { findPerson, lockPerson } from '../store/people.ts';
import {
  confirmTotp,
  deleteTotp,
  factorsOf,
  findTotp,
  offerTotp as insertOffer,
  replaceRecoveryCodes,
  useTotpStep,
} from '../store/second-factors.ts';
import { type Attempt, admitTry, forgetAttempt } from './count-tries.ts';
import { asPerson, type PeopleDeps, type Visitor } from './people-deps.ts';
import { type Judged, refuse, tooMany } from './refusal.ts';
import { newRecoveryCodes, stepOf, totpOf } from './second-factor.ts';

/** 160 bits, as RFC 4226, section 4 recommends. */
const SECRET_BYTES = 20;

export type Enrolling = { personId: number; visitor: Visitor };

/** A secret for the app, as base32 to type in and as a link for a QR code. Not asked for before it is confirmed. */
export async function offerTotp(
  { db, vault, clock, randomBytes }: PeopleDeps,
  { personId }: Pick<Enrolling, 'personId'>,
): Promise<Judged<{ secret: string; uri: string }>> {
  const person = await findPerson(db, personId);
  if (!person) return refuse('not_found');
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const offered = await transact(db, tx => insertOffer(tx, vault, { personId, secret, now: clock.now() }));
  if (!offered) return refuse('enrolled_already');
  const totp = totpOf(secret, person.email);
  return ok({ secret: totp.secret.base32, uri: totp.toString() });
}

/** From now on its codes are asked for. Recovery codes are answered when there were none yet. */
export async function confirmTotpOffer(
  deps: PeopleDeps,
  { personId, visitor, code }: Enrolling & { code: string },
): Promise<Judged<{ recoveryCodes: string[] | null }>> {
  const { db, vault, clock } = deps;
  const attempt: Attempt = { what: 'second factor', of: `offered to ${personId}`, device: null };
  const seconds = await admitTry(deps, attempt);
  if (seconds > 0) return tooMany(seconds);
  return transact(db, async (tx): Promise<Judged<{ recoveryCodes: string[] | null }>> => {
    await lockPerson(tx, personId);
    const offer = await findTotp(tx, vault, personId);
    if (!offer) return refuse('not_enrolled');
    if (offer.confirmed) return refuse('enrolled_already');
    const step = stepOf(offer.secret, code, clock.now());
    if (step === null || !(await useTotpStep(tx, personId, step))) return refuse('wrong');
    await forgetAttempt({ db: tx }, attempt);
    await confirmTotp(tx, personId, clock.now());
    const recoveryCodes = await firstRecoveryCodes(tx, deps, personId);
    await note(tx, deps, { personId, visitor, action: 'totp.add' });
    return ok({ recoveryCodes });
  });
}

export async function removeTotp(deps: PeopleDeps, { personId, visitor }: Enrolling): Promise<Judged<null>> {
  return transact(deps.db, async (tx): Promise<Judged<null>> => {
    await lockPerson(tx, personId);
    if (!(await deleteTotp(tx, personId))) return refuse('not_enrolled');
    await withoutFactors(tx, personId);
    await note(tx, deps, { personId, visitor, action: 'totp.remove' });
    return ok(null);
  });
}

/** Ten fresh codes in place of all older ones. */
export async function renewRecoveryCodes(
  deps: PeopleDeps,
  { personId, visitor }: Enrolling,
): Promise<Judged<{ recoveryCodes: string[] }>> {
  return transact(deps.db, async (tx): Promise<Judged<{ recoveryCodes: string[] }>> => {
    await lockPerson(tx, personId);
    const { totp, passkeys } = await factorsOf(tx, personId);
    if (!totp && passkeys === 0) return refuse('not_enrolled');
    const { codes, hashes } = newRecoveryCodes(deps, personId);
    await replaceRecoveryCodes(tx, personId, hashes);
    await note(tx, deps, { personId, visitor, action: 'recovery_codes.renew' });
    return ok({ recoveryCodes: codes });
  });
}

/** With the first second factor come the codes for when it is lost; null when some are left. */
export async function firstRecoveryCodes(
  tx: Tx,
  deps: PeopleDeps,
  personId: number,
): Promise<string[] | null> {
  if ((await factorsOf(tx, personId)).recoveryCodes > 0) return null;
  const { codes, hashes } = newRecoveryCodes(deps, personId);
  await replaceRecoveryCodes(tx, personId, hashes);
  return codes;
}

/** Recovery codes go with the last second factor. */
export async function withoutFactors(tx: Tx, personId: number): Promise<void> {
  const { totp, passkeys } = await factorsOf(tx, personId);
  if (!totp && passkeys === 0) await replaceRecoveryCodes(tx, personId, []);
}

async function note(
  tx: Tx,
  { vault, clock }: PeopleDeps,
  { personId, visitor, action }: Enrolling & { action: string },
): Promise<void> {
  const acting = asPerson(personId, visitor);
  const entry = { acting, userId: null, action, target: `person ${personId}` };
  await appendAudit(tx, vault, entry, clock.now());
}
