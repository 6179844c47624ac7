/** A merchant's settings as people enter them, at creation and later. */
import { z } from 'zod';
import type { Cidr } from '../lib/address-guard.ts';
import { checkWebhookUrl } from '../lib/webhook-url.ts';

const httpUrl = z
  .string('is required')
  .max(2048, 'must have at most 2048 characters')
  .refine(
    text => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an http or https URL',
  );

/** `allow`: networks that webhooks may reach although they are not public. */
export function merchantSettings(allow: readonly Cidr[]) {
  const webhookUrl = z
    .string()
    .max(2048, 'must have at most 2048 characters')
    .superRefine((text, context) => {
      const checked = checkWebhookUrl(text, allow);
      if (!checked.ok) context.addIssue({ code: 'custom', message: checked.fault });
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
} satisfies Partial<MerchantSettings>;

/** Keys of the original service may be brought along: any printable text that a header can carry. */
const key = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable characters without spaces');
export const importedKeys = z.object({ publicKey: key, privateKey: key });
