/**
 * cryptoscan dev: everything on this machine, in one command: a real PostgreSQL, two local chains, a demo user with two
 * merchants, and the whole gateway in this process.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { configSchema, devLogLevel, type RateOptions, roles } from '../config.ts';
import { openDemoShop } from '../dev/demo-shop.ts';
import { freePort } from '../dev/free-port.ts';
import { type LocalChain, startLocalChain } from '../dev/local-chain.ts';
import { openRateAnswers } from '../dev/rate-answers.ts';
import { openSimulator } from '../dev/simulate-payment.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import type { Simulate } from '../domain/simulation.ts';
import { localUrl } from '../lib/local-url.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import { openSources, rateSourceNames } from '../rates/registry.ts';
import { allCursors, type Cursor } from '../store/cursors.ts';
import { type Connection, type Db, openDb, poolConfig } from '../store/db.ts';
import { nextDeadline } from '../store/invoices.ts';
import { migrate } from '../store/migrate.ts';
import { lastFetches } from '../store/rates.ts';
import { claimFolder, defaultFolder, folderVault, writeNotes } from './data-folder.ts';
import { type DemoMerchant, demoSetUp, ensureDemoData, pointAtDemoShop } from './demo-data.ts';
import { readyLine, welcome } from './dev-report.ts';
import { CommandError } from './exit.ts';
import { devSettings, type Installation, installation } from './installation.ts';
import { wholeNumber } from './options.ts';
import { note, print, printJson } from './output.ts';
import { startOwnPostgres } from './own-postgres.ts';
import { showLetter } from './show-letter.ts';
import type { Gateway, StartGateway } from './start-gateway.ts';
import { untilStopped } from './until-stopped.ts';

type DevOptions = { port: number; host: string; dataDir?: string; ephemeral?: boolean; json?: boolean };
export type DevDeps = { startGateway: StartGateway };

export function registerDev(program: Command, deps: DevDeps): void {
  program
    .command('dev')
    .description('try it out: everything on this machine, with local test chains and demo merchants')
    .option('--port <n>', 'the port to listen on; the next free one if it is busy', wholeNumber, 8080)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--data-dir <dir>', 'where everything is kept (default: the XDG data folder)')
    .option('--ephemeral', 'keep nothing: start from scratch in a temporary folder and remove it at the end')
    .option('--json', 'print one line of JSON when ready; everything else goes to standard error')
    .action((options: DevOptions) => dev(options, deps));
}

/** What was started, to be stopped in the reverse order. */
type Closers = (() => Promise<unknown>)[];

async function dev(options: DevOptions, deps: DevDeps): Promise<void> {
  // From here on a signal ends what was started, even while the rest is still starting.
  const stopped = untilStopped();
  const closers: Closers = [];
  const logger = createLogger(devLogLevel());
  try {
    const folder = await openDataFolder(options, closers);
    const { lost } = await start({ options, folder, logger, closers, deps });
    await Promise.race([stopped, lost]);
    note('Stopping.');
  } finally {
    for (const close of closers.reverse())
      await close().catch(error => logger.warn({ err: error }, 'stopping'));
  }
}

async function openDataFolder(options: DevOptions, closers: Closers): Promise<string> {
  if (options.ephemeral && options.dataDir !== undefined) {
    throw new CommandError(2, '--ephemeral: keeps nothing, so it takes no --data-dir');
  }
  const temporary = options.ephemeral ? await mkdtemp(join(tmpdir(), 'cryptoscan-dev-')) : null;
  if (temporary) closers.push(() => rm(temporary, { recursive: true, force: true }));
  const folder = await claimFolder(temporary ?? options.dataDir ?? defaultFolder('dev'), 'dev');
  if (!folder.ok) throw new CommandError(1, folder.fault);
  return folder.value;
}

type Start = { options: DevOptions; folder: string; logger: Logger; closers: Closers; deps: DevDeps };

/** `lost` rejects when the database has ended and cannot be brought back. */
async function start({ options, folder, logger, closers, deps }: Start): Promise<{ lost: Promise<never> }> {
  const { postgres, lost } = await startOwnPostgres(folder, {
    log: line => logger.info(line),
    onRestart: ended => note(`PostgreSQL ended (${ended}) and runs again.`),
  });
  closers.push(() => postgres.stop());
  const db = openDb(poolConfig(postgres.connection, 4), () => undefined);
  closers.push(() => db.destroy());
  const [chains] = await Promise.all([startChains({ options, folder, db, logger, closers }), migrate(db)]);
  const own = await installation(db, await folderVault(folder), { ...devSettings(), folder });
  const merchants = await ensureDemoData(own);
  await openShop({ options, own, merchants, closers });
  const rates = await openRateAnswers({ port: 0, now: Date.now });
  closers.push(() => rates.stop());
  const gateway = await startOnFreePort({
    options,
    rates: { quorum: 2, sources: openSources(rates.settings) },
    own,
    chains,
    logger,
    deps,
    connection: postgres.connection,
    simulate: await openSimulator({ db: own.db, clock: own.clock, logger, chains }),
  });
  closers.push(() => gateway.stop());
  await allKnown(own, chains);
  const baseUrl = localUrl(options.host, gateway.port ?? 0);
  await writeNotes(folder, {
    base_url: baseUrl,
    chains: chains.map(({ network, rpcUrl }) => ({ network: network.code, rpc_url: rpcUrl })),
  });
  const setUpUrl = await demoSetUp(own, baseUrl);
  const report = {
    baseUrl,
    setUpUrl,
    merchants,
    chains,
    folder,
    isDefaultFolder: folder === defaultFolder('dev'),
  };
  if (options.json) printJson(readyLine(report));
  else print(welcome(report));
  return { lost };
}

/** Apart far enough that two of them do not look for a free port in the same place. */
const PORT_OFFSETS = { 'ERC-20': 1, 'TRC-20': 11, shop: 21 };

async function startChains(parts: {
  options: DevOptions;
  folder: string;
  db: Db;
  logger: Logger;
  closers: Closers;
}): Promise<LocalChain[]> {
  const { options, folder, db, closers, logger } = parts;
  const starting = (['TRC-20', 'ERC-20'] as const).map(async kind => {
    const chain = await startLocalChain({
      kind,
      dir: join(folder, 'chains', kind),
      port: options.port + PORT_OFFSETS[kind],
      log: logger,
      nextDeadline: () => nextDeadline(db, kind),
    });
    closers.push(() => chain.stop());
    if (chain.found !== 'created') note(`Local ${kind} chain: ${chain.report}.`);
    return chain;
  });
  // All are waited for before a failure goes on, so that each one that did start is in the list to be stopped.
  const started = await Promise.allSettled(starting);
  return started.map(result => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function openShop(parts: {
  options: DevOptions;
  own: Installation;
  merchants: readonly DemoMerchant[];
  closers: Closers;
}): Promise<void> {
  const { options, own, merchants, closers } = parts;
  const keys = new Map(merchants.map(m => [m.id, { publicKey: m.public_key, privateKey: m.private_key }]));
  const port = options.port + PORT_OFFSETS.shop;
  const shop = await openDemoShop({ port, keysOf: id => keys.get(id), say: note });
  closers.push(() => shop.stop());
  await pointAtDemoShop(own, merchants, id => shop.urlOf(id));
}

async function startOnFreePort(parts: {
  options: DevOptions;
  own: Installation;
  chains: readonly LocalChain[];
  rates: RateOptions;
  logger: Logger;
  deps: DevDeps;
  connection: Connection;
  simulate: Simulate;
}): Promise<Gateway> {
  const { options, own, chains, rates, logger, deps, connection, simulate } = parts;
  const networks = chains.map(({ network, rpcUrl }) => ({ network, providers: [{ url: rpcUrl }] }));
  for (let from = options.port; ; from++) {
    const port = await freePort(options.host, from);
    if (port !== options.port) note(`Port ${options.port} is busy; using ${port}.`);
    try {
      const listen = { host: options.host, port, baseUrl: null };
      const settings = { connection, vault: own.vault, logger, networks, roles, trustedProxies: [] };
      return await deps.startGateway({
        ...settings,
        ...listen,
        rates,
        limits: DEV_LIMITS,
        webhookAllow: own.allow,
        mail: showLetter,
        simulate,
      });
    } catch (error) {
      // Somebody took the port between the look and the listening.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

const DEV_LIMITS = configSchema.shape.limits.parse(undefined);
const PATIENCE = 30_000;

/**
 * Ready means that an invoice can be created in any currency and paid: the rates are known, and every chain is being read,
 * also after a long time off.
 */
async function allKnown({ db, clock }: Installation, chains: readonly LocalChain[]): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  const isFresh = (cursor: Cursor) =>
    lag({ scannedAt: cursor.block_time, caughtUpAt: cursor.caught_up_at }, clock.now(), true) <= MAX_LAG;
  const isKnown = async () =>
    (await allCursors(db)).filter(isFresh).length === chains.length &&
    (await lastFetches(db)).size === rateSourceNames.length;
  while (!(await isKnown())) {
    if (performance.now() > deadline)
      throw new CommandError(1, 'The local chains or the rates cannot be read.');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
