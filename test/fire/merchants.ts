/** Merchants of the field, made by the program's own commands on its database; faster than a process for each. */
import { randomBytes } from 'node:crypto';
import { type NetworkSettings, watchedNetwork } from '../../server/src/chains/network-settings.ts';
import { addWallet } from '../../server/src/commands/add-wallet.ts';
import { createMerchant } from '../../server/src/commands/create-merchant.ts';
import { defaultSettings } from '../../server/src/commands/merchant-settings.ts';
import { NO_HOLD } from '../../server/src/domain/wallet-hold.ts';
import { parseCidrs } from '../../server/src/lib/address-guard.ts';
import { monotonicClock } from '../../server/src/lib/clock.ts';
import { openVault } from '../../server/src/lib/vault.ts';
import { type Db, openDb, poolConfig, transact } from '../../server/src/store/db.ts';
import { synchronize } from '../../server/src/store/db-clock.ts';
import type { PostgresConnection } from '../../server/src/store/embedded/session.ts';
import { insertUser } from '../../server/src/store/users.ts';
import type { LiveChain } from '../e2e/live-chain.ts';
import { MASTER_KEY } from './gateway-process.ts';
import { networksOf, played } from './played.ts';

export type Keys = { publicKey: string; privateKey: string; webhookSecret: string };
export type Merchant = Keys & { id: number; wallet: string; path: string };

type NewMerchant = {
  chain: LiveChain;
  webhookUrl: string;
  path: string;
  n: number;
  auth?: 'signature' | 'private-key';
};

/** The n-th merchant of its own user, with a wallet of its own; it is told at `webhookUrl`. */
export async function addMerchant(
  connection: PostgresConnection,
  { chain, webhookUrl, path, n, auth = 'signature' }: NewMerchant,
): Promise<Merchant> {
  return withDb(connection, async db => {
    const clock = monotonicClock();
    await synchronize(db, clock);
    const user = { email: `owner${n}@example.com`, passwordHash: null };
    const userId = (await transact(db, tx => insertUser(tx, user, clock.now()))) ?? 0;
    const allow = parseCidrs(['127.0.0.1/32']);
    const vault = openVault(Buffer.from(MASTER_KEY, 'hex'));
    const deps = { ...{ db, clock, vault, randomBytes, hold: NO_HOLD }, allow: allow.ok ? allow.value : [] };
    const shop = { name: `Shop ${n}`, url: 'https://shop.example/', webhookUrl };
    const settings = { ...defaultSettings, ...shop, auth, compat: false, paymentMinutes: 15 };
    const made = await createMerchant(deps, { userId, settings, keys: null });
    if (!made.ok) throw new Error(JSON.stringify(made.fault));
    const wallet = `0x${(0xa0001 + n).toString(16).padStart(40, '0')}`;
    const code = played(chain).network;
    const settingsOfNetwork = networksOf(chain, [{ url: chain.rpcUrl }])[code] as NetworkSettings;
    const { network } = watchedNetwork(code, settingsOfNetwork);
    const added = await addWallet(
      { ...deps, networks: new Map([[network.code, network]]) },
      {
        ...{ merchantId: made.value.id, network: code, cryptocurrency: 'USDT', address: wallet },
        settings: { digits: 3, maxTail: 999, commissionPayer: 'merchant', holdHours: 24, active: true },
      },
    );
    if (!added.ok) throw new Error(JSON.stringify(added.fault));
    return { ...made.value, wallet: added.value.address, path };
  });
}

/** Asks the database, past every relay; what the checker never does. */
export async function withDb<T>(connection: PostgresConnection, work: (db: Db) => Promise<T>): Promise<T> {
  const db = openDb(poolConfig(connection, 1), () => undefined);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
