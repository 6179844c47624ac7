/**
 * Which installation a command works on: the production database that the configuration names, or a data folder. On a
 * folder it goes through the server that runs there, or starts the database for as long as the command takes.
 */
import { resolve } from 'node:path';
import { type Config, readConfig, watchedNetworks } from '../config.ts';
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
import { migrate, schemaFault } from '../store/migrate.ts';
import { claimFolder, defaultFolder, folderKind, folderVault, keptVault } from './data-folder.ts';
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

/** Runs `work` on the installation and lets go of it again. It must be there, and its schema that of this version. */
export async function onInstallation<T>(
  options: InstallationOptions,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const config = configOf(options);
  if (isDatabase(options, config)) return onDatabase(config, work);
  return onFolder(options, config, work);
}

/** Brings the schema up to date, of a new data folder too, and answers what was applied. */
export async function migrateInstallation(options: InstallationOptions): Promise<string[]> {
  const config = configOf(options);
  if (isDatabase(options, config)) return withDb({ url: config.databaseUrl }, migrate);
  const { path, kind } = await folderOf(options);
  const folder = await claimFolder(path, kind ?? (options.embedded ? 'serve' : 'dev'));
  if (!folder.ok) throw new CommandError(1, folder.fault);
  const vault = await folderVault(folder.value);
  return onPostgres(folder.value, connection =>
    withDb(connection, async db => {
      const applied = await migrate(db);
      await installation(db, vault, { ...devSettings(), folder: folder.value });
      return applied;
    }),
  );
}

/** The database of an installation as it is, empty or of any schema, and the master key it has, or is to have. */
type Place = { connection: Connection; vault: Vault };

/** Runs `work` on it and lets go of it again. Nothing is made, brought up to date or looked at before. */
export async function onPlace<T>(
  options: InstallationOptions,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const config = configOf(options);
  if (isDatabase(options, config)) {
    const { url, key } = ownDatabase(config);
    return work({ connection: { url }, vault: openVault(key) });
  }
  const { path, kind } = await folderOf(options);
  const vault = await keptVault(path);
  if (!vault)
    throw new CommandError(
      1,
      `There is no master key in ${path}: put the one of the installation there first, as master.key.`,
    );
  const folder = await claimFolder(path, kind ?? (options.embedded ? 'serve' : 'dev'));
  if (!folder.ok) throw new CommandError(1, folder.fault);
  return onPostgres(folder.value, connection => work({ connection, vault }));
}

/** A faulty configuration may name another installation than the one that would be found without it. */
function configOf({ config: file }: InstallationOptions): Config {
  const config = readConfig(file);
  if (!config.ok) throw new CommandError(2, config.fault.join('\n'));
  return config.value;
}

function isDatabase(
  { dataDir, embedded }: InstallationOptions,
  config: Config,
): config is Config & { databaseUrl: string } {
  return dataDir === undefined && !embedded && config.databaseUrl !== undefined;
}

/** Which folder it is, and what it was made for; null where there is none yet. */
async function folderOf({ dataDir, embedded }: InstallationOptions) {
  const path = resolve(dataDir ?? defaultFolder(embedded ? 'serve' : 'dev'));
  const kind = await folderKind(path);
  if (dataDir === undefined) note(`Working on ${path} (--data-dir names another one).`);
  return { path, kind };
}

function ownDatabase({ databaseUrl, masterKey }: Config): { url: string; key: Uint8Array } {
  if (!databaseUrl || !masterKey)
    throw new CommandError(2, 'masterKey: is required with a database of your own');
  return { url: databaseUrl, key: masterKey };
}

async function onDatabase<T>(config: Config, work: (installation: Installation) => Promise<T>): Promise<T> {
  const { url, key } = ownDatabase(config);
  return withDb({ url }, async db => {
    await refuseOtherSchema(db);
    return work(await installation(db, openVault(key), { ...configured(config), folder: null }));
  });
}

async function onFolder<T>(
  options: InstallationOptions,
  config: Config,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const { path, kind } = await folderOf(options);
  const vault = kind && (await keptVault(path));
  if (!vault)
    throw new CommandError(
      1,
      `There is no installation in ${path}: \`cryptoscan dev\`, \`serve --embedded\` or \`migrate\` makes one.`,
    );
  const settings = kind === 'dev' ? devSettings() : configured(config);
  return onPostgres(path, connection =>
    withDb(connection, async db => {
      await refuseOtherSchema(db);
      return work(await installation(db, vault, { ...settings, folder: path }));
    }),
  );
}

async function refuseOtherSchema(db: Db): Promise<void> {
  const fault = await schemaFault(db);
  if (fault !== null) throw new CommandError(1, fault);
}

type Settings = Pick<Installation, 'networks' | 'allow' | 'hold'>;

function configured(config: Config): Settings {
  const watched = watchedNetworks(config).map(({ network }) => [network.code, network] as const);
  const known = Object.values(publicNetworks).map(network => [network.code, network] as const);
  return {
    networks: new Map(watched.length > 0 ? watched : known),
    allow: config.webhookAllow,
    hold: holdOf(config.walletHoldHours),
  };
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
