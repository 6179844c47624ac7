/** Passkeys, as the browser deals with them; whether a ceremony was right is the server's to say. */
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import type { PasskeyAddedAnswer } from '../../../server/src/http/dashboard-api/passkeys.ts';
import { ask, Refusal } from '../lib/api.ts';

export const hasPasskeys = browserSupportsWebAuthn;

/** Asks for a passkey and hands what it says to the server. `autofill`: it is only offered where a name is filled in. */
export async function showPasskey(
  path: 'sign-in/passkey' | 'step-up/passkey',
  { autofill = false } = {},
): Promise<void> {
  const optionsJSON = await ask<PublicKeyCredentialRequestOptionsJSON>('POST', `${path}/options`);
  const response = await startAuthentication({ optionsJSON, useBrowserAutofill: autofill }).catch(unused);
  await ask('POST', path, { body: { response } });
}

/** Makes a passkey on this device, or one that the person plugs in. */
export async function addPasskey(name: string): Promise<PasskeyAddedAnswer> {
  const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>('POST', 'passkeys/options');
  const response = await startRegistration({ optionsJSON }).catch(unused);
  return ask('POST', 'passkeys', { body: { name, response } });
}

/** The browser does not tell why: the person said no, waited too long, or has none that fits. */
function unused(error: unknown): never {
  throw new Refusal(400, 'passkey_unused', error instanceof Error ? error.message : String(error));
}
