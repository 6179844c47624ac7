/**
 * The fields of requests as schemas, with faults worded as the original service words them (Yii2). The `meta` of a field
 * is what the published description says of it beyond its rules; http/openapi reads both.
 */
import { z } from 'zod';
import { assetCodes, networkCodes } from '../../domain/asset.ts';
import { parsePrice } from '../../domain/money.ts';
import { pageLanguages } from '../../domain/page-language.ts';
import { isRedirectUrl } from '../../lib/redirect-url.ts';
import { NumberText } from './body.ts';
import { type FieldErrors, InvalidRequest } from './envelope.ts';

/** Unset fields come as null, and from forms as empty text; both mean that the field was left out. */
const isBlank = (value: unknown) => value === undefined || value === null || value === '';

function required<T extends z.ZodType>(label: string, schema: T) {
  return z.preprocess((value, context) => {
    if (!isBlank(value)) return value;
    context.addIssue({ code: 'custom', message: `${label} cannot be blank.` });
    return z.NEVER;
  }, schema);
}

function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess(value => (isBlank(value) ? null : value), z.nullable(schema));
}

const codePoints = (text: string) => [...text].length;

function text(label: string, longest: number) {
  return z
    .string({ error: `${label} must be a string.` })
    .refine(value => codePoints(value) <= longest, `${label} should contain at most ${longest} characters.`)
    .refine(value => !value.includes('\0'), `${label} must not contain the NUL character.`)
    .meta({ maxLength: longest });
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
).meta({
  description:
    'Amount payable: a decimal number above 0 and below 10^15 with at most 8 decimals, as a number or, better, as text.',
  type: ['string', 'number'],
  minLength: 1,
  exclusiveMinimum: 0,
  exclusiveMaximum: 1e15,
  examples: ['125.50'],
});

/** Control and bidirectional-override characters would let two references look alike, or break a log line. */
const HIDDEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

const LONGEST_REFERENCE = 255;

/** Text, or a JSON integer, which is taken as its text. */
export const referenceField = required(
  'Client Reference Id',
  z
    .unknown()
    .transform(value => (value instanceof NumberText && /^-?\d+$/.test(value.text) ? value.text : value))
    .pipe(
      text('Client Reference Id', LONGEST_REFERENCE).refine(
        value => !HIDDEN.test(value),
        'Client Reference Id must not contain control or direction characters.',
      ),
    ),
).meta({
  description:
    'Number of the payment in your system. Unique among the invoices of the merchant for ever; an integer is taken as its text.',
  type: ['string', 'integer'],
  minLength: 1,
  maxLength: LONGEST_REFERENCE,
  examples: ['order-1042'],
});

export const metadataField = optional(text('Metadata', 2000)).meta({
  description: 'Any text of yours, returned as it was given.',
  examples: ['basket 7781'],
});

export const currencyField = optional(z.string({ error: 'Currency must be a string.' })).meta({
  description:
    'ISO 4217 code of the currency of `amount`; US dollars where it is left out. See `GET /currency-rate`.',
  examples: ['EUR'],
});

export const cryptocurrencyField = optional(z.enum(assetCodes, { error: 'Cryptocurrency is invalid.' })).meta(
  {
    description: 'Coin to pay in, given together with `network`; USDT on TRC-20 where both are left out.',
    examples: ['USDT'],
  },
);

export const networkField = optional(z.enum(networkCodes, { error: 'Network is invalid.' })).meta({
  description: 'Blockchain network to pay on, given together with `cryptocurrency`.',
  examples: ['TRC-20'],
});

/** Its form is the network's to judge. */
export const transactionIdField = required('Transaction Id', text('Transaction Id', 255)).meta({
  description: 'Id of the transaction on the network of the invoice.',
  minLength: 1,
  examples: ['b3a76a538701fd4e2a25ad9aac777f841a49f4d0b3a76a538701fd4e2a25ad9a'],
});

/** Longest value worth searching for: longer than any field that is searched. */
const LONGEST_QUERY = 2000;

export const queryField = required('Query', text('Query', LONGEST_QUERY)).meta({
  description:
    'What to look for: an invoice id, client_reference_id, transaction_id, payer_wallet, wallet or metadata. The whole value, or the beginning of a reference or of metadata.',
  minLength: 1,
  examples: ['order-1042'],
});

/** A whole number in a URL, within bounds. */
function numberInUrl(label: string, most: number) {
  return optional(
    z
      .string({ error: `${label} must be an integer.` })
      .regex(/^[1-9]\d{0,14}$/, `${label} must be a positive integer.`)
      .transform(Number)
      .refine(value => value <= most, `${label} must be no greater than ${most}.`)
      .meta({ type: 'integer', pattern: undefined, minimum: 1, maximum: most }),
  );
}

export const limitField = numberInUrl('Limit', 100).meta({
  description: 'Largest number of invoices in the answer; 100 where it is left out.',
  examples: [20],
});
export const cursorField = numberInUrl('Cursor', Number.MAX_SAFE_INTEGER).meta({
  description: 'For the next page: the `id` of the last invoice of the page before.',
  examples: [12589],
});

/** Yii2's wording for a value out of a list. */
export const langField = optional(z.enum(pageLanguages, { error: 'Lang is invalid.' })).meta({
  description: 'Language of the payment page.',
  examples: ['en-US'],
});

export const descriptionField = optional(text('Widget Description', 100)).meta({
  description: 'What the payer reads on the payment page.',
  examples: ['Order 1042'],
});

/** Where a payer is sent: http and https only, no credentials, nothing a browser could read as another scheme. */
function redirectField(label: string, description: string) {
  return optional(
    z
      .string({ error: `${label} must be a string.` })
      .max(2048, `${label} should contain at most 2048 characters.`)
      .refine(isRedirectUrl, `${label} is not a valid URL.`)
      .meta({ format: 'uri' }),
  ).meta({ description, examples: ['https://shop.example/order/1042'] });
}

export const backUrlField = redirectField(
  'Back Url',
  'Where the payer goes after the payment: http or https.',
);

export const cancelUrlField = redirectField(
  'Cancel Url',
  'Where the payer goes after cancelling: http or https.',
);

/** The value, or a 400 that names each faulty field with its first fault. */
export function validate<T>(schema: z.ZodType<T>, fields: unknown): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const errors: FieldErrors = {};
  for (const { path, message } of parsed.error.issues) errors[String(path[0] ?? 'body')] ??= [message];
  throw new InvalidRequest(errors);
}
