/** What is wrong with what a person entered: one sentence per field, all told at once. */
import type { z } from 'zod';
import { fail, ok, type Result } from '../lib/result.ts';

export type InputFault = { field: string; text: string };
export type Checked<T> = Result<T, InputFault[]>;

/** Checks input against a schema; the faults name fields as the schema does. */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  return fail(
    parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'input', text: message })),
  );
}

export function fault(field: string, text: string): { ok: false; fault: InputFault[] } {
  return fail([{ field, text }]);
}
