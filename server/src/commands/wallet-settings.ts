/** What may be set on a wallet, at its registration and later. The address is not among it: a wallet keeps its address. */
import { z } from 'zod';

const HOUR = 3600;

/** `decimals`: the token's own, of which a wallet may use at most all. */
export function walletSettings(decimals: number) {
  const most = Math.min(8, decimals);
  return z.object({
    digits: z.int('must be a whole number').min(2, 'must be at least 2').max(most, `must be at most ${most}`),
    maxTail: z.int('must be a whole number').min(1, 'must be at least 1').max(9999, 'must be at most 9999'),
    commissionPayer: z.enum(['payer', 'merchant'], 'must be payer or merchant'),
    holdHours: z.int('must be a whole number').min(2, 'must be at least 2').max(720, 'must be at most 720'),
    active: z.boolean(),
  });
}

export type WalletSettings = z.output<ReturnType<typeof walletSettings>>;

export function walletColumns(settings: WalletSettings) {
  return {
    digits: settings.digits,
    max_tail: settings.maxTail,
    commission_payer: settings.commissionPayer,
    hold_seconds: settings.holdHours * HOUR,
    active: settings.active,
  };
}

export function settingsOf(row: {
  digits: number;
  max_tail: number;
  commission_payer: 'payer' | 'merchant';
  hold_seconds: number;
  active: boolean;
}): WalletSettings {
  return {
    digits: row.digits,
    maxTail: row.max_tail,
    commissionPayer: row.commission_payer,
    holdHours: row.hold_seconds / HOUR,
    active: row.active,
  };
}
