/** Changing a merchant's settings; what is not given stays. */
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { changeMerchant, lockMerchant } from '../store/merchants.ts';
import { type MerchantDeps, settingsColumns } from './create-merchant.ts';
import { type Checked, check, fault } from './faults.ts';
import { type MerchantSettings, merchantSettings } from './merchant-settings.ts';

export async function updateMerchant(
  deps: Pick<MerchantDeps, 'db' | 'allow'>,
  id: number,
  changes: Partial<MerchantSettings>,
): Promise<Checked<{ id: number }>> {
  return transact(deps.db, async tx => {
    const row = await lockMerchant(tx, id);
    if (!row) return fault('merchant', 'there is no merchant with this id');
    const current: MerchantSettings = {
      name: row.name,
      url: row.url,
      webhookUrl: row.webhook_url,
      auth: row.auth,
      paymentMinutes: row.payment_minutes,
      compat: row.compat,
      privateKeyHeader: row.private_key_header,
      signatureV2: row.signature_v2,
      verifiedOnly: row.verified_only,
    };
    const settings = check(merchantSettings(deps.allow), { ...current, ...changes });
    if (!settings.ok) return settings;
    await changeMerchant(tx, id, settingsColumns(settings.value));
    return ok({ id });
  });
}
