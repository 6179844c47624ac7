/** What the acts of people who sign in have in common. */
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { languages } from '../lib/language.ts';
import { checkPassword, LONGEST_PASSWORD, type PasswordFault, SHORTEST_PASSWORD } from '../lib/password.ts';
import type { RandomBytes } from '../lib/secret-token.ts';
import type { Vault } from '../lib/vault.ts';
import type { Acting } from '../store/audit-log.ts';
import type { Db } from '../store/db.ts';
import { rule } from './rule.ts';

export type PeopleDeps = {
  db: Db;
  clock: Clock;
  vault: Vault;
  randomBytes: RandomBytes;
};

/** Who is at the other end: an address, and what the browser calls itself. */
export type Visitor = { address: string; userAgent: string };

/** A person as an actor of the audit log. */
export function asPerson(personId: number, { address }: Pick<Visitor, 'address'>): Acting {
  return { kind: 'person', personId, address };
}

export const emailField = z.email('must be an e-mail address').max(254, 'must have at most 254 characters');

/** No control or direction-changing characters: names stand in letters and in the audit log. */
export const nameField = z
  .string('must be a text')
  .trim()
  .min(1, 'is required')
  .max(100, 'must have at most 100 characters')
  .refine(name => !/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u.test(name), {
    error: 'must not contain control or direction characters',
    params: rule('control_characters'),
  });

export const languageField = z.enum(languages, 'must be one of en, ru, de, es, fr');

/** A password as it is entered, not as it is chosen: it may be any text up to a bound. */
export const enteredPassword = z
  .string('must be a text')
  .min(1, 'is required')
  .max(4 * LONGEST_PASSWORD, 'is too long');

const passwordRules: Record<PasswordFault['kind'], ReturnType<typeof rule>> = {
  short: rule('too_short', { least: SHORTEST_PASSWORD }),
  long: rule('too_long', { most: LONGEST_PASSWORD }),
  common: rule('password_common'),
};

/** Refuses a chosen password that is too short, too long, or among the first to be tried. */
export function withGoodPassword<T extends { password: string; email?: string; name?: string }>(
  schema: z.ZodType<T>,
): z.ZodType<T> {
  return schema.superRefine((value, context) => {
    const { email = '', name = '' } = value;
    const checked = checkPassword(value.password, [email, email.split('@')[0] ?? '', name]);
    if (checked.ok) return;
    const { kind, text } = checked.fault;
    context.addIssue({ code: 'custom', path: ['password'], message: text, params: passwordRules[kind] });
  }) as z.ZodType<T>;
}
