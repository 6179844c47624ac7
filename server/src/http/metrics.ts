/**
 * Figures for Prometheus, on a port of its own that the world need not reach. What waits and how the networks stand is read
 * from the tables when somebody asks, so that every process tells the same; requests, alarms and memory are this process's
 * own. No label holds an address, an id or a URL.
 */
import fastify, { type FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type AlarmCounts, alarmsOf, type Logger } from '../lib/logger.ts';
import { nextDue } from '../store/deliveries.ts';
import { forgedInvoices, forgedWallets } from '../store/genuine-wallets.ts';
import { MOST_COUNTED, queues } from '../store/operator-views.ts';
import { ratesFetchedAt } from '../store/overview.ts';
import { taskCounts } from '../store/tasks.ts';
import { type NetworksDeps, networksAnswer } from './dashboard-api/operator-networks.ts';
import type { HealthDeps } from './health.ts';

export type MetricsDeps = NetworksDeps & Pick<HealthDeps, 'vault'> & { logger: Logger };

/** One answered request. `route` is the pattern, never the path; `seconds` until the answer was out. */
export type Served = { method: string; route: string; status: number; seconds: number };

/** In seconds: from what a read takes to what is given up. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly #deps: MetricsDeps;
  readonly #registry = new Registry();
  readonly #alarms: AlarmCounts;
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #gauges: ReturnType<typeof gauges>;
  readonly #counted: Counter<'alarm'>;

  constructor(deps: MetricsDeps) {
    const registers = [this.#registry];
    this.#deps = deps;
    this.#alarms = alarmsOf(deps.logger);
    collectDefaultMetrics({ register: this.#registry });
    this.#gauges = gauges(registers);
    this.#requests = new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers,
    });
    this.#counted = new Counter({
      name: 'cryptoscan_alarms_total',
      help: 'Lines with this alarm that the process has logged.',
      labelNames: ['alarm'],
      registers,
    });
  }

  served({ method, route, status, seconds }: Served): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  /** In the text format of Prometheus. Without a database it says so, and tells of the process alone. */
  async text(): Promise<string> {
    this.#counted.reset();
    for (const [alarm, times] of this.#alarms) this.#counted.inc({ alarm }, times);
    try {
      this.#tell(await standing(this.#deps));
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the figures of the database could not be read');
      for (const gauge of Object.values(this.#gauges)) gauge.reset();
      this.#gauges.database.set(0);
    }
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #tell({ now, queues, due, tasks, networks, rates, forged }: Awaited<ReturnType<typeof standing>>): void {
    const all = this.#gauges;
    const age = (at: number | null) => (at === null ? 0 : Math.max(0, now - at) / 1000);
    for (const gauge of Object.values(all)) gauge.reset();
    all.database.set(1);
    for (const [queue, { waiting, oldest }] of Object.entries(queues)) {
      all.waiting.set({ queue }, waiting);
      all.oldest.set({ queue }, age(oldest));
    }
    all.due.set(age(due));
    for (const [kind, open] of Object.entries(tasks)) all.tasks.set({ kind }, open);
    for (const { code: network, state, lag, read, final, open_invoices, providers } of networks) {
      all.lag.set({ network }, (lag ?? 0) / 1000);
      all.read.set({ network }, read ?? 0);
      all.final.set({ network }, final ?? 0);
      all.open.set({ network }, open_invoices);
      all.used.set({ network }, state === 'retired' ? 0 : 1);
      for (const { state } of providers) all.providers.inc({ network, state });
    }
    // Before the first rate there is none to be old.
    if (rates !== null) all.rates.set(age(rates));
    all.forged.set(forged);
  }
}

async function standing(deps: MetricsDeps) {
  const { db, clock, vault } = deps;
  return {
    now: clock.now(),
    queues: await queues(db),
    due: await nextDue(db),
    tasks: await taskCounts(db, MOST_COUNTED),
    networks: (await networksAnswer(deps)).networks,
    rates: await ratesFetchedAt(db),
    forged: (await forgedWallets(db, vault)).length + (await forgedInvoices(db, vault)).length,
  };
}

function gauges(registers: Registry[]) {
  const gauge = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name: `cryptoscan_${name}`, help, labelNames, registers });
  const upTo = `, counted to ${MOST_COUNTED}`;
  return {
    database: gauge('database_up', '1: the database answers; 0: only the process is told of.'),
    waiting: gauge('waiting', `What waits in each queue${upTo}.`, ['queue']),
    oldest: gauge('oldest_waiting_seconds', 'Age of the oldest in each queue.', ['queue']),
    due: gauge('webhook_overdue_seconds', 'For how long the next webhook has been due; 0: none is.'),
    tasks: gauge('tasks_open', `What waits for a person, by kind${upTo} in all.`, ['kind']),
    lag: gauge('network_lag_seconds', 'By how much the reading of a network is behind.', ['network']),
    read: gauge('network_read_height', 'The last block that was read.', ['network']),
    final: gauge('network_final_height', 'The last block that counts as final.', ['network']),
    open: gauge('network_open_invoices', 'Invoices that may be paid there.', ['network']),
    used: gauge('network_in_use', '0: the network was retired.', ['network']),
    providers: gauge('providers', 'RPC providers by how they stand.', ['network', 'state']),
    rates: gauge('rates_age_seconds', 'Age of the newest rate.'),
    forged: gauge('forged_addresses', 'Addresses that were changed in the database.'),
  };
}

/** The server that Prometheus asks: `/metrics`, and nothing else. */
export function metricsServer(metrics: Metrics): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
  return app;
}
