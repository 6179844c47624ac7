/**
 * The composition root: the only file that sees every floor. It puts the parts together into a gateway, hands that to
 * the command line, and knows the order in which things start and stop.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Providers } from './chains/failover.ts';
import { providerName } from './chains/provider-name.ts';
import { openChain } from './chains/registry.ts';
import { runProgram } from './cli/program.ts';
import type { Gateway, GatewayOptions } from './cli/start-gateway.ts';
import { acceptPart } from './commands/accept-part.ts';
import { cancelInvoice } from './commands/cancel-invoice.ts';
import { chooseMethod } from './commands/choose-method.ts';
import { confirmManually } from './commands/confirm-manually.ts';
import { createByHand } from './commands/create-by-hand.ts';
import { createInvoices } from './commands/create-invoice.ts';
import { TailMemory } from './commands/tail-memory.ts';
import { topUp } from './commands/top-up.ts';
import { type UseLink, useLink } from './commands/use-link.ts';
import type { Role, WatchedNetwork } from './config.ts';
import type { Network, NetworkCode } from './domain/asset.ts';
import { NO_HOLD } from './domain/wallet-hold.ts';
import { IN_FLIGHT } from './flow/dispatch.ts';
import { announceWays, letterStages, warnStages, waysOf } from './flow/letter-stages.ts';
import { lookUpOn } from './flow/look-up.ts';
import { networkStages } from './flow/network-stages.ts';
import { READ_RATES, readRates } from './flow/read-rates.ts';
import { openSending, type Sending } from './flow/sending.ts';
import { settleStages } from './flow/settle-stages.ts';
import { listenTogether, portOf } from './http/listen.ts';
import { createAskPrice } from './http/merchant-api/price.ts';
import { Metrics, metricsServer } from './http/metrics.ts';
import { buildServer } from './http/server.ts';
import { type Clock, monotonicClock } from './lib/clock.ts';
import { group } from './lib/group.ts';
import { localUrl } from './lib/local-url.ts';
import { type Running, run, type Stage } from './lib/loop.ts';
import { SafeFetch } from './lib/safe-fetch.ts';
import { type WebhookIds, webhookIds } from './lib/webhook-id.ts';
import { fetchAnswer } from './rates/fetch-answer.ts';
import { RateBook } from './rates/rate-book.ts';
import { alarmOf, type Db, isUnavailable, openDb, poolConfig } from './store/db.ts';
import { synchronize } from './store/db-clock.ts';
import { checkMasterKey } from './store/installation.ts';
import { findCredentials } from './store/merchants.ts';
import { watched } from './store/silence.ts';
import { WakeListener } from './store/wake.ts';

const POOL = 16;
/** While every connection is taken, whoever asks is told so within two seconds, and to come again. */
const POOL_PATIENCE = 1500;
const random = (n: number): number => randomInt(n);
const FINISH_REQUESTS = 10_000;

type Parts = {
  options: GatewayOptions;
  db: Db;
  clock: ReturnType<typeof monotonicClock>;
  listener: WakeListener;
  fetch: SafeFetch;
  networks: ReadonlyMap<NetworkCode, Network>;
  providers: ReadonlyMap<NetworkCode, Providers>;
  book: RateBook;
  webhookId: WebhookIds;
  /** Stages by name, for the wakes. */
  running: Map<string, Running>;
};

/** Starts a gateway in this process. Throws, leaving nothing behind, when the database or the master key is not right. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { logger } = options;
  const running = new Map<string, Running>();
  const db = openDb(watched(poolConfig(options.connection, POOL, POOL_PATIENCE)), ({ message }) =>
    logger.warn({ fault: message }, 'an idle database connection was lost'),
  );
  const clock = monotonicClock();
  const listener = new WakeListener(
    watched(poolConfig(options.connection, 1)),
    stage => running.get(stage)?.wake(),
    clock,
  );
  const parts: Omit<Parts, 'webhookId'> = {
    options,
    db,
    clock,
    listener,
    fetch: new SafeFetch({ allow: options.webhookAllow, maxConnectionsPerOrigin: IN_FLIGHT }),
    networks: new Map(options.networks.map(({ network }) => [network.code, network])),
    providers: new Map(options.networks.map(one => [one.network.code, openProviders(one, clock)])),
    book: new RateBook({
      quorum: options.rates.quorum,
      sources: new Set(options.rates.sources.map(({ source }) => source.name)),
    }),
    running,
  };
  try {
    await synchronize(db, parts.clock);
    const mark = await checkMasterKey(db, options.vault, parts.clock.now());
    await readRates(parts);
    return await startParts({ ...parts, webhookId: webhookIds(options.vault, mark) });
  } catch (error) {
    await closeConnections(parts);
    throw error;
  }
}

function openProviders({ network, providers }: WatchedNetwork, clock: Clock): Providers {
  const chains = providers.map(provider => openChain(network, provider));
  return new Providers(chains, { names: providers.map(providerName), clock, blockTime: network.blockTime });
}

async function startParts(parts: Parts): Promise<Gateway> {
  const { options, running } = parts;
  const stopping = new AbortController();
  // Every stage listens to it, and every request a stage has under way.
  setMaxListeners(0, stopping.signal);
  const sending = createSending(parts);
  if (options.roles.includes('dispatch'))
    await announceWays({ ...options, ...parts }, waysOf(options, parts.fetch));
  const stages = [...housekeeping(parts), ...roleStages(parts, sending)];
  const servers = await startServers(parts, stopping.signal);
  for (const stage of stages) {
    running.set(stage.name, run(stage, { logger: options.logger, signal: stopping.signal, alarmOf }));
  }
  return {
    port: servers.port,
    stop: async () => {
      stopping.abort();
      const ended = Promise.all([...running.values()].map(stage => stage.stopped));
      // The listener holds the locks: another process takes over while this one still answers.
      const handedOver = sending.finish(ended, FINISH_REQUESTS).then(() => parts.listener.close());
      await Promise.all([servers.close(), handedOver]);
      await closeConnections(parts);
    },
  };
}

type Connections = Pick<Parts, 'fetch' | 'listener' | 'db'>;
async function closeConnections({ fetch, listener, db }: Connections): Promise<void> {
  await fetch.close();
  await listener.close();
  await db.destroy();
}

function createSending({ options, db, clock, fetch, running }: Parts): Sending {
  return openSending({
    db,
    clock,
    vault: options.vault,
    logger: options.logger,
    post: (url, request, signal) => fetch.post(url, request, signal),
    uuid: randomUUID,
    onFree: () => running.get('dispatch')?.wake(),
  });
}

/** What every process does, whatever its roles: listen for wakes, keep the database's time, and know the rates. */
function housekeeping({ listener, db, clock, book }: Parts): Stage[] {
  return [
    { name: READ_RATES, every: 15_000, tick: () => readRates({ db, book }) },
    { name: 'listen', every: 1000, tick: () => listener.beat().then(() => 0) },
    { name: 'clock', every: 60_000, tick: () => synchronize(db, clock).then(() => 0) },
  ];
}

function roleStages(parts: Parts, sending: Sending): Stage[] {
  const { options, db, clock, networks, book, listener, webhookId } = parts;
  const { logger, vault, rates, terms } = options;
  const deps = {
    db,
    clock,
    vault,
    networks,
    webhookId,
    random,
    logger,
    book,
    listener,
    sources: rates.sources,
  };
  const stages: Record<Role, () => Stage[]> = {
    api: () => [],
    watch: () => [...networks.values()].flatMap(network => watchStages(parts, network)),
    settle: () => [...settleStages({ ...deps, fetch: fetchAnswer }), ...warnStages({ ...deps, terms })],
    dispatch: () => [...sending.stages, ...writeStages(parts)],
  };
  return options.roles.flatMap(role => stages[role]());
}

function watchStages({ options, db, clock, listener, providers }: Parts, network: Network): Stage[] {
  const own = providers.get(network.code);
  return own
    ? networkStages({
        db,
        clock,
        vault: options.vault,
        logger: options.logger,
        listener,
        network,
        providers: own,
      })
    : [];
}

function writeStages(parts: Parts): Stage[] {
  const { options, db, clock, networks, listener } = parts;
  const { logger, vault, host, port } = options;
  const baseUrl = options.baseUrl ?? localUrl(host, port);
  const deps = { db, clock, vault, logger, networks, listener, randomBytes, uuid: randomUUID, baseUrl };
  return letterStages(deps, waysOf(options, parts.fetch));
}

const CREATES = { max: 64, runs: 2, limit: 5000, isolate: (error: unknown) => !isUnavailable(error) };
/** One after the other: those of one link wait for its lock, and must not take all connections for it. */
const LINKS = { max: 1, runs: 2, limit: 200, isolate: () => false };
const CREDENTIALS = { max: 256, runs: 2, limit: 10_000, isolate: () => false };

async function startServers(parts: Parts, stopping: AbortSignal) {
  const { host, port, roles, metrics: at, vault, logger, drain = 0 } = parts.options;
  const metrics = at ? new Metrics({ ...parts, vault, logger }) : null;
  const api = roles.includes('api') ? await buildApi(parts, stopping, metrics) : null;
  const listening = [
    ...(api ? [{ app: api, at: { host, port } }] : []),
    ...(metrics && at ? [{ app: metricsServer(metrics), at }] : []),
  ];
  const letGo = await listenTogether(listening, { finish: FINISH_REQUESTS });
  const close = async () => {
    if (api) await sleep(drain);
    await letGo();
  };
  return { port: api && (portOf(api) ?? port), close };
}

async function buildApi(parts: Parts, stopping: AbortSignal, metrics: Metrics | null) {
  const { options, db, clock, networks, providers, book, fetch, webhookId } = parts;
  const { vault, logger, trustedProxies, host, port, terms } = options;
  const memory = new TailMemory();
  const create = { db, vault, clock, networks, memory, terms, random };
  const confirm = {
    db,
    clock,
    vault,
    networks,
    lookUp: lookUpOn({ db, networks, providers, clock, logger }),
    webhookId,
  };
  const choose = { ...create, coinRate: book.coinRate };
  const listening = () => portOf(app) ?? port;
  const app: FastifyInstance = await buildServer({
    db,
    clock,
    vault,
    logger,
    trustedProxies,
    onServed: metrics ? served => metrics.served(served) : undefined,
    isDraining: () => stopping.aborted,
    findCredentials: group(
      publicKeys => findCredentials(db, vault, { publicKeys, now: clock.now() }),
      CREDENTIALS,
    ),
    createInvoice: group(commands => createInvoices(create, commands), CREATES),
    confirmInvoice: command => confirmManually(confirm, command),
    chooseMethod: command => chooseMethod(choose, command),
    cancelInvoice: command => cancelInvoice({ db, clock, webhookId }, command),
    useLink: group((commands: UseLink[]) => Promise.all(commands.map(one => useLink(create, one))), LINKS),
    networks,
    baseUrl: () => options.baseUrl ?? localUrl(host, listening()),
    pageId: randomUUID,
    book,
    askPrice: createAskPrice({ book, clock }),
    limits: options.limits,
    terms,
    simulate: options.simulate,
    people: {
      registration: options.registration ?? 'invitation',
      mail: options.mail !== undefined,
      randomBytes,
      allow: options.webhookAllow,
      hold: options.hold ?? NO_HOLD,
      topUp: asked => topUp({ ...create, pageId: randomUUID }, asked),
      createByHand: (command, acting) => createByHand({ ...create, acting }, command),
      acceptPart: command => acceptPart({ ...create, webhookId }, command),
      post: (url, request, signal) => fetch.post(url, request, signal),
    },
  });
  return app;
}

/** The command line; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return runProgram(argv, { startGateway });
}
