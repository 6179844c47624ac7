/**
 * Which installation a command works on: the production database that the configuration names, or a data folder. On a
 * folder it goes through the server that runs there, or starts the database for as long as the command takes.
 */
import { type Config, configSchema, databaseUrl, readConfig, watchedNetworks } from '../config.ts';
import { localNetworks } from '../dev/local-network.ts';
import { type Network, type NetworkCode, networks as publicNetworks } from '../domain/asset.ts';
import { holdOf, NO_HOLD, type WalletHold } from '../domain/wallet-hold.ts';
import { type Cidr, parseCidrs } from '../lib/address-guard.ts';
import { type Clock, monotonicClock } from '../lib/clock.ts';
import { openVault, type Vault } from '../lib/vault.ts';
import { type WebhookIds, webhookIds } from '../lib/webhook-id.ts';
import { type Connection, type Db, openDb, poolConfig } from '../store/db.ts';
import { synchronize } from '../store/db-clock.ts';
import { checkMasterKey } from '../store/installation.ts';
import { migrate, pendingMigrations } from '../store/migrate.ts';
import {
  claimFolder,
  defaultFolder,
  type FolderKind,
  folderKind,
  folderVault,
  keptVault,
} from './data-folder.ts';
import { CommandError } from './exit.ts';
import { onPostgres } from './folder-database.ts';
import { note } from './output.ts';

export type InstallationOptions = {
  dataDir?: string;
  embedded?: boolean;
  config?: string;
};

export type Installation = {
  db: Db;
  vault: Vault;
  clock: Clock;
  webhookId: WebhookIds;
  networks: ReadonlyMap<NetworkCode, Network>;
  /** Networks that webhooks may reach although they are not public. */
  allow: readonly Cidr[];
  hold: WalletHold;
  /** The data folder; null for a database of one's own. */
  folder: string | null;
};

/** `dev` works on this machine alone, where shops under development listen on loopback. */
const devWebhookAllow = ['127.0.0.0/8', '::1/128'];

/** Runs `work` on the installation and lets go of it again. */
export async function onInstallation<T>(
  options: InstallationOptions,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const config = readConfig(options.config);
  if (isDatabase(options, config)) return onDatabase(config, work);
  const { folder, kind } = await folderOf(options);
  return onFolder(folder, { kind, config }, work);
}

type Configured = ReturnType<typeof readConfig>;

/** The database of an installation as it is, empty or of any schema, and the master key it has, or is to have. */
type Place = { connection: Connection; vault: Vault };

/** Runs `work` on it and lets go of it again. Nothing is made, brought up to date or looked at before. */
export async function onPlace<T>(
  options: InstallationOptions,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const config = readConfig(options.config);
  if (isDatabase(options, config)) {
    const { url, key } = ownDatabase(config);
    return work({ connection: { url }, vault: openVault(key) });
  }
  const { folder } = await folderOf(options);
  const vault = await keptVault(folder);
  if (!vault)
    throw new CommandError(
      1,
      `There is no master key in ${folder}: put the one of the installation there first, as master.key.`,
    );
  return onPostgres(folder, connection => work({ connection, vault }));
}

function isDatabase({ dataDir, embedded }: InstallationOptions, config: Configured): boolean {
  const url = config.ok ? config.value.databaseUrl : databaseUrl();
  return dataDir === undefined && !embedded && Boolean(url);
}

async function folderOf({ dataDir, embedded }: InstallationOptions) {
  const path = dataDir ?? defaultFolder(embedded ? 'serve' : 'dev');
  const kind = (await folderKind(path)) ?? (embedded ? 'serve' : 'dev');
  const folder = await claimFolder(path, kind);
  if (!folder.ok) throw new CommandError(1, folder.fault);
  if (dataDir === undefined) note(`Working on ${folder.value} (--data-dir names another one).`);
  return { folder: folder.value, kind };
}

function ownDatabase(config: Configured): { url: string; key: Uint8Array; config: Config } {
  if (!config.ok) throw new CommandError(2, config.fault.join('\n'));
  const { databaseUrl, masterKey } = config.value;
  if (!databaseUrl || !masterKey)
    throw new CommandError(2, 'masterKey: is required with a database of your own');
  return { url: databaseUrl, key: masterKey, config: config.value };
}

async function onDatabase<T>(
  config: Configured,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const { url, key, config: own } = ownDatabase(config);
  return withDb({ url }, async db => {
    const pending = await pendingMigrations(db);
    if (pending.length > 0)
      throw new CommandError(1, 'The schema is not up to date: run `cryptoscan migrate` first.');
    return work(await installation(db, openVault(key), { ...configured(own), folder: null }));
  });
}

async function onFolder<T>(
  folder: string,
  { kind, config }: { kind: FolderKind; config: Configured },
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const vault = await folderVault(folder);
  const settings = kind === 'dev' ? devSettings() : config.ok ? configured(config.value) : publicSettings();
  return onPostgres(folder, connection =>
    withDb(connection, async db => {
      await migrate(db);
      return work(await installation(db, vault, { ...settings, folder }));
    }),
  );
}

type Settings = Pick<Installation, 'networks' | 'allow' | 'hold'>;

function configured(config: Config): Settings {
  const watched = watchedNetworks(config).map(({ network }) => [network.code, network] as const);
  return watched.length > 0
    ? { networks: new Map(watched), allow: config.webhookAllow, hold: holdOf(config.walletHoldHours) }
    : publicSettings(config);
}

function publicSettings(config?: Config): Settings {
  const rows = Object.values(publicNetworks).map(network => [network.code, network] as const);
  // A folder whose configuration is not known is still one that money goes through.
  const hold = holdOf((config ?? configSchema.pick({ walletHoldHours: true }).parse({})).walletHoldHours);
  return { networks: new Map(rows), allow: config?.webhookAllow ?? [], hold };
}

/** The settings of `dev`: its local chains, and webhooks to loopback. */
export function devSettings(): Settings {
  const allow = parseCidrs(devWebhookAllow);
  const rows = Object.values(localNetworks).map(network => [network.code, network] as const);
  return { networks: new Map<NetworkCode, Network>(rows), allow: allow.ok ? allow.value : [], hold: NO_HOLD };
}

/** An installation on an open database whose schema is up to date. */
export async function installation(
  db: Db,
  vault: Vault,
  settings: Settings & { folder: string | null },
): Promise<Installation> {
  const clock = monotonicClock();
  await synchronize(db, clock);
  const mark = await checkMasterKey(db, vault, clock.now());
  return { db, vault, clock, webhookId: webhookIds(vault, mark), ...settings };
}

/** Opens a small pool for `work` and closes it again. */
export async function withDb<T>(connection: Connection, work: (db: Db) => Promise<T>): Promise<T> {
  const db = openDb(poolConfig(connection, 4), () => undefined);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
