/** The wallets of a merchant: where its money goes, how full they are, and which of them wait. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addWallet } from '../../commands/add-wallet.ts';
import { updateWallet } from '../../commands/update-wallet.ts';
import type { WalletSettings } from '../../commands/wallet-settings.ts';
import { type AssetCode, coinOn, type NetworkCode } from '../../domain/asset.ts';
import { busiestHolds } from '../../store/wallet-capacity.ts';
import { listWallets, walletOf } from '../../store/wallets.ts';
import { bodyOf, idOf } from './body.ts';
import { coinText } from './coin-text.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { asVisitor, checked, given, ownMerchant } from './own-merchant.ts';

export type WalletAnswer = {
  id: number;
  merchant_id: number;
  network: NetworkCode;
  asset: AssetCode;
  /** null where it is `forged`. */
  address: string | null;
  digits: number;
  max_tail: number;
  commission_payer: 'payer' | 'merchant';
  hold_hours: number;
  active: boolean;
  qr: 'address' | 'uri';
  /** In ms, where it still waits to take invoices; null where it does not. */
  active_from: number | null;
  /** Its address was changed in the database: it takes no invoices, and is shown to nobody. */
  forged: boolean;
  /** How many of its `max_tail` tails are in use at the price that uses most; null where its network is not watched. */
  used: number | null;
  /** Of a native coin: what it holds that no transfer explains, which a contract may have paid; null where there is none. */
  unexplained: string | null;
};
export type WalletsAnswer = { wallets: WalletAnswer[] };
/** `active_from` in ms; null: it takes invoices at once. */
export type WalletChangeAnswer = { id: number; active_from: number | null };

const text = z.string('must be a text').max(500, 'is too long');
const number = z.number('must be a number');
const settingFields = {
  digits: number,
  max_tail: number,
  commission_payer: z.enum(['payer', 'merchant'], 'must be payer or merchant'),
  hold_hours: number,
  active: z.boolean('must be true or false'),
  qr: z.enum(['address', 'uri'], 'must be address or uri'),
};
const newWalletBody = z.strictObject({
  network: text,
  cryptocurrency: text,
  address: text,
  ...settingFields,
});
export type NewWalletBody = z.input<typeof newWalletBody>;
const walletBody = z.strictObject(settingFields).partial();
export type WalletBody = z.input<typeof walletBody>;

export function walletRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const path = '/users/:userId/merchants/:merchantId/wallets';
  app.get(path, async (request, reply) => {
    const { id } = await ownMerchant(deps, request, 'wallets.read');
    const answer: WalletsAnswer = { wallets: await walletsWithUse(deps, [id]) };
    return reply.send(answer);
  });
  app.post(path, async (request, reply) => {
    const { network, cryptocurrency, address, ...body } = bodyOf(newWalletBody, request);
    const { id: merchantId } = await ownMerchant(deps, request, 'wallets.edit');
    const settings = settingsOf(body) as WalletSettings;
    const wallet = { merchantId, network, cryptocurrency, address: address.trim(), settings };
    const { id, activeFrom } = checked(await addWallet(asVisitor(deps, request), wallet));
    const answer: WalletChangeAnswer = { id, active_from: activeFrom };
    return reply.code(201).send(answer);
  });
  app.patch(`${path}/:walletId`, async (request, reply) => {
    const body = bodyOf(walletBody, request);
    const merchant = await ownMerchant(deps, request, 'wallets.edit');
    const wallet = await walletOf(deps.db, merchant.id, idOf(request, 'walletId'));
    if (!wallet) throw new DashboardError(404, 'not_found', 'There is nothing here.');
    const { id, activeFrom } = checked(
      await updateWallet(asVisitor(deps, request), wallet.id, settingsOf(body)),
    );
    const answer: WalletChangeAnswer = { id, active_from: activeFrom };
    return reply.send(answer);
  });
}

/** The wallets of these merchants, oldest first. */
export async function walletsWithUse(
  { db, vault, clock, networks }: Pick<DashboardDeps, 'db' | 'vault' | 'clock' | 'networks'>,
  merchantIds: readonly number[],
): Promise<WalletAnswer[]> {
  const now = clock.now();
  const rows = (await Promise.all(merchantIds.map(id => listWallets(db, vault, id)))).flat();
  const spans = rows.flatMap(({ id, network, asset, digits, max_tail }) => {
    const token = coinOn(networks.get(network), asset);
    if (!token) return [];
    return [{ walletId: id, span: BigInt(max_tail) * 10n ** BigInt(token.decimals - digits) }];
  });
  const used = await busiestHolds(db, spans, now);
  const isWatched = new Set(spans.map(({ walletId }) => walletId));
  return rows.map(({ hold_seconds, active_from, genuine, unexplained, ...wallet }) => ({
    ...wallet,
    address: genuine ? wallet.address : null,
    forged: !genuine,
    unexplained: unexplained && coinText(networks, { ...wallet, units: unexplained }),
    hold_hours: hold_seconds / 3600,
    active_from: active_from !== null && active_from > now ? active_from : null,
    used: isWatched.has(wallet.id) ? Math.min(wallet.max_tail, used.get(wallet.id) ?? 0) : null,
  }));
}

function settingsOf(body: z.output<typeof walletBody>): Partial<WalletSettings> {
  return given({
    digits: body.digits,
    maxTail: body.max_tail,
    commissionPayer: body.commission_payer,
    holdHours: body.hold_hours,
    active: body.active,
    qr: body.qr,
  });
}
