/**
 * A passkey proves possession and, since the authenticator verifies the person, a second factor at once: it signs in
 * without a name and a password, is the second half after a password, and is a fresh proof for a session.
 */
import type { generateAuthenticationOptions, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { ok } from '../lib/result.ts';
import { webAuthn } from '../lib/web-authn.ts';
import { transact } from '../store/db.ts';
import {
  findPasskey,
  insertChallenge,
  notePasskeyUse,
  type PasskeyRow,
  passkeysOf,
  takeChallenge,
} from '../store/passkeys.ts';
import { findPerson, lockPerson } from '../store/people.ts';
import { deleteSession, type SessionRow } from '../store/sessions.ts';
import { type Doorstep, type Opened, openSession } from './open-session.ts';
import { type Judged, refuse } from './refusal.ts';
import { CHALLENGE_LIFETIME, type PasskeyDeps, refusedOrThrow } from './register-passkey.ts';
import { noteSignIn } from './sign-in.ts';
import { renew } from './step-up.ts';

export type RequestOptions = Awaited<ReturnType<typeof generateAuthenticationOptions>>;
export type RequestResponse = Parameters<typeof verifyAuthenticationResponse>[0]['response'];

const CHALLENGE_BYTES = 32;

/** What `navigator.credentials.get` is asked with. Without a session it names no credential and so tells of nobody. */
export async function passkeyRequestOptions(
  { db, clock, relyingParty, randomBytes }: PasskeyDeps,
  session: SessionRow | null,
): Promise<Judged<RequestOptions>> {
  if (!relyingParty) return refuse('passkeys_unavailable');
  const known = session ? await passkeysOf(db, session.person_id) : [];
  const { generateAuthenticationOptions } = await webAuthn();
  const options = await generateAuthenticationOptions({
    rpID: relyingParty.id,
    challenge: new Uint8Array(randomBytes(CHALLENGE_BYTES)),
    timeout: CHALLENGE_LIFETIME,
    userVerification: 'required',
    allowCredentials: known.map(({ credential_id, transports }) => ({ id: credential_id, transports })),
  });
  const expiresAt = clock.now() + CHALLENGE_LIFETIME;
  await insertChallenge(db, { challenge: options.challenge, sessionId: session?.id ?? null, expiresAt });
  return ok(options);
}

type Arriving = { session: SessionRow | null; response: RequestResponse; doorstep: Doorstep };

/** `session`: the half that waits for a second factor, which must be of the same person; null: signing in with this alone. */
export async function signInWithPasskey(
  deps: PasskeyDeps,
  { session, response, doorstep }: Arriving,
): Promise<Judged<Opened>> {
  const proved = await verified(deps, session, response);
  if (!proved) return refuse('wrong');
  const { passkey, counter } = proved;
  const personId = passkey.person_id;
  return transact(deps.db, async (tx): Promise<Judged<Opened>> => {
    await lockPerson(tx, personId);
    // Taken away, or the half ended, between the look and the lock.
    const use = { id: passkey.id, counter, now: deps.clock.now() };
    if (!(await notePasskeyUse(tx, use))) return refuse('wrong');
    if (session && !(await deleteSession(tx, personId, session.id))) return refuse('wrong');
    const opened = await openSession(tx, deps, { personId, stage: 'full', doorstep });
    await noteSignIn(tx, deps, { personId, by: 'passkey', doorstep });
    return ok(opened);
  });
}

/** A fresh proof for a session; answers its new token. */
export async function stepUpWithPasskey(
  deps: PasskeyDeps,
  { session, response, doorstep }: Arriving & { session: SessionRow },
): Promise<Judged<{ token: string }>> {
  const proved = await verified(deps, session, response);
  if (!proved) return refuse('wrong');
  const { passkey, counter } = proved;
  return transact(deps.db, async (tx): Promise<Judged<{ token: string }>> => {
    await lockPerson(tx, passkey.person_id);
    const use = { id: passkey.id, counter, now: deps.clock.now() };
    if (!(await notePasskeyUse(tx, use))) return refuse('wrong');
    return renew(tx, deps, { session, visitor: doorstep.visitor, by: 'passkey' });
  });
}

/** The passkey that answered our challenge rightly, of the session's person where there is one; null otherwise. */
async function verified(
  { db, clock, relyingParty }: PasskeyDeps,
  session: SessionRow | null,
  response: RequestResponse,
): Promise<{ passkey: PasskeyRow; counter: number } | null> {
  const passkey = await findPasskey(db, response.id);
  if (!relyingParty || !passkey || (session && session.person_id !== passkey.person_id)) return null;
  if (!session && !(await isOwnHandle(db, passkey.person_id, response))) return null;
  const { verifyAuthenticationResponse } = await webAuthn();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge =>
        takeChallenge(db, { challenge, sessionId: session?.id ?? null, now: clock.now() }),
      expectedOrigin: relyingParty.origins,
      expectedRPID: relyingParty.id,
      credential: {
        id: passkey.credential_id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: passkey.counter,
      },
      requireUserVerification: true,
    });
    return verified ? { passkey, counter: authenticationInfo.newCounter } : null;
  } catch (error) {
    return refusedOrThrow(error);
  }
}

/** Where nobody was named, the authenticator says whose key it is. WebAuthn level 3, section 7.2, step 6. */
async function isOwnHandle(
  db: PasskeyDeps['db'],
  personId: number,
  response: RequestResponse,
): Promise<boolean> {
  const person = await findPerson(db, personId);
  return person?.handle.toString('base64url') === response.response.userHandle;
}
