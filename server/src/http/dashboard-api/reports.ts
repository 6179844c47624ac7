/** Reports of an account: invoices and volume by day, merchant and coin, as JSON and CSV, and the reconciliation. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { rule } from '../../commands/rule.ts';
import { usdOf } from '../../domain/commission.ts';
import { formatUsd, usdFrom } from '../../domain/usd.ts';
import { csvLine } from '../../lib/csv.ts';
import { type DailyRow, dailyReport } from '../../store/daily-report.ts';
import { differenceNames } from '../../store/differences.ts';
import { price } from '../../store/invoices.ts';
import { inSnapshot } from '../../store/read-rows.ts';
import { reconcile } from '../../store/reconcile.ts';
import { isTimeZone, type ReportFilter } from '../../store/report-filter.ts';
import { type CategoryTotal, type CoinTotal, isReceived } from '../../store/transfer-categories.ts';
import { idOf } from './body.ts';
import { coinText } from './coin-text.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { dayParameter, idParameter, queryOf } from './query.ts';
import { authorize } from './visit.ts';

/** As many lines as a person can look at; a longer report is the command line's. */
const MOST_ROWS = 20_000;
const MOST_DAYS = 400;

const days = {
  from: dayParameter,
  to: dayParameter,
  merchant: idParameter,
  timezone: z.string().max(64, 'is too long').default('UTC'),
};
const reconciliationQuery = z.strictObject(days);
const dailyQuery = z.strictObject({
  ...days,
  by: z.enum(['created', 'ended'], 'must be created or ended').default('created'),
});

/** Amounts are exact texts. `received` is in the coin; null where no coin is known. */
export type DailyAnswerRow = {
  day: string;
  merchant_id: number;
  merchant: string;
  cryptocurrency: string | null;
  network: string | null;
  invoices: number;
  open: number;
  completed: number;
  paid_manually: number;
  expired: number;
  cancelled: number;
  reversed: number;
  received: string | null;
  requested_usd: string;
  paid_usd: string;
  commission_usd: string;
};
export type DailyAnswer = { rows: DailyAnswerRow[] };

type CoinLine = { cryptocurrency: string; network: string; transfers: number; amount: string | null };
export type CategoryLine = CoinLine & { category: string; reason: string | null; received: boolean };
export type ReconciliationAnswer = {
  received: CoinLine[];
  categories: CategoryLine[];
  booked: { kind: string; entries: number; amount_usd: string }[];
  confirmed_unseen: number;
  differences: { name: string; text: string; subject: string; found: string; expected: string }[];
};

export function reportRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/reports/daily', async (request, reply) => {
    const answer: DailyAnswer = { rows: await daily(deps, request) };
    return reply.send(answer);
  });
  app.get('/users/:userId/reports/daily.csv', async (request, reply) => {
    const rows = await daily(deps, request);
    const text = [columns, ...rows.map(row => columns.map(name => row[name]))].map(csvLine).join('');
    return reply
      .header('content-disposition', 'attachment; filename="daily-report.csv"')
      .type('text/csv; charset=utf-8')
      .send(text);
  });
  app.get('/users/:userId/reports/reconciliation', async (request, reply) =>
    reply.send(await reconciliation(deps, request)),
  );
}

const columns = [
  'day',
  'merchant_id',
  'merchant',
  'cryptocurrency',
  'network',
  'invoices',
  'open',
  'completed',
  'paid_manually',
  'expired',
  'cancelled',
  'reversed',
  'received',
  'requested_usd',
  'paid_usd',
  'commission_usd',
] as const satisfies readonly (keyof DailyAnswerRow)[];

async function daily(deps: DashboardDeps, request: FastifyRequest): Promise<DailyAnswerRow[]> {
  const userId = idOf(request, 'userId');
  authorize(request, 'reports.read', userId);
  const { by, ...asked } = queryOf(dailyQuery, request);
  const filter = await filterOf(deps, userId, asked);
  return inSnapshot(deps.db, async tx => {
    const rows: DailyAnswerRow[] = [];
    for await (const batch of dailyReport(tx, filter, by)) {
      rows.push(...batch.map(row => dailyRow(deps, row)));
      if (rows.length > MOST_ROWS)
        throw new DashboardError(400, 'too_much', 'This is too much for one report. Choose fewer days.');
    }
    return rows;
  });
}

function dailyRow({ networks }: DashboardDeps, row: DailyRow): DailyAnswerRow {
  const {
    asset,
    network,
    received_units: units,
    merchant_name,
    requested,
    paid,
    commission,
    ...counts
  } = row;
  const isKnown = asset !== null && network !== null && units !== null;
  return {
    ...counts,
    merchant: merchant_name,
    cryptocurrency: asset,
    network,
    received: isKnown ? coinText(networks, { asset, network, units }) : null,
    requested_usd: formatUsd(usdOf(price(requested))),
    paid_usd: formatUsd(usdOf(price(paid))),
    commission_usd: formatUsd(usdFrom(commission)),
  };
}

async function reconciliation(deps: DashboardDeps, request: FastifyRequest): Promise<ReconciliationAnswer> {
  const userId = idOf(request, 'userId');
  authorize(request, 'reports.read', userId);
  const filter = await filterOf(deps, userId, queryOf(reconciliationQuery, request));
  const found = await inSnapshot(deps.db, tx => reconcile(tx, filter));
  return {
    received: found.received.map(total => coinLine(deps, total)),
    categories: found.categories.map(total => categoryLine(deps, total)),
    booked: found.booked.map(({ kind, entries, amount }) => ({
      kind,
      entries,
      amount_usd: formatUsd(usdFrom(amount)),
    })),
    confirmed_unseen: found.unseen,
    differences: found.differences.map(one => ({ ...one, text: differenceNames[one.name] })),
  };
}

function coinLine({ networks }: DashboardDeps, total: CoinTotal): CoinLine {
  const { asset, network, transfers } = total;
  return { cryptocurrency: asset, network, transfers, amount: coinText(networks, total) };
}

const categoryLine = (deps: DashboardDeps, total: CategoryTotal): CategoryLine => ({
  ...coinLine(deps, total),
  category: total.category,
  reason: total.reason,
  received: isReceived(total.category),
});

type Asked = z.output<typeof reconciliationQuery>;

async function filterOf(
  { db }: DashboardDeps,
  userId: number,
  { from, to, merchant: merchantId, timezone: timeZone }: Asked,
): Promise<ReportFilter> {
  const long = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  const faults = [
    ...(long < 0 ? [{ field: 'to', text: 'must not be before the first day', ...rule('days_order') }] : []),
    ...(long >= MOST_DAYS
      ? [
          {
            field: 'to',
            text: `must be less than ${MOST_DAYS} days after the first day`,
            ...rule('days_many', { most: MOST_DAYS }),
          },
        ]
      : []),
    ...((await isTimeZone(db, timeZone))
      ? []
      : [
          {
            field: 'timezone',
            text: 'must be the full name of a time zone, such as Europe/Berlin',
            ...rule('time_zone'),
          },
        ]),
  ];
  if (faults.length > 0) throw invalidFields(faults);
  return { merchantId, userId, from, to, timeZone };
}
