/** Text in an address field that may be somebody's key to their money. It must go nowhere, not even into a message. */

const never = 'never enter it anywhere, on this page or any other';

/** A sentence of refusal when `text` looks like a private key or a recovery phrase; null otherwise. */
export function looksSecret(text: string): string | null {
  const trimmed = text.trim();
  if (/^(0x)?[0-9a-f]{64}$/i.test(trimmed)) return `this looks like a private key, not an address: ${never}`;
  if (/^[xyz]prv[1-9A-HJ-NP-Za-km-z]{50,}$/.test(trimmed))
    return `this looks like a private key, not an address: ${never}`;
  // Recovery phrases (BIP-39) have 12 to 24 words, in any of ten languages, at times with one word more as a password.
  const words = trimmed.split(/[\s,;]+/).filter(word => /\p{L}/u.test(word));
  if (words.length >= 12 && words.length <= 25)
    return `this looks like a recovery phrase, not an address: ${never}`;
  return null;
}
