/** Making a payment link: an address at which anybody can pay a price that the merchant has set. It never changes. */
import { z } from 'zod';
import { BASE_CURRENCY, currencyCodes } from '../domain/currency.ts';
import { type Decimal, formatAmount, parsePrice } from '../domain/money.ts';
import type { Clock } from '../lib/clock.ts';
import { isRedirectUrl } from '../lib/redirect-url.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { userOfMerchant } from '../store/merchants.ts';
import { insertLink, type Link } from '../store/payment-links.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, check, fault } from './faults.ts';
import { rule } from './rule.ts';

export type LinkDeps = ActingDeps & {
  db: Db;
  clock: Clock;
  /** That many bytes from a CSPRNG. */
  randomBytes: (size: number) => Buffer;
};

export type CreateLink = { merchantId: number; settings: unknown };

const ID_BYTES = 16;
const MOST_USES = 100_000;
const LONGEST_LIFE = 10 * 365 * 24 * 3600_000;

const amount = z.string('is required').transform((text, context): Decimal => {
  const price = parsePrice(text);
  if (price.ok) return price.value;
  context.addIssue({ code: 'custom', message: price.fault, params: rule('amount') });
  return z.NEVER;
});

const redirect = z
  .string()
  .max(2048, 'must have at most 2048 characters')
  .refine(isRedirectUrl, { error: 'must be an http or https URL', params: rule('http_url') })
  .nullable();

/** `expiresAt` in ms. */
const linkSettings = (now: number) =>
  z.object({
    amount,
    currency: z.string().refine(code => code === BASE_CURRENCY || currencyCodes.includes(code), {
      error: 'is not a currency known here; `cryptoscan currency list` shows them',
      params: rule('currency'),
    }),
    description: z
      .string('is required')
      .trim()
      .refine(text => text !== '', { error: 'must not be empty', params: rule('required') })
      .refine(text => [...text].length <= 100, {
        error: 'must have at most 100 characters',
        params: rule('too_long', { most: 100 }),
      })
      .refine(text => !/\p{Cc}/u.test(text), {
        error: 'must not contain control characters',
        params: rule('control_characters'),
      }),
    backUrl: redirect,
    cancelUrl: redirect,
    maxUses: z
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(MOST_USES, `must be at most ${MOST_USES}`)
      .nullable(),
    expiresAt: z
      .int('must be a time')
      .refine(time => time > now, { error: 'must be in the future', params: rule('time_future') })
      .refine(time => time < now + LONGEST_LIFE, {
        error: 'must be within ten years',
        params: rule('time_near'),
      })
      .nullable(),
  });

export async function createLink(
  deps: LinkDeps,
  { merchantId, settings: given }: CreateLink,
): Promise<Checked<Link>> {
  const now = deps.clock.now();
  const settings = check(linkSettings(now), given);
  if (!settings.ok) return settings;
  const userId = await userOfMerchant(deps.db, merchantId);
  if (userId === null) return fault('merchant', 'there is no merchant with this id');
  const id = deps.randomBytes(ID_BYTES).toString('base64url');
  const link = { id, merchantId, ...settings.value, active: true, createdAt: now };
  await transact(deps.db, async tx => {
    await insertLink(tx, link);
    const entry = { userId, action: 'link.add', target: `payment link ${id}` };
    await note(tx, deps, { ...entry, after: factsOf(link) }, now);
  });
  return ok(link);
}

function factsOf({ merchantId, amount, currency, description, maxUses, expiresAt }: Link) {
  const price = formatAmount(amount);
  return { merchant: merchantId, amount: price, currency, description, maxUses, expiresAt };
}
