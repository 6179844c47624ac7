/** All invoices of the account, narrowed by the address of the page, and the same as a file. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { InvoicesAnswer, ListedInvoice } from '../../../../server/src/http/dashboard-api/invoices.ts';
import { Page } from '../../layout/page.tsx';
import { address, ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { fieldsOf } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';
import { trimmed } from './amounts.ts';
import { Filters } from './filters.tsx';
import { filtersOn, type InvoiceSearch, invoiceSearch, queryOf } from './search.ts';
import { Standing } from './standing.tsx';
import { Views } from './views.tsx';

export function Invoices() {
  const { t } = useTranslation('invoices');
  const search = invoiceSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['invoices', user_id, queryOf(search)],
    queryFn: ({ signal }) =>
      ask<InvoicesAnswer>('GET', `users/${user_id}/invoices`, { query: queryOf(search), signal }),
    placeholderData: previous => previous,
  });
  return (
    <Page title={t('places:invoices')} lead={t('lead')} actions={<Actions search={search} />}>
      <Filters
        search={search}
        merchants={query.data?.merchants ?? []}
        errors={fieldsOf(query.error)}
        onChange={next => void navigate({ to: '/invoices', search: next })}
      />
      <Views key={user_id} search={search} />
      <Card>
        <Answered query={query}>{answer => <List answer={answer} search={search} />}</Answered>
      </Card>
    </Page>
  );
}

function Actions({ search }: { search: InvoiceSearch }) {
  const { t } = useTranslation('invoices');
  const { may } = useSession();
  const { user_id } = useAccount();
  const { cursor: _, ...all } = search;
  const file = (format: string) => address(`users/${user_id}/invoices/export`, { ...queryOf(all), format });
  return (
    <>
      {(['csv', 'json'] as const).map(format => (
        <a key={format} href={file(format)} download={`invoices.${format}`} className={buttonClass()}>
          {t('export', { format: format.toUpperCase() })}
        </a>
      ))}
      {may('invoices.create') && (
        <Link to="/invoices/new" className={buttonClass('strong')}>
          {t('create')}
        </Link>
      )}
    </>
  );
}

function List({ answer, search }: { answer: InvoicesAnswer; search: InvoiceSearch }) {
  const { t } = useTranslation('invoices');
  const { invoices, cursor, merchants } = answer;
  const isPlain = filtersOn(search) === 0 && !search.query;
  const none = isPlain ? t('noneYet') : t(cursor === null ? 'none' : 'further');
  return (
    <>
      <Table
        caption={t('places:invoices')}
        columns={useColumns(merchants)}
        rows={invoices}
        rowKey={({ id }) => id}
        empty={<p>{none}</p>}
      />
      <Pages search={search} next={cursor} isEmpty={invoices.length === 0} />
    </>
  );
}

function useColumns(merchants: InvoicesAnswer['merchants']): Column<ListedInvoice>[] {
  const { t } = useTranslation('invoices');
  const names = new Map(merchants.map(({ id, name }) => [id, name]));
  const columns: Column<ListedInvoice>[] = [
    {
      key: 'reference',
      title: t('reference'),
      free: true,
      cell: ({ id, client_reference_id }) => (
        <Link to="/invoices/$id" params={{ id: String(id) }} className="font-medium text-accent">
          {client_reference_id}
        </Link>
      ),
    },
    { key: 'amount', title: t('amount'), numeric: true, cell: invoice => <Amount invoice={invoice} /> },
    { key: 'status', title: t('status'), cell: invoice => <Standing {...invoice} /> },
  ];
  if (merchants.length > 1)
    columns.push({
      key: 'merchant',
      title: t('merchant'),
      free: true,
      cell: ({ merchant_id }) => names.get(merchant_id),
    });
  return [
    ...columns,
    { key: 'created', title: t('created'), cell: ({ created_at }) => <Moment at={created_at} /> },
  ];
}

function Amount({ invoice }: { invoice: ListedInvoice }) {
  const { final, coin, network, source_amount, source_currency } = invoice;
  return (
    <span className="whitespace-nowrap">
      <span className="font-medium">{final}</span>{' '}
      <span className="text-muted">
        {coin ?? 'USD'} {network}
      </span>
      {source_currency && (
        <span className="block text-sm text-muted">
          {trimmed(source_amount)} {source_currency}
        </span>
      )}
    </span>
  );
}

type PagesProps = { search: InvoiceSearch; next: number | null; isEmpty: boolean };

function Pages({ search, next, isEmpty }: PagesProps) {
  const { t } = useTranslation('invoices');
  const { cursor, ...first } = search;
  if (cursor === undefined && next === null) return null;
  return (
    <Pager label={t('places:invoices')}>
      {cursor !== undefined && (
        <Link to="/invoices" search={first} className={buttonClass('plain', true)}>
          {t('newest')}
        </Link>
      )}
      {next !== null && (
        <Link to="/invoices" search={{ ...first, cursor: next }} className={buttonClass('plain', true)}>
          {isEmpty ? t('lookFurther') : t('common:next')}
        </Link>
      )}
    </Pager>
  );
}
