/** Kinds of settings that take more than a line to say. */
import { z } from 'zod';
import { parseCidrs } from './address-guard.ts';
import { MASTER_KEY_BYTES } from './vault.ts';

/** Networks, such as 10.0.0.0/8. */
export const cidrs = z.array(z.string()).transform((list, context) => {
  const parsed = parseCidrs(list);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.fault });
  return z.NEVER;
});

/** The same, kept as they are written. */
export const cidrTexts = z.array(z.string()).superRefine((list, context) => {
  const parsed = parseCidrs(list);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.fault });
});

export const masterKey = z.string().transform((text, context) => {
  const key = Buffer.from(text.trim(), /^[0-9a-f]{64}$/i.test(text.trim()) ? 'hex' : 'base64');
  if (key.length === MASTER_KEY_BYTES) return key;
  context.addIssue({ code: 'custom', message: `must be ${MASTER_KEY_BYTES} bytes in hex or base64` });
  return z.NEVER;
});

const rate = (perSecond: number, burst: number) =>
  z
    .strictObject({
      perSecond: z.number().positive().default(perSecond),
      burst: z.number().int().positive().default(burst),
    })
    .prefault({});

/**
 * How much may be asked. Those of a merchant only stop a loop that has run wild; a look-up costs requests to providers, which
 * are counted elsewhere.
 */
export const limits = z.strictObject({
  merchant: rate(1000, 20_000),
  failures: rate(10, 1000),
  lookUps: rate(1, 20),
});
