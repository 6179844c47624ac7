/** A setting that is an exact decimal. */
import { z } from 'zod';
import type { Result } from './result.ts';

/** Written as text or as a JSON number, and kept as text, exactly as it was written. `read` says what is wrong with it. */
export function decimalText(read: (text: string) => Result<unknown>) {
  return z
    .union([z.string(), z.number()], 'must be a decimal number')
    .transform(String)
    .superRefine((text, context) => {
      const parsed = read(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.fault });
    });
}
