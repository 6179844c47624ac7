/** Adding a passkey: a challenge bound to the session, the answer of the authenticator, and taking one away. */
import type { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import type { RelyingParty } from '../lib/relying-party.ts';
import { ok } from '../lib/result.ts';
import { webAuthn } from '../lib/web-authn.ts';
import { appendAudit } from '../store/audit-log.ts';
import { type Tx, transact } from '../store/db.ts';
import {
  deletePasskey,
  insertChallenge,
  insertPasskey,
  passkeysOf,
  takeChallenge,
} from '../store/passkeys.ts';
import { findPerson, lockPerson } from '../store/people.ts';
import type { SessionRow } from '../store/sessions.ts';
import { firstRecoveryCodes, withoutFactors } from './enrol-totp.ts';
import { asPerson, type PeopleDeps, type Visitor } from './people-deps.ts';
import { type Judged, refuse } from './refusal.ts';

export type PasskeyDeps = PeopleDeps & { relyingParty: RelyingParty | null };
export type CreationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;
export type CreationResponse = Parameters<typeof verifyRegistrationResponse>[0]['response'];

export const CHALLENGE_LIFETIME = 5 * 60_000;
const CHALLENGE_BYTES = 32;
const MOST = 20;

/** What `navigator.credentials.create` is asked with. */
export async function passkeyCreationOptions(
  deps: PasskeyDeps,
  session: SessionRow,
): Promise<Judged<CreationOptions>> {
  const { db, relyingParty, clock, randomBytes } = deps;
  const person = await findPerson(db, session.person_id);
  if (!person) return refuse('not_found');
  if (!relyingParty) return refuse('passkeys_unavailable');
  const known = await passkeysOf(db, person.id);
  if (known.length >= MOST) return refuse('too_many_passkeys');
  const { generateRegistrationOptions } = await webAuthn();
  const options = await generateRegistrationOptions({
    rpName: 'CryptoScan',
    rpID: relyingParty.id,
    userName: person.email,
    userDisplayName: person.name,
    userID: new Uint8Array(person.handle),
    challenge: new Uint8Array(randomBytes(CHALLENGE_BYTES)),
    timeout: CHALLENGE_LIFETIME,
    attestationType: 'none',
    excludeCredentials: known.map(({ credential_id, transports }) => ({ id: credential_id, transports })),
    // Kept by the authenticator, so that it can sign in without a name; and opened by the person, so that it is two factors.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const expiresAt = clock.now() + CHALLENGE_LIFETIME;
  await insertChallenge(db, { challenge: options.challenge, sessionId: session.id, expiresAt });
  return ok(options);
}

type Adding = { session: SessionRow; name: string; response: CreationResponse; visitor: Visitor };

/** The passkey's id, and recovery codes when there were none yet. */
export async function registerPasskey(
  deps: PasskeyDeps,
  { session, name, response, visitor }: Adding,
): Promise<Judged<{ id: number; recoveryCodes: string[] | null }>> {
  const credential = await verified(deps, session, response);
  if (!credential) return refuse('wrong');
  const personId = session.person_id;
  const passkey = {
    personId,
    name,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (credential.transports ?? []).slice(0, 10).map(transport => String(transport).slice(0, 32)),
  };
  return transact(deps.db, async (tx): Promise<Judged<{ id: number; recoveryCodes: string[] | null }>> => {
    await lockPerson(tx, personId);
    if ((await passkeysOf(tx, personId)).length >= MOST) return refuse('too_many_passkeys');
    const id = await insertPasskey(tx, passkey, deps.clock.now());
    if (id === null) return refuse('enrolled_already');
    const recoveryCodes = await firstRecoveryCodes(tx, deps, personId);
    await note(tx, deps, { personId, visitor, action: 'passkey.add', facts: { id, name } });
    return ok({ id, recoveryCodes });
  });
}

/** The credential, if the answer is to our challenge, from our page, and right; each challenge is looked at once. */
async function verified(
  { db, clock, relyingParty }: PasskeyDeps,
  session: SessionRow,
  response: CreationResponse,
) {
  if (!relyingParty) return null;
  const { verifyRegistrationResponse } = await webAuthn();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge =>
        takeChallenge(db, { challenge, sessionId: session.id, now: clock.now() }),
      expectedOrigin: relyingParty.origins,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
    });
    return verified ? registrationInfo.credential : null;
  } catch (error) {
    return refusedOrThrow(error);
  }
}

/** The library throws for an answer that does not fit; what the database throws has a code and is not the sender's fault. */
export function refusedOrThrow(error: unknown): null {
  if ((error as { code?: unknown }).code !== undefined && 'severity' in (error as object)) throw error;
  return null;
}

export async function removePasskey(
  deps: PeopleDeps,
  { personId, visitor, id }: { personId: number; visitor: Visitor; id: number },
): Promise<Judged<null>> {
  return transact(deps.db, async (tx): Promise<Judged<null>> => {
    await lockPerson(tx, personId);
    const name = await deletePasskey(tx, personId, id);
    if (name === null) return refuse('not_found');
    await withoutFactors(tx, personId);
    await note(tx, deps, { personId, visitor, action: 'passkey.remove', facts: { id, name } });
    return ok(null);
  });
}

type Note = { personId: number; visitor: Visitor; action: string; facts: { id: number; name: string } };

async function note(tx: Tx, { vault, clock }: PeopleDeps, { personId, visitor, action, facts }: Note) {
  const acting = asPerson(personId, visitor);
  const entry = { acting, userId: null, action, target: `passkey ${facts.id}`, after: facts };
  await appendAudit(tx, vault, entry, clock.now());
}
