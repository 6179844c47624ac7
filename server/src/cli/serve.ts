/** cryptoscan serve: production. No demo data, no local chain, nothing that could sign a transfer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Config, rateOptions, readConfig, watchedNetworks } from '../config.ts';
import { holdOf, NO_HOLD } from '../domain/wallet-hold.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { bySmtp } from '../lib/smtp.ts';
import { openVault, type Vault } from '../lib/vault.ts';
import { type Connection, type Db, isUnavailable, openDb, poolConfig } from '../store/db.ts';
import { hasChecksums, settingsOf, unfitForMoney } from '../store/fit-for-money.ts';
import { migrate } from '../store/migrate.ts';
import { claimFolder, defaultFolder, folderVault } from './data-folder.ts';
import { CommandError } from './exit.ts';
import { offerSetUp, setUpFile } from './first-person.ts';
import { installation } from './installation.ts';
import { operatorTerms } from './operator-terms.ts';
import { print, printJson } from './output.ts';
import { startOwnPostgres } from './own-postgres.ts';
import type { Gateway, StartGateway } from './start-gateway.ts';
import { untilStopped } from './until-stopped.ts';

/** How long a start waits for its database, in ms. */
const START_PATIENCE = 10_000;

type ServeOptions = { embedded?: boolean; dataDir?: string; config?: string; json?: boolean };

export function registerServe(program: Command, { startGateway }: { startGateway: StartGateway }): void {
  program
    .command('serve')
    .description('run in production: DATABASE_URL, or --embedded for a database of its own')
    .option('--embedded', 'keep the database in the data folder instead of DATABASE_URL')
    .option('--data-dir <dir>', 'the data folder of --embedded')
    .option('--config <file>', 'the configuration file (JSON); see docs/configuration.md')
    .option('--json', 'print one line of JSON when ready')
    .action((options: ServeOptions) => serve(options, startGateway));
}

async function serve(options: ServeOptions, startGateway: StartGateway): Promise<void> {
  const config = checked(options);
  // From here on a signal ends what was started, even while the rest is still starting.
  const stopped = untilStopped();
  const logger = createLogger(config.logLevel);
  const base = await openBase(config, options, logger);
  try {
    const start = async () => {
      await migrateBase(base.connection, logger);
      return startGateway({ ...base, ...settings(config), logger });
    };
    const gateway = await whenReachable(start, { end: AbortSignal.timeout(START_PATIENCE), logger });
    try {
      announce(config, gateway, options);
      const ended = Promise.race([stopped, base.lost]);
      const welcome = () => welcomeFirst(base, { config, options, logger });
      if (config.roles.includes('api')) await untilEnded(welcome, { ended, logger });
      await ended;
      logger.info('stopping');
    } finally {
      await gateway.stop();
    }
  } finally {
    await base.close();
  }
}

/** Every fault is told at once, those that depend on the flags too. */
function checked(options: ServeOptions): Config {
  const config = readConfig(options.config, given => demands(given, options));
  if (!config.ok) throw new CommandError(2, config.fault.join('\n'));
  return config.value;
}

function demands(
  { databaseUrl, masterKey, baseUrl, networks, registration, smtp, ...given }: Record<string, unknown>,
  { embedded }: ServeOptions,
): string[] {
  return [
    !databaseUrl && !embedded && 'databaseUrl: set DATABASE_URL, or say --embedded',
    databaseUrl && embedded && 'databaseUrl: is set, so --embedded would use another database than it names',
    databaseUrl && !masterKey && 'masterKey: is required with a database of your own',
    embedded && masterKey && 'masterKey: --embedded keeps its own master key in the data folder',
    !baseUrl && 'baseUrl: is required',
    registration === 'open' && !smtp && 'registration: open sends letters, so it needs smtp',
    !given.adminEmail !== !given.adminPassword &&
      'adminEmail: goes with adminPassword, and the other way round',
    Object.keys(networks ?? {}).length === 0 && 'networks: name at least one network with its RPC URLs',
  ].filter(fault => typeof fault === 'string');
}

function settings(config: Config) {
  const { host, port, roles, webhookAllow, trustedProxies } = config;
  const baseUrl = config.baseUrl ?? null;
  const listen = { host, port, baseUrl, roles, limits: config.limits };
  const outside = {
    webhookAllow,
    trustedProxies,
    drain: config.drainSeconds * 1000,
    networks: watchedNetworks(config),
    rates: rateOptions(config),
    terms: operatorTerms(config),
    registration: config.registration,
    mail: config.smtp && bySmtp(config.smtp),
    telegram: config.telegram,
    metrics: config.metricsPort ? { host: config.metricsHost, port: config.metricsPort } : null,
    hold: holdOf(config.walletHoldHours),
  };
  return { ...listen, ...outside };
}

/** `lost` rejects when the database has ended and cannot be brought back. `folder`: where --embedded keeps everything. */
type Base = {
  connection: Connection;
  vault: Vault;
  folder: string | null;
  lost: Promise<never>;
  close(): Promise<void>;
};

async function openBase(config: Config, options: ServeOptions, logger: Logger): Promise<Base> {
  if (config.databaseUrl && config.masterKey) {
    const connection = { url: config.databaseUrl };
    const lost = new Promise<never>(() => undefined);
    return {
      connection,
      vault: openVault(config.masterKey),
      folder: null,
      lost,
      close: async () => undefined,
    };
  }
  const folder = await claimFolder(options.dataDir ?? defaultFolder('serve'), 'serve');
  if (!folder.ok) throw new CommandError(1, folder.fault);
  const { postgres, lost } = await startOwnPostgres(folder.value, {
    log: line => logger.info(line),
    onRestart: ended => logger.error({ ended }, 'PostgreSQL ended and runs again'),
  });
  const vault = await folderVault(folder.value);
  const { connection } = postgres;
  return { connection, vault, folder: folder.value, lost, close: () => postgres.stop() };
}

/**
 * Does what needs the database, again and again where that cannot be reached: it may be just starting, too, and it may go at
 * any moment. Once `end` is aborted it is not tried again, and throws why it was not done.
 */
async function whenReachable<T>(
  work: () => Promise<T>,
  { end, logger }: { end: AbortSignal; logger: Logger },
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || end.aborted) throw error;
      logger.warn({ err: error }, 'the database cannot be reached; it will be tried again');
    }
    await sleep(RETRY, undefined, { signal: end }).catch(() => undefined);
  }
}

const RETRY = 500;

/** Nothing that can wait is a reason to end a gateway that has started. */
async function untilEnded(
  work: () => Promise<void>,
  { ended, logger }: { ended: Promise<void>; logger: Logger },
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  ended.then(end, end);
  await whenReachable(work, { end: over.signal, logger }).catch(error => {
    if (!isUnavailable(error)) throw error;
  });
}

/** While there is nobody, the first person is made as configured, or offered the set-up link. */
async function welcomeFirst(
  { connection, vault, folder }: Base,
  { config, options, logger }: { config: Config; options: ServeOptions; logger: Logger },
): Promise<void> {
  const db = openDb(poolConfig(connection, 2), () => undefined);
  try {
    const own = await installation(db, vault, { networks: new Map(), allow: [], hold: NO_HOLD, folder });
    const file = setUpFile(folder, options.config);
    await offerSetUp(own, {
      ...config,
      baseUrl: config.baseUrl ?? '',
      file,
      isTalking: !options.json,
      logger,
    });
  } finally {
    await db.destroy();
  }
}

async function migrateBase(connection: Connection, logger: Logger): Promise<void> {
  const db = openDb(poolConfig(connection, 2), () => undefined);
  try {
    await checkDatabase(db, logger);
    const applied = await migrate(db);
    if (applied.length > 0) logger.info({ applied }, 'schema brought up to date');
  } finally {
    await db.destroy();
  }
}

/** An embedded database has proved itself before; one of the operator's own is asked here. */
async function checkDatabase(db: Db, logger: Logger): Promise<void> {
  const show = settingsOf(db);
  const unfit = await unfitForMoney(show);
  if (unfit !== null) throw new CommandError(1, unfit);
  if (!(await hasChecksums(show)))
    logger.warn('PostgreSQL runs without data checksums: a damaged page goes unnoticed');
}

function announce(config: Config, gateway: Gateway, options: ServeOptions): void {
  if (options.json)
    printJson({ ready: true, base_url: config.baseUrl, port: gateway.port, roles: config.roles });
  else
    print(
      `CryptoScan serves ${config.baseUrl} on ${config.host}:${gateway.port ?? '-'} (${config.roles.join(', ')}).`,
    );
}
