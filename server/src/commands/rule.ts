/**
 * What a field's input must be, as a code with its numbers: whoever shows it says it in the words of the reader. What zod
 * checks by itself is known by the shape of its issue; what we check says which rule it is (`params: rule('email_own')`).
 */
import type { z } from 'zod';

export const ruleCodes = [
  'required',
  'number',
  'whole_number',
  'too_long',
  'too_short',
  'at_least',
  'at_most',
  'too_many',
  'one_of',
  'email',
  'email_own',
  'email_taken',
  'address',
  'wallet_taken',
  'amount',
  'control_characters',
  'currency',
  'decimal_range',
  'http_url',
  'image',
  'logo_large',
  'network',
  'origins',
  'hosts',
  'password_common',
  'percent',
  'pinned_rate',
  'qr_link',
  'reference_taken',
  'refund_only',
  'spread',
  'time_future',
  'time_near',
  'time_zone',
  'top_ups_open',
  'top_ups_day',
  'days_order',
  'days_many',
  'day',
  'once',
  'positive_integer',
  'action',
  'transaction_failed',
  'transaction_foreign',
  'transaction_malformed',
  'transaction_unseen',
  'webhook_url',
] as const;
export type RuleCode = (typeof ruleCodes)[number];

export type Rule = { code: RuleCode; params?: Record<string, string | number> };

/** For zod's `params`, and for faults made by hand. */
export const rule = (code: RuleCode, params?: Rule['params']): { rule: Rule } => ({
  rule: params ? { code, params } : { code },
});

type Issue = z.core.$ZodIssue;

/** Which rule an issue is of; null where it is none that people meet. */
export function ruleOf(issue: Issue): Rule | null {
  switch (issue.code) {
    case 'custom':
      return (issue.params?.rule as Rule | undefined) ?? null;
    case 'invalid_type':
      if (issue.expected === 'string') return { code: 'required' };
      if (issue.expected === 'number') return { code: 'number' };
      return issue.expected === 'int' ? { code: 'whole_number' } : null;
    case 'invalid_format':
      return issue.format === 'email' ? { code: 'email' } : null;
    case 'invalid_value':
      return { code: 'one_of', params: { values: issue.values.map(String).join(', ') } };
    case 'too_big':
    case 'too_small':
      return boundOf(issue);
    default:
      return null;
  }
}

function boundOf(issue: Extract<Issue, { code: 'too_big' | 'too_small' }>): Rule | null {
  const { origin } = issue;
  if (issue.code === 'too_big') {
    const most = Number(issue.maximum);
    if (origin === 'string') return { code: 'too_long', params: { most } };
    return { code: origin === 'array' ? 'too_many' : 'at_most', params: { most } };
  }
  const least = Number(issue.minimum);
  if (origin !== 'string') return { code: 'at_least', params: { least } };
  return least === 1 ? { code: 'required' } : { code: 'too_short', params: { least } };
}
