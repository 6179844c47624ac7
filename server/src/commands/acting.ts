/** Who does what a command is asked for, and what of it goes into the audit log. */
import type { Vault } from '../lib/vault.ts';
import { type Acting, type AuditEntry, appendAudit } from '../store/audit-log.ts';
import type { Tx } from '../store/db.ts';

export type ActingDeps = {
  vault: Vault;
  /** Whoever sits at the command line, unless said. */
  acting?: Acting;
};

/** Appends to the audit log as whoever acts; called last in the transaction. */
export async function note(
  tx: Tx,
  { vault, acting = { kind: 'command_line' } }: ActingDeps,
  entry: Omit<AuditEntry, 'acting'>,
  now: number,
): Promise<void> {
  await appendAudit(tx, vault, { acting, ...entry }, now);
}

type Facts = NonNullable<AuditEntry['after']>;

/** What of two sets of facts differs; null when nothing does. */
export function difference(before: Facts, after: Facts): { before: Facts; after: Facts } | null {
  const changed = Object.keys(after).filter(
    key => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (changed.length === 0) return null;
  const only = (facts: Facts) => Object.fromEntries(changed.map(key => [key, facts[key] ?? null]));
  return { before: only(before), after: only(after) };
}
