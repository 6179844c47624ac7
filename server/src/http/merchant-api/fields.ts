/** The fields of request bodies as schemas, with faults worded as the original service words them (Yii2). */
import { z } from 'zod';
import { assetCodes, networkCodes } from '../../domain/asset.ts';
import { parsePrice } from '../../domain/money.ts';
import { NumberText } from './body.ts';
import { type FieldErrors, InvalidRequest } from './envelope.ts';

/** Unset fields come as null, and from forms as empty text; both mean that the field was left out. */
const isBlank = (value: unknown) => value === undefined || value === null || value === '';

function required<T extends z.ZodType>(label: string, schema: T) {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (isBlank(value)) context.addIssue({ code: 'custom', message: `${label} cannot be blank.` });
    })
    .pipe(schema);
}

function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess(value => (isBlank(value) ? null : value), z.nullable(schema));
}

const codePoints = (text: string) => [...text].length;

function text(label: string, longest: number) {
  return z
    .string({ error: `${label} must be a string.` })
    .refine(value => codePoints(value) <= longest, `${label} should contain at most ${longest} characters.`)
    .refine(value => !value.includes('\0'), `${label} must not contain the NUL character.`);
}

/** A JSON number or a numeric string; its decimal value counts. */
export const amountField = required(
  'Amount',
  z.unknown().transform((value, context) => {
    const written = value instanceof NumberText ? value.text : value;
    const price =
      typeof written === 'string' ? parsePrice(written) : { ok: false as const, fault: 'must be a number.' };
    if (price.ok) return price.value;
    context.addIssue({ code: 'custom', message: `Amount ${price.fault}` });
    return z.NEVER;
  }),
);

/** Control and bidirectional-override characters would let two references look alike, or break a log line. */
const HIDDEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Text, or a JSON integer, which is taken as its text. */
export const referenceField = required(
  'Client Reference Id',
  z
    .unknown()
    .transform(value => (value instanceof NumberText && /^-?\d+$/.test(value.text) ? value.text : value))
    .pipe(
      text('Client Reference Id', 255).refine(
        value => !HIDDEN.test(value),
        'Client Reference Id must not contain control or direction characters.',
      ),
    ),
);

export const metadataField = optional(text('Metadata', 2000));

export const currencyField = optional(z.string({ error: 'Currency must be a string.' }));

export const cryptocurrencyField = optional(z.enum(assetCodes, { error: 'Cryptocurrency is invalid.' }));

export const networkField = optional(z.enum(networkCodes, { error: 'Network is invalid.' }));

/** The value, or a 400 that names each faulty field with its first fault. */
export function validate<T>(schema: z.ZodType<T>, fields: unknown): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const errors: FieldErrors = {};
  for (const { path, message } of parsed.error.issues) errors[String(path[0] ?? 'body')] ??= [message];
  throw new InvalidRequest(errors);
}
