/** Invoices and volume by day, merchant and coin: the sum, a chart, the table behind it, and the same as CSV. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { DailyAnswer, DailyAnswerRow } from '../../../../server/src/http/dashboard-api/reports.ts';
import { address, ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { sumUsd, useUsd } from '../../lib/usd.ts';
import { buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Day } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAccount } from '../../session/use-session.ts';
import { PaidPerDay } from './paid-per-day.tsx';
import { asQuery, type ReportSearch } from './search.ts';

export function Daily({ search }: { search: ReportSearch }) {
  const { t } = useTranslation('reports');
  const { user_id } = useAccount();
  const asked = { ...asQuery(search), by: search.by };
  const query = useQuery({
    queryKey: ['reports', user_id, 'daily', asked],
    queryFn: ({ signal }) =>
      ask<DailyAnswer>('GET', `users/${user_id}/reports/daily`, { query: asked, signal }),
  });
  const columns = useColumns();
  return (
    <Answered query={query}>
      {({ rows }) => (
        <>
          <Sums rows={rows} />
          {rows.length > 0 && (
            <Card title={t('perDay')}>
              <PaidPerDay from={search.from} to={search.to} rows={rows} />
            </Card>
          )}
          <Card
            title={t('table')}
            actions={
              <a
                className={buttonClass('plain', true)}
                href={address(`users/${user_id}/reports/daily.csv`, asked)}
                download="daily-report.csv"
              >
                {t('csv')}
              </a>
            }
          >
            <Table
              caption={t('table')}
              columns={columns}
              rows={rows.toReversed()}
              rowKey={row => `${row.day} ${row.merchant_id} ${row.network} ${row.cryptocurrency}`}
              empty={t('none')}
            />
          </Card>
        </>
      )}
    </Answered>
  );
}

const paidOf = (row: DailyAnswerRow) => row.completed + row.paid_manually;

function useColumns(): Column<DailyAnswerRow>[] {
  const { t, i18n } = useTranslation('reports');
  const usd = useUsd();
  return [
    {
      key: 'day',
      title: t('day'),
      cell: ({ day }) => <Day day={day} />,
    },
    { key: 'merchant', title: t('merchant'), free: true, cell: ({ merchant }) => merchant },
    {
      key: 'coin',
      title: t('coin'),
      cell: ({ cryptocurrency, network }) =>
        cryptocurrency === null ? (
          <span className="text-muted">{t('notChosen')}</span>
        ) : (
          <span className="whitespace-nowrap">
            {cryptocurrency} <span className="text-muted">{network}</span>
          </span>
        ),
    },
    { key: 'invoices', title: t('invoices'), numeric: true, cell: ({ invoices }) => invoices },
    { key: 'paid', title: t('paid'), numeric: true, cell: paidOf },
    {
      key: 'conversion',
      title: t('conversion'),
      numeric: true,
      cell: row => share(paidOf(row), row.invoices, i18n.language),
    },
    { key: 'received', title: t('received'), numeric: true, cell: ({ received }) => received ?? '–' },
    { key: 'volume', title: t('volume'), numeric: true, cell: ({ paid_usd }) => usd(paid_usd) },
    { key: 'commission', title: t('commission'), numeric: true, cell: row => usd(row.commission_usd) },
  ];
}

function share(part: number, whole: number, language: string): string {
  if (whole === 0) return '–';
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(part / whole);
}

function Sums({ rows }: { rows: readonly DailyAnswerRow[] }) {
  const { t, i18n } = useTranslation('reports');
  const usd = useUsd();
  const count = (of: (row: DailyAnswerRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const [invoices, paid] = [count(row => row.invoices), count(paidOf)];
  const sums = [
    [t('volume'), usd(sumUsd(rows.map(row => row.paid_usd)))],
    [t('paid'), `${paid} / ${invoices}`],
    [t('conversion'), share(paid, invoices, i18n.language)],
    [t('commission'), usd(sumUsd(rows.map(row => row.commission_usd)))],
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {sums.map(([name, value]) => (
        <div key={name} className="rounded-xl border border-line bg-card p-4">
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="mt-1 text-xl font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
