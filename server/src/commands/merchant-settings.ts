/** A merchant's settings as people enter them, at creation and later. */
import { z } from 'zod';
import { optInTypes } from '../domain/invoice.ts';
import { compare, floorTo, parseDecimal } from '../domain/money.ts';
import { pageLanguages } from '../domain/page-language.ts';
import { latePolicies, POLICY_SCALE } from '../domain/policy.ts';
import type { Cidr } from '../lib/address-guard.ts';
import type { Result } from '../lib/result.ts';
import { checkWebHost, checkWebOrigin } from '../lib/web-origin.ts';
import { checkWebhookUrl } from '../lib/webhook-url.ts';
import { rule } from './rule.ts';

const httpUrl = z
  .string('is required')
  .max(2048, 'must have at most 2048 characters')
  .refine(text => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'must be an http or https URL',
    params: rule('http_url'),
  });

const MAX_LISTED = 20;

/** A list of texts that `checkOne` accepts and may write in another way; doubles are dropped. */
const listOf = (checkOne: (text: string) => Result<string>, what: 'origins' | 'hosts') =>
  z
    .array(
      z.string().transform((text, context) => {
        const checked = checkOne(text);
        if (checked.ok) return checked.value;
        context.addIssue({
          code: 'custom',
          message: `${JSON.stringify(text)} ${checked.fault}`,
          params: rule(what, { text }),
        });
        return z.NEVER;
      }),
    )
    .max(MAX_LISTED, `must be at most ${MAX_LISTED} ${what}`)
    .transform(texts => [...new Set(texts)]);

/** What the merchant may say of the payer's page. */
const pageSettings = {
  /** The origins of pages that may show the page in a frame. */
  pageOrigins: listOf(checkWebOrigin, 'origins'),
  /** The hosts that a payer is sent back to without a click; null: the host of the merchant's URL. */
  returnHosts: listOf(checkWebHost, 'hosts').nullable(),
  /** For payers who ask for none of the page's languages. */
  language: z.enum(pageLanguages, `must be one of ${pageLanguages.join(', ')}`).nullable(),
};

/** A percent as text, from 0 to `most`. */
const percentUpTo = (most: number) =>
  z.string().refine(
    text => {
      const decimal = parseDecimal(text);
      const highest = { units: BigInt(most), scale: 0 };
      if (!decimal || decimal.units < 0n || compare(decimal, highest) > 0) return false;
      return compare(floorTo(decimal, POLICY_SCALE), decimal) === 0;
    },
    {
      error: `must be a number from 0 to ${most} with at most ${POLICY_SCALE} decimals`,
      params: rule('decimal_range', { most, decimals: POLICY_SCALE }),
    },
  );

/** What the merchant accepts beside exact payments in time. */
const policySettings = {
  late: z.enum(latePolicies, `must be one of ${latePolicies.join(', ')}`),
  /** How far a currency may have moved against the dollar for a late payment to be accepted. */
  lateDrift: percentUpTo(100),
  /** How much less, and more, of what was requested is accepted. */
  underpaidTolerance: percentUpTo(5),
  overpaidTolerance: percentUpTo(100),
  /** Whether less than the amount counts as a part of it, and the rest is asked for. */
  remainder: z.boolean(),
  /** Events beyond the documented ones. */
  optInEvents: z
    .array(z.string())
    .refine(
      types => types.every(type => optInTypes.some(known => known === type)),
      `must be among ${optInTypes.join(', ')}`,
    )
    .transform(types => optInTypes.filter(type => types.includes(type))),
};

/** `allow`: networks that webhooks may reach although they are not public. */
export function merchantSettings(allow: readonly Cidr[]) {
  const webhookUrl = z
    .string()
    .max(2048, 'must have at most 2048 characters')
    .superRefine((text, context) => {
      const checked = checkWebhookUrl(text, allow);
      if (!checked.ok)
        context.addIssue({ code: 'custom', message: checked.fault, params: rule('webhook_url') });
    });
  return z.object({
    name: z
      .string('is required')
      .trim()
      .min(1, 'must not be empty')
      .max(100, 'must have at most 100 characters'),
    url: httpUrl,
    webhookUrl: webhookUrl.nullable(),
    auth: z.enum(['signature', 'private-key'], 'must be signature or private-key'),
    paymentMinutes: z
      .int('must be a whole number of minutes')
      .min(15, 'must be at least 15')
      .max(90, 'must be at most 90'),
    compat: z.boolean(),
    privateKeyHeader: z.boolean(),
    signatureV2: z.enum(['off', 'on', 'required'], 'must be off, on or required'),
    verifiedOnly: z.boolean(),
    ...pageSettings,
    ...policySettings,
  });
}

export type MerchantSettings = z.output<ReturnType<typeof merchantSettings>>;

/** What a new merchant starts with. */
export const defaultSettings = {
  webhookUrl: null,
  auth: 'signature',
  paymentMinutes: 30,
  compat: true,
  privateKeyHeader: false,
  signatureV2: 'off',
  verifiedOnly: false,
  pageOrigins: [],
  returnHosts: null,
  language: null,
  late: 'review',
  lateDrift: '1',
  underpaidTolerance: '0',
  overpaidTolerance: '0',
  remainder: false,
  optInEvents: [],
} satisfies Partial<MerchantSettings>;

/** Keys of the original service may be brought along: any printable text that a header can carry. */
const key = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable characters without spaces');
export const importedKeys = z.object({ publicKey: key, privateKey: key });
