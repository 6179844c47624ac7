/** Changing a merchant's settings; what is not given stays. */
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { removeLogo, saveLogo } from '../store/logos.ts';
import { changeMerchant, lockMerchant } from '../store/merchants.ts';
import { difference, note } from './acting.ts';
import { type MerchantDeps, merchantFacts, settingsColumns } from './create-merchant.ts';
import { type Checked, check, fault } from './faults.ts';
import { type MerchantSettings, merchantSettings } from './merchant-settings.ts';
import { checkLogo } from './read-logo.ts';

/** `logo`: the bytes of an image file; null removes the one there is. */
export type MerchantChanges = Partial<MerchantSettings> & { logo?: Uint8Array | null };

export async function updateMerchant(
  deps: Omit<MerchantDeps, 'randomBytes'>,
  id: number,
  { logo: file, ...changes }: MerchantChanges,
): Promise<Checked<{ id: number }>> {
  const logo = checkLogo(file ?? null);
  if (!logo.ok) return logo;
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
      pageOrigins: row.page_origins,
      returnHosts: row.return_hosts,
      language: row.language,
      late: row.late_policy,
      lateDrift: row.late_drift,
      underpaidTolerance: row.underpaid_tolerance,
      overpaidTolerance: row.overpaid_tolerance,
      remainder: row.remainder,
      optInEvents: row.opt_in_events,
    };
    const settings = check(merchantSettings(deps.allow), { ...current, ...changes });
    if (!settings.ok) return settings;
    const now = deps.clock.now();
    await changeMerchant(tx, id, settingsColumns(settings.value));
    if (logo.value) await saveLogo(tx, { merchantId: id, logo: logo.value, now });
    if (file === null) await removeLogo(tx, id);
    const facts = factsOf(current, settings.value, file);
    const entry = { userId: row.user_id, action: 'merchant.change', target: `merchant ${id}` };
    if (facts) await note(tx, deps, { ...entry, ...facts }, now);
    return ok({ id });
  });
}

/** What has changed; null: nothing. Two webhook URLs may differ in what the log does not say. */
function factsOf(before: MerchantSettings, after: MerchantSettings, logo: Uint8Array | null | undefined) {
  const changed = difference(merchantFacts(before), {
    ...merchantFacts(after),
    ...(logo !== undefined && { logo: logo === null ? 'removed' : 'replaced' }),
  });
  return changed ?? (before.webhookUrl === after.webhookUrl ? null : { after: { webhookUrl: 'changed' } });
}
