/** Every transfer on the wallets in exactly one category, and invoices, transfers and bookings against each other. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type {
  CategoryLine,
  ReconciliationAnswer,
} from '../../../../server/src/http/dashboard-api/reports.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { useUsd } from '../../lib/usd.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAccount } from '../../session/use-session.ts';
import { asQuery, type ReportSearch } from './search.ts';

export function Reconciliation({ search }: { search: ReportSearch }) {
  const { user_id } = useAccount();
  const asked = asQuery(search);
  const query = useQuery({
    queryKey: ['reports', user_id, 'reconciliation', asked],
    queryFn: ({ signal }) =>
      ask<ReconciliationAnswer>('GET', `users/${user_id}/reports/reconciliation`, { query: asked, signal }),
  });
  return <Answered query={query}>{answer => <Result {...answer} />}</Answered>;
}

function Result({ categories, received, booked, confirmed_unseen, differences }: ReconciliationAnswer) {
  const { t } = useTranslation('reports');
  const usd = useUsd();
  const total = received.map(line => ({ ...line, category: 'total', reason: null, received: true }));
  const columns = useColumns();
  return (
    <>
      {differences.length === 0 ? (
        <Notice tone="good">{t('allAccounted')}</Notice>
      ) : (
        <Differences differences={differences} />
      )}
      <Card title={t('transfers')}>
        <Table
          caption={t('transfers')}
          columns={columns}
          rows={[...categories, ...total]}
          rowKey={row => `${row.category} ${row.reason} ${row.network} ${row.cryptocurrency}`}
          empty={t('noTransfers')}
        />
      </Card>
      <Card title={t('booked')}>
        <Table
          caption={t('booked')}
          columns={[
            { key: 'kind', title: t('kind'), cell: ({ kind }) => t(`kind_${kind}`, kind) },
            { key: 'entries', title: t('entries'), numeric: true, cell: ({ entries }) => entries },
            { key: 'amount', title: t('amount'), numeric: true, cell: ({ amount_usd }) => usd(amount_usd) },
          ]}
          rows={booked}
          rowKey={({ kind }) => kind}
          empty={t('noneBooked')}
        />
      </Card>
      {confirmed_unseen > 0 && <Notice tone="calm">{t('unseen', { count: confirmed_unseen })}</Notice>}
    </>
  );
}

function useColumns(): Column<CategoryLine>[] {
  const { t } = useTranslation('reports');
  return [
    {
      key: 'category',
      title: t('category'),
      cell: ({ category, reason, received }) => (
        <span className={category === 'total' ? 'font-semibold' : ''}>
          {t(`category_${category}`, category)}{' '}
          {reason && <Badge tone="calm">{t(`money:reason_is_${reason}`, reason)}</Badge>}{' '}
          {!received && <Badge tone="bad">{t('notOnChain')}</Badge>}
        </span>
      ),
    },
    {
      key: 'coin',
      title: t('coin'),
      cell: ({ cryptocurrency, network }) => (
        <span className="whitespace-nowrap">
          {cryptocurrency} <span className="text-muted">{network}</span>
        </span>
      ),
    },
    { key: 'transfers', title: t('count'), numeric: true, cell: ({ transfers }) => transfers },
    { key: 'amount', title: t('amount'), numeric: true, cell: ({ amount }) => amount ?? '–' },
  ];
}

function Differences({ differences }: Pick<ReconciliationAnswer, 'differences'>) {
  const { t } = useTranslation('reports');
  return (
    <Card title={t('differences', { count: differences.length })}>
      <ul className="grid gap-3">
        {differences.map(({ name, subject, text, found, expected }) => (
          <li key={`${name} ${subject}`}>
            <p className="font-medium text-bad">
              {subject}: {t(`difference_${name}`, text)}
            </p>
            <p className="text-sm text-muted">{t('foundExpected', { found, expected })}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
