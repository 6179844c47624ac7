/** Adding a merchant with its keys, made here or brought along from the original service. */
import type { Cidr } from '../lib/address-guard.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { saveLogo } from '../store/logos.ts';
import { insertKey, insertMerchant, isKeyTaken } from '../store/merchants.ts';
import { findUser } from '../store/users.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, check, fault } from './faults.ts';
import { importedKeys, type MerchantSettings, merchantSettings } from './merchant-settings.ts';
import { checkLogo } from './read-logo.ts';

export type MerchantDeps = ActingDeps & {
  db: Db;
  clock: Clock;
  allow: readonly Cidr[];
  /** That many bytes from a CSPRNG. */
  randomBytes: (size: number) => Buffer;
};

export type CreatedMerchant = { id: number; publicKey: string; privateKey: string; webhookSecret: string };

/** `keys`: both, or neither. The secrets are answered here once and stored sealed. */
export async function createMerchant(
  deps: MerchantDeps,
  input: {
    userId: number;
    settings: MerchantSettings;
    keys: { publicKey?: unknown; privateKey?: unknown } | null;
    /** The bytes of an image file. */
    logo?: Uint8Array | null;
  },
): Promise<Checked<CreatedMerchant>> {
  const settings = check(merchantSettings(deps.allow), input.settings);
  if (!settings.ok) return settings;
  const keys = input.keys ? check(importedKeys, input.keys) : ok(newKeys(deps));
  if (!keys.ok) return keys;
  const logo = checkLogo(input.logo ?? null);
  if (!logo.ok) return logo;
  const webhookSecret = `whsec_${deps.randomBytes(32).toString('base64')}`;
  if (!(await findUser(deps.db, input.userId))) return fault('user', 'there is no user with this id');
  if (await isKeyTaken(deps.db, keys.value.publicKey)) return fault('publicKey', 'is in use already');
  const now = deps.clock.now();
  const id = await transact(deps.db, async tx => {
    const merchantId = await insertMerchant(tx, deps.vault, {
      ...settingsColumns(settings.value),
      user_id: input.userId,
      webhookSecret,
      created_at: new Date(now),
    });
    await insertKey(tx, deps.vault, { merchantId, ...keys.value }, now);
    if (logo.value) await saveLogo(tx, { merchantId, logo: logo.value, now });
    const entry = { userId: input.userId, action: 'merchant.add', target: `merchant ${merchantId}` };
    await note(tx, deps, { ...entry, after: merchantFacts(settings.value) }, now);
    return merchantId;
  });
  return ok({ id, ...keys.value, webhookSecret });
}

/** A fresh pair: 192 random bits in the public key, 256 in the private one. */
export function newKeys({ randomBytes }: Pick<MerchantDeps, 'randomBytes'>) {
  return {
    publicKey: `public_${randomBytes(24).toString('base64url')}`,
    privateKey: `private_${randomBytes(32).toString('base64url')}`,
  };
}

/** The settings as they stand in the audit log; what comes behind the path of a URL may be a secret. */
export function merchantFacts({ webhookUrl, ...settings }: MerchantSettings) {
  if (webhookUrl === null) return { ...settings, webhookUrl };
  const { origin, pathname } = new URL(webhookUrl);
  return { ...settings, webhookUrl: `${origin}${pathname}` };
}

export function settingsColumns(settings: MerchantSettings) {
  return {
    name: settings.name,
    url: settings.url,
    webhook_url: settings.webhookUrl,
    auth: settings.auth,
    payment_minutes: settings.paymentMinutes,
    compat: settings.compat,
    private_key_header: settings.privateKeyHeader,
    signature_v2: settings.signatureV2,
    verified_only: settings.verifiedOnly,
    page_origins: settings.pageOrigins,
    return_hosts: settings.returnHosts,
    language: settings.language,
    late_policy: settings.late,
    late_drift: settings.lateDrift,
    underpaid_tolerance: settings.underpaidTolerance,
    overpaid_tolerance: settings.overpaidTolerance,
    remainder: settings.remainder,
    opt_in_events: settings.optInEvents,
  };
}
