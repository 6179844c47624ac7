/**
 * A whole gateway in the test's process: on the test's own database and port, with shops to ask it, and a sink that
 * keeps what the shops are told. Whatever is opened here is closed again by `close`.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { CryptoScan } from '@cryptoscan/sdk';
import { addressText } from '../server/src/chains/registry.ts';
import type { Gateway } from '../server/src/cli/start-gateway.ts';
import { addWallet } from '../server/src/commands/add-wallet.ts';
import { createMerchant } from '../server/src/commands/create-merchant.ts';
import { defaultSettings, type MerchantSettings } from '../server/src/commands/merchant-settings.ts';
import type { WalletSettings } from '../server/src/commands/wallet-settings.ts';
import { type Role, roles, type WatchedNetwork } from '../server/src/config.ts';
import { freePort } from '../server/src/dev/free-port.ts';
import { localNetworks } from '../server/src/dev/local-network.ts';
import type { Network, NetworkCode } from '../server/src/domain/asset.ts';
import type { OperatorTerms } from '../server/src/domain/commission.ts';
import type { Simulate } from '../server/src/domain/simulation.ts';
import { NO_HOLD } from '../server/src/domain/wallet-hold.ts';
import { type Cidr, parseCidrs } from '../server/src/lib/address-guard.ts';
import { type Clock, monotonicClock } from '../server/src/lib/clock.ts';
import { createLogger } from '../server/src/lib/logger.ts';
import { MASTER_KEY_BYTES, openVault, type Vault } from '../server/src/lib/vault.ts';
import { startGateway } from '../server/src/main.ts';
import type { OpenSource } from '../server/src/rates/registry.ts';
import { type Connection, type Db, transact } from '../server/src/store/db.ts';
import { synchronize } from '../server/src/store/db-clock.ts';
import { insertUser } from '../server/src/store/users.ts';
import { testDatabase } from './pg.ts';

export const host = '127.0.0.1';
export const quiet = createLogger('silent');
export const networks: ReadonlyMap<NetworkCode, Network> = new Map<NetworkCode, Network>(
  Object.values(localNetworks).map(network => [network.code, network]),
);

/** Tries ports the system does not hand out to passing clients until `open` finds one that nobody listens on. */
export async function onFreePort<T>(open: (port: number) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await open(await freePort(host, randomInt(10_000, 32_000)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** What a gateway stands on. */
export type Ground = { connection: Connection; db: Db; vault: Vault; clock: Clock; close(): Promise<void> };

export async function openGround(): Promise<Ground> {
  const { connection, db, close } = await testDatabase();
  const clock = monotonicClock();
  await synchronize(db, clock);
  return { connection, db, vault: openVault(randomBytes(MASTER_KEY_BYTES)), clock, close };
}

export type TestGateway = { port: number; baseUrl: string; stop(): Promise<void> };

/** `providers`: where each network is read, for the role `watch`; by default nowhere. */
export async function openGateway(
  ground: Ground,
  options: {
    roles?: readonly Role[];
    providers?: Partial<Record<NetworkCode, string>>;
    webhookAllow?: readonly string[];
    connection?: Connection;
    /** Where rates come from; by default nowhere, so that only dollars are taken. */
    rateSources?: readonly OpenSource[];
    /** What users are asked for a paid invoice; by default nothing. */
    terms?: OperatorTerms;
    /** The test mode of the payment page; by default none, as in `serve`. */
    simulate?: Simulate;
    /** How long it goes on answering once it is to stop, in ms. */
    drain?: number;
  } = {},
): Promise<TestGateway> {
  const watched = [...networks.values()].map(
    (network): WatchedNetwork => ({
      network,
      providers: [{ url: options.providers?.[network.code] ?? `http://${host}:1` }],
    }),
  );
  const gateway: Gateway = await onFreePort(port =>
    startGateway({
      connection: options.connection ?? ground.connection,
      vault: ground.vault,
      logger: quiet,
      host,
      port,
      baseUrl: null,
      limits: null,
      rates: { quorum: 2, sources: options.rateSources ?? [] },
      ...(options.terms && { terms: options.terms }),
      networks: watched,
      roles: options.roles ?? roles,
      webhookAllow: cidrs(options.webhookAllow ?? [`${host}/32`]),
      trustedProxies: [],
      drain: options.drain ?? 0,
      ...(options.simulate && { simulate: options.simulate }),
    }),
  );
  const port = gateway.port ?? 0;
  return { port, baseUrl: `http://${host}:${port}`, stop: () => gateway.stop() };
}

function cidrs(list: readonly string[]): Cidr[] {
  const parsed = parseCidrs(list);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

export type Shop = {
  id: number;
  userId: number;
  publicKey: string;
  privateKey: string;
  webhookSecret: string;
  auth: 'signature' | 'private-key';
  /** Where it is paid on every network: 20 bytes of 0x hex. */
  address: string;
  /** The same by network, as people write it. */
  wallets: Record<string, string>;
};

/** A merchant of a user of its own, with a USDT wallet on each local network at an address nobody else has. */
export async function openShop(
  ground: Ground,
  options: {
    settings?: Partial<MerchantSettings>;
    wallet?: Partial<WalletSettings>;
    keys?: { publicKey: string; privateKey: string };
  } = {},
): Promise<Shop> {
  const userId = await transact(ground.db, tx =>
    insertUser(
      tx,
      { email: `${randomBytes(8).toString('hex')}@example.com`, passwordHash: null },
      ground.clock.now(),
    ),
  );
  if (userId === null) throw new Error('the user was not made');
  const settings: MerchantSettings = {
    ...defaultSettings,
    name: 'Shop',
    url: 'https://shop.example/',
    compat: false,
    ...options.settings,
  };
  const made = await createMerchant(
    { ...ground, allow: cidrs(['127.0.0.0/8']), randomBytes },
    { userId, settings, keys: options.keys ?? null },
  );
  if (!made.ok) throw new Error(JSON.stringify(made.fault));
  const address = `0x${randomBytes(20).toString('hex')}`;
  const wallets: Record<string, string> = {};
  for (const { code } of networks.values()) {
    wallets[code] = await openWallet(ground, {
      merchantId: made.value.id,
      network: code,
      address,
      ...options.wallet,
    });
  }
  return { ...made.value, userId, auth: settings.auth, address, wallets };
}

/** Registers a wallet, of USDT unless another coin is named; answers its address as people write it. */
export async function openWallet(
  ground: Ground,
  {
    merchantId,
    network: code,
    address,
    cryptocurrency = 'USDT',
    ...settings
  }: Partial<WalletSettings> & {
    cryptocurrency?: string;
    merchantId: number;
    network: NetworkCode;
    address: string;
  },
): Promise<string> {
  const network = networks.get(code)!;
  const added = await addWallet(
    { ...ground, networks, hold: NO_HOLD },
    {
      merchantId,
      network: code,
      cryptocurrency,
      address: addressText(network, network.family === 'tron' ? `41${address.slice(2)}` : address),
      settings: {
        digits: 3,
        maxTail: 999,
        commissionPayer: 'merchant',
        holdHours: 24,
        active: true,
        ...settings,
      },
    },
  );
  if (!added.ok) throw new Error(JSON.stringify(added.fault));
  return added.value.address;
}

/** The published client, as the shop's own server would hold it. */
export function clientOf(
  { baseUrl }: { baseUrl: string },
  { publicKey, privateKey, auth }: Shop,
): CryptoScan {
  return new CryptoScan({ baseUrl, publicKey, privateKey, auth });
}
