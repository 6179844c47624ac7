/** Which part of the operator's pages is looked at, and what it is searched for. */
import { type AuditSearch, auditSearchOf } from '../team/audit-search.ts';

export const parts = ['health', 'accounts', 'networks', 'currencies', 'log'] as const;
type Part = (typeof parts)[number];

export type OperatorSearch = AuditSearch & { part?: Part; text?: string };

export function operatorSearchOf(given: Record<string, unknown>): OperatorSearch {
  const part = parts.find(one => one === given.part);
  const text = typeof given.text === 'string' && given.text !== '' ? given.text : undefined;
  return { ...auditSearchOf(given), ...(part && { part }), ...(text && { text }) };
}
