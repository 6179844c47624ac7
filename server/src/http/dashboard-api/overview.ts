/** GET /users/:userId/overview, /days: what stands on the first page of an account. */
import type { FastifyInstance } from 'fastify';
import type { NetworkCode } from '../../domain/asset.ts';
import { lag } from '../../domain/network-lag.ts';
import { countAccountTasks } from '../../store/account-tasks.ts';
import { allCursors } from '../../store/cursors.ts';
import {
  type DayFigures,
  dayFigures,
  failingWebhooks,
  firstMerchant,
  networksInUse,
  ratesFetchedAt,
  type Steps,
  stepsOf,
  watchedMerchants,
} from '../../store/overview.ts';
import { ownMerchants } from '../../store/own-merchants.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { authorize } from './visit.ts';
import { type WalletAnswer, walletsWithUse } from './wallets.ts';

/** Times and lags in ms. */
export type OverviewAnswer = {
  now: number;
  steps: Steps;
  /** The oldest merchant, to which the steps lead; null while there is none. */
  first_merchant: number | null;
  /** What waits for somebody: transfers that settled nothing, and invoices; `most_tasks` stands for more. */
  tasks: number;
  most_tasks: number;
  /** Webhooks that are tried again, and those given up in the last seven days; 1000 stands for more. */
  webhooks: { retrying: number; given_up: number };
  /** Those that wallets of the account are on. `lag` null: never read. */
  networks: { code: NetworkCode; lag: number | null; retired: boolean }[];
  /** null: no source of rates was read. */
  rates_fetched_at: number | null;
  /** Active wallets of which 70 % or more is in use, the fullest first. */
  nearly_full: (WalletAnswer & { merchant_name: string })[];
  /** Active wallets that wait to take invoices. */
  held: (WalletAnswer & { merchant_name: string })[];
};

/** The last 30 days, each of them, UTC; amounts in US dollars. */
export type DaysAnswer = { days: DayFigures[] };

const DAY = 24 * 3_600_000;
const DAYS = 30;
const GIVEN_UP = 7 * DAY;
const NEARLY_FULL = 0.7;
/** Beyond that it is only known that there are many. */
const MOST_TASKS = 100;
/** Whose wallets are looked at, one merchant after the other; of more those that matter most. */
const MOST_MERCHANTS = 100;

export function overviewRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/overview', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'merchants.read', userId);
    return reply.send(await overview(deps, userId));
  });
  app.get('/users/:userId/days', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'reports.read', userId);
    const today = Math.floor(deps.clock.now() / DAY) * DAY;
    const since = today - (DAYS - 1) * DAY;
    const answer: DaysAnswer = { days: everyDay(since, await dayFigures(deps.db, userId, since)) };
    return reply.send(answer);
  });
}

async function overview(deps: DashboardDeps, userId: number): Promise<OverviewAnswer> {
  const { db, clock } = deps;
  const now = clock.now();
  const merchants = await watchedMerchants(db, userId, { now, limit: MOST_MERCHANTS });
  const names = new Map(merchants.map(({ id, name }) => [id, name]));
  const wallets = (await walletsWithUse(deps, [...names.keys()]))
    .filter(({ active }) => active)
    .map(wallet => ({ ...wallet, merchant_name: names.get(wallet.merchant_id) ?? '' }));
  const own = (await ownMerchants(db, userId)).map(({ id }) => id);
  return {
    now,
    tasks: await countAccountTasks(db, own, MOST_TASKS),
    most_tasks: MOST_TASKS,
    steps: await stepsOf(db, userId),
    first_merchant: await firstMerchant(db, userId),
    webhooks: await failingWebhooks(db, userId, now - GIVEN_UP),
    networks: await networksOf(deps, await networksInUse(db, userId), now),
    rates_fetched_at: await ratesFetchedAt(db),
    nearly_full: wallets.filter(wallet => share(wallet) >= NEARLY_FULL).sort((a, b) => share(b) - share(a)),
    held: wallets.filter(({ active_from }) => active_from !== null),
  };
}

const share = ({ used, max_tail }: WalletAnswer) => (used ?? 0) / max_tail;

async function networksOf(
  { db, networks }: DashboardDeps,
  used: readonly NetworkCode[],
  now: number,
): Promise<OverviewAnswer['networks']> {
  const cursors = new Map((await allCursors(db)).map(cursor => [cursor.network, cursor]));
  return used.map(code => {
    const cursor = cursors.get(code);
    if (!cursor) return { code, lag: null, retired: false };
    const progress = { scannedAt: cursor.block_time, caughtUpAt: cursor.caught_up_at };
    const onDemand = networks.get(code)?.onDemand ?? false;
    return { code, lag: lag(progress, now, onDemand), retired: cursor.retired_at !== null };
  });
}

/** Days without an invoice are there too. */
function everyDay(since: number, found: readonly DayFigures[]): DayFigures[] {
  const byDay = new Map(found.map(figures => [figures.day, figures]));
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(since + index * DAY).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, created: 0, paid: 0, expired: 0, paid_usd: '0' };
  });
}
