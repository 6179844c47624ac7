/** What the audit log is searched for, as it stands in the address of the page. */

/** The first words of actions. */
export const nouns = [
  'session',
  'person',
  'password',
  'totp',
  'passkey',
  'recovery_codes',
  'membership',
  'invitation',
  'merchant',
  'wallet',
  'keys',
  'invoice',
  'transfer',
  'webhook',
  'link',
  'account',
  'currency',
  'provider',
] as const;

export type AuditSearch = Partial<Record<'noun' | 'email' | 'from' | 'to' | 'cursor', string>>;

const names = ['noun', 'email', 'from', 'to', 'cursor'] as const;

/** The address is anybody's to write: what is no text is left out, and the server judges the rest. */
export function auditSearchOf(given: Record<string, unknown>): AuditSearch {
  const search: AuditSearch = {};
  for (const name of names) {
    const value = given[name];
    // A number in the address is read as one.
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      search[name] = String(value);
  }
  return search;
}
