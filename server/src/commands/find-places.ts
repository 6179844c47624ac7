/** Where new invoices could be paid: the merchant's wallets for the coin, and the amount due there before the tail. */
import { type AssetCode, coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { commissionOf } from '../domain/commission.ts';
import type { CreateFault } from '../domain/errors.ts';
import { type CoinRate, inCoin } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import { quote } from '../domain/quote.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import type { Tx } from '../store/db.ts';
import { isGenuine, type PayableWallet, payableWallets } from '../store/wallets.ts';
import type { Place } from './reserve-amounts.ts';

export type PlaceDeps = {
  vault: Vault;
  networks: ReadonlyMap<NetworkCode, Network>;
  random: (n: number) => number;
};

/**
 * Something to be paid on a network in a coin. `requested` is in US dollars, 8 decimals, and `percent` of it is commission;
 * `rate` says what a dollar is of the coin, null where it counts as one.
 */
export type Payable = {
  merchant: { id: number; compat: boolean };
  method: { network: NetworkCode; asset: AssetCode };
  requested: Decimal;
  percent: Decimal;
  rate: CoinRate | null;
};

/** The places of each, first choice first, in the order asked; or why there is none. */
export async function findPlaces(
  deps: PlaceDeps,
  tx: Tx,
  payables: readonly Payable[],
  now: number,
): Promise<Result<Place[], CreateFault>[]> {
  if (payables.length === 0) return [];
  const wallets = await payableWallets(
    tx,
    payables.map(({ merchant, method }) => ({ merchantId: merchant.id, ...method })),
    now,
  );
  return payables.map((payable, index) => {
    const usable = judgeWallets(deps, payable, wallets[index] ?? [], now);
    return usable.ok ? ok(placesOf(deps, payable, usable.value)) : usable;
  });
}

function judgeWallets(
  deps: PlaceDeps,
  { merchant, method: { network, asset } }: Payable,
  wallets: readonly PayableWallet[],
  now: number,
): Result<readonly PayableWallet[], CreateFault> {
  if (merchant.compat && (network !== 'TRC-20' || asset !== 'USDT')) return fail('compat_network');
  const row = deps.networks.get(network);
  if (!row || wallets.length === 0) return fail('no_wallet');
  // Those beside one that was changed in the database go on.
  const genuine = wallets.filter(wallet => isGenuine(deps.vault, wallet));
  if (genuine.length === 0) return fail('wallet_integrity');
  const { scanned_at: scannedAt, caught_up_at: caughtUpAt } = wallets[0] ?? {};
  if (typeof scannedAt !== 'number' || typeof caughtUpAt !== 'number') return fail('network_behind');
  if (lag({ scannedAt, caughtUpAt }, now, row.onDemand ?? false) > MAX_LAG) return fail('network_behind');
  return ok(genuine);
}

/** Several wallets for the same coin are used in turn; the turn starts anywhere. */
function placesOf(
  deps: PlaceDeps,
  { method, requested, percent, rate }: Payable,
  wallets: readonly PayableWallet[],
): Place[] {
  const commission = commissionOf(requested, percent);
  const first = wallets.length > 1 ? deps.random(wallets.length) : 0;
  const decimals = coinOn(deps.networks.get(method.network), method.asset)?.decimals;
  if (decimals === undefined) throw new Error(`${method.asset} has no decimals on ${method.network}`);
  return [...wallets.slice(first), ...wallets.slice(0, first)].map(wallet => {
    const { base } = quote({
      requested: inCoin(requested, rate),
      percent,
      commissionPayer: wallet.commission_payer,
      digits: wallet.digits,
    });
    const step = 10n ** BigInt(decimals - wallet.digits);
    return { wallet, commission, decimals, rate, step, base: base.units * step };
  });
}
