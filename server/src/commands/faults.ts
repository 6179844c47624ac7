/** What is wrong with what a person entered: one sentence per field, all told at once. */
import type { z } from 'zod';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Rule, ruleOf } from './rule.ts';

/** `rule`: the same for whoever says it in other words. */
export type InputFault = { field: string; text: string; rule?: Rule };
export type Checked<T> = Result<T, InputFault[]>;

/** Checks input against a schema; the faults name fields as the schema does. */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  return fail(
    parsed.error.issues.map((issue): InputFault => {
      const rule = ruleOf(issue);
      return { field: issue.path.join('.') || 'input', text: issue.message, ...(rule && { rule }) };
    }),
  );
}

/** `named`: of which rule it is, as `rule` answers it. */
export function fault(
  field: string,
  text: string,
  named?: { rule: Rule },
): { ok: false; fault: InputFault[] } {
  return fail([{ field, text, ...named }]);
}
