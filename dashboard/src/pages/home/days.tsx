/** The last thirty days: three figures, a chart, and the same as a table. */
import { useTranslation } from 'react-i18next';
import type { DaysAnswer } from '../../../../server/src/http/dashboard-api/overview.ts';
import { sumUsd, useUsd } from '../../lib/usd.ts';
import { Card } from '../../parts/card.tsx';
import { Day as DayText } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Chart } from './chart.tsx';

type Day = DaysAnswer['days'][number];

export function Days({ days }: { days: readonly Day[] }) {
  const { t, i18n } = useTranslation('home');
  const sum = (of: (day: Day) => number) => days.reduce((total, day) => total + of(day), 0);
  const [created, paid] = [sum(day => day.created), sum(day => day.paid)];
  const usd = useUsd();
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 });
  return (
    <>
      <dl className="grid gap-5 sm:grid-cols-3">
        <Figure label={t('volume')}>{usd(sumUsd(days.map(day => day.paid_usd)))}</Figure>
        <Figure label={t('conversion')}>{created === 0 ? '–' : percent.format(paid / created)}</Figure>
        <Figure label={t('invoices')}>{new Intl.NumberFormat(i18n.language).format(created)}</Figure>
      </dl>
      <Card title={t('daily')}>
        <p className="mb-3 text-sm text-muted">{t('dailyLead')}</p>
        {created === 0 ? (
          <p className="py-16 text-center text-muted">{t('noSales')}</p>
        ) : (
          <>
            <Chart
              label={t('daily')}
              points={days.map(({ day, paid_usd }) => ({ day, value: Number(paid_usd) }))}
            />
            <DayTable days={days.filter(day => day.created > 0).toReversed()} />
          </>
        )}
      </Card>
    </>
  );
}

function Figure({ label, children }: { label: string; children: string }) {
  return (
    <div className="rounded-xl border border-line bg-card p-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{children}</dd>
    </div>
  );
}

function DayTable({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('home');
  const usd = useUsd();
  const columns: Column<Day>[] = [
    { key: 'day', title: t('day'), cell: ({ day }) => <DayText day={day} /> },
    { key: 'created', title: t('created'), cell: ({ created }) => created, numeric: true },
    { key: 'paid', title: t('paid'), cell: ({ paid }) => paid, numeric: true },
    { key: 'expired', title: t('expired'), cell: ({ expired }) => expired, numeric: true },
    { key: 'amount', title: t('amount'), cell: ({ paid_usd }) => usd(paid_usd), numeric: true },
  ];
  return (
    <details>
      <summary className="min-h-8 font-medium text-accent">{t('asTable')}</summary>
      <Table
        caption={t('daily')}
        columns={columns}
        rows={days}
        rowKey={({ day }) => day}
        empty={t('noSales')}
      />
    </details>
  );
}
