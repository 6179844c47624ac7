/**
 * What waits for somebody, and every transfer that settled nothing, narrowed by its address; beside them the transfer that was
 * chosen.
 */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MoneyAnswer, StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Tabs, tabClass } from '../../parts/tabs.tsx';
import { useAccount } from '../../session/use-session.ts';
import { Filters } from './filters.tsx';
import { type MoneySearch, moneySearch } from './search.ts';
import { StandingBadge } from './standing-badge.tsx';
import { Tasks } from './tasks.tsx';
import { TransferPanel } from './transfer-panel.tsx';

export function Money() {
  const { t } = useTranslation('money');
  const search: MoneySearch = moneySearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const go = (next: MoneySearch) => void navigate({ to: '/money', search: next });
  const { transfer, ...list } = search;
  return (
    <Page title={t('places:money')} lead={t('tasks:lead')}>
      <Tabs label={t('places:money')} current={list.view ?? 'waiting'}>
        <Link
          to="/money"
          activeOptions={ITSELF}
          aria-current={list.view ? undefined : 'page'}
          className={tabClass}
        >
          {t('tasks:waiting')}
        </Link>
        <Link
          to="/money"
          search={{ view: 'transfers' }}
          activeOptions={ITSELF}
          aria-current={list.view ? 'page' : undefined}
          className={tabClass}
        >
          {t('tasks:transfers')}
        </Link>
      </Tabs>
      {list.view && <Filters search={list} onChange={go} />}
      <Card>{list.view ? <List search={list} /> : <Tasks after={list.after} />}</Card>
      <TransferPanel id={transfer ?? null} onClose={() => go(list)} />
    </Page>
  );
}

/** Without it the router holds the address without a view to be that of every view. */
const ITSELF = { exact: true };

function List({ search }: { search: MoneySearch }) {
  const { t } = useTranslation('money');
  const { user_id } = useAccount();
  const { state, reason, network, cursor } = search;
  const columns = useColumns(search);
  const query = useQuery({
    queryKey: ['money', user_id, { state, reason, network, cursor }],
    queryFn: ({ signal }) =>
      ask<MoneyAnswer>('GET', `users/${user_id}/money`, {
        query: { state, reason, network, cursor },
        signal,
      }),
  });
  return (
    <Answered query={query}>
      {({ transfers, cursor: next }) => (
        <>
          <Table
            caption={t('places:money')}
            columns={columns}
            rows={transfers}
            rowKey={({ id }) => id}
            empty={t(state === undefined || state === 'open' ? 'noneOpen' : 'none')}
          />
          <Pages search={search} next={next} />
        </>
      )}
    </Answered>
  );
}

function useColumns(search: MoneySearch): Column<StrayAnswer>[] {
  const { t } = useTranslation('money');
  return [
    {
      key: 'amount',
      title: t('amount'),
      cell: ({ id, amount, asset, network }) => (
        <Link
          to="/money"
          search={{ ...search, transfer: id }}
          className="font-semibold whitespace-nowrap text-accent"
        >
          {amount ?? '?'} {asset} <span className="font-normal text-muted">{network}</span>
        </Link>
      ),
    },
    { key: 'why', title: t('why'), cell: row => t(`reason_is_${row.reason ?? 'none'}`) },
    { key: 'state', title: t('state'), cell: row => <StandingBadge row={row} /> },
    { key: 'merchants', title: t('merchant'), free: true, cell: ({ merchants }) => merchants.join(', ') },
    { key: 'from', title: t('from'), cell: ({ from }) => <Code>{shortened(from)}</Code> },
    { key: 'seen', title: t('seen'), cell: ({ detected_at }) => <Moment at={detected_at} /> },
  ];
}

const shortened = (text: string) => `${text.slice(0, 6)}…${text.slice(-4)}`;

function Pages({ search, next }: { search: MoneySearch; next: number | null }) {
  const { t } = useTranslation();
  const { cursor, ...first } = search;
  if (cursor === undefined && next === null) return null;
  return (
    <Pager label={t('places:money')}>
      {cursor !== undefined && (
        <Link to="/money" search={first} className={buttonClass('plain', true)}>
          {t('money:newest')}
        </Link>
      )}
      {next !== null && (
        <Link to="/money" search={{ ...search, cursor: next }} className={buttonClass('plain', true)}>
          {t('next')}
        </Link>
      )}
    </Pager>
  );
}
