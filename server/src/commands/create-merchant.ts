/** Adding a merchant with its keys, made here or brought along from the original service. */
import type { Cidr } from '../lib/address-guard.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { seal, type Vault } from '../lib/vault.ts';
import { type Db, transact } from '../store/db.ts';
import { insertKey, SECRET_CONTEXT } from '../store/merchants.ts';
import { findUser } from '../store/users.ts';
import { type Checked, check, fault } from './faults.ts';
import { importedKeys, type MerchantSettings, merchantSettings } from './merchant-settings.ts';

export type MerchantDeps = {
  db: Db;
  vault: Vault;
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
  },
): Promise<Checked<CreatedMerchant>> {
  const settings = check(merchantSettings(deps.allow), input.settings);
  if (!settings.ok) return settings;
  const keys = input.keys ? check(importedKeys, input.keys) : ok(newKeys(deps));
  if (!keys.ok) return keys;
  const webhookSecret = `whsec_${deps.randomBytes(32).toString('base64')}`;
  if (!(await findUser(deps.db, input.userId))) return fault('user', 'there is no user with this id');
  const taken = await deps.db
    .selectFrom('merchant_keys')
    .select('merchant_id')
    .where('public_key', '=', keys.value.publicKey)
    .executeTakeFirst();
  if (taken) return fault('publicKey', 'is in use already');
  const now = deps.clock.now();
  const id = await transact(deps.db, async tx => {
    const merchant = await tx
      .insertInto('merchants')
      .values({
        ...settingsColumns(settings.value),
        user_id: input.userId,
        webhook_secret: seal(deps.vault, webhookSecret, SECRET_CONTEXT),
        created_at: new Date(now),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await insertKey(tx, deps.vault, { merchantId: merchant.id, ...keys.value }, now);
    return merchant.id;
  });
  return ok({ id, ...keys.value, webhookSecret });
}

function newKeys({ randomBytes }: MerchantDeps) {
  return {
    publicKey: `public_${randomBytes(24).toString('base64url')}`,
    privateKey: `private_${randomBytes(32).toString('base64url')}`,
  };
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
  };
}
