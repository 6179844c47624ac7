/** What may be set on a wallet, at its registration and later. The address is not among it: a wallet keeps its address. */
import { z } from 'zod';
import type { Coin, Network } from '../domain/asset.ts';
import { defaultDigits } from '../domain/tail.ts';
import { rule } from './rule.ts';

const HOUR = 3600;

/** A wallet may use at most all decimals of its coin. Links exist on EVM networks alone (EIP-681). */
export function walletSettings(
  { asset, decimals }: Coin,
  { code, family }: Pick<Network, 'code' | 'family'>,
) {
  const most = Math.min(8, decimals);
  return z.object({
    digits: z
      .int('must be a whole number')
      .min(2, 'must be at least 2')
      .max(most, `must be at most ${most}`)
      .default(defaultDigits(asset)),
    maxTail: z.int('must be a whole number').min(1, 'must be at least 1').max(9999, 'must be at most 9999'),
    commissionPayer: z.enum(['payer', 'merchant'], 'must be payer or merchant'),
    holdHours: z.int('must be a whole number').min(2, 'must be at least 2').max(720, 'must be at most 720'),
    active: z.boolean(),
    qr: z
      .enum(['address', 'uri'], 'must be address or uri')
      .refine(qr => qr === 'address' || family === 'evm', {
        error: `must be address on ${code}: there is no payment link that its wallets agree on`,
        params: rule('qr_link', { network: code }),
      })
      .default('address'),
  });
}

type Settings = z.output<ReturnType<typeof walletSettings>>;
/** `digits`: those of the coin where nothing is said. `qr`: what the code on the page holds; then the address. */
export type WalletSettings = z.input<ReturnType<typeof walletSettings>>;

export function walletColumns(settings: Settings) {
  return {
    digits: settings.digits,
    max_tail: settings.maxTail,
    commission_payer: settings.commissionPayer,
    hold_seconds: settings.holdHours * HOUR,
    active: settings.active,
    qr: settings.qr,
  };
}

export function settingsOf(row: {
  digits: number;
  max_tail: number;
  commission_payer: 'payer' | 'merchant';
  hold_seconds: number;
  active: boolean;
  qr: Settings['qr'];
}): Settings {
  return {
    digits: row.digits,
    maxTail: row.max_tail,
    commissionPayer: row.commission_payer,
    holdHours: row.hold_seconds / HOUR,
    active: row.active,
    qr: row.qr,
  };
}
