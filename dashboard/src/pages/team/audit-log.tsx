/** The log as a table with its filters; everything in it is shown as text and nothing else. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AuditAnswer } from '../../../../server/src/http/dashboard-api/audit-log.ts';
import { address, ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { AuditFilters } from './audit-filters.tsx';
import type { AuditSearch } from './audit-search.ts';
import { Facts } from './facts.tsx';

type Entry = AuditAnswer['entries'][number];
type Props = { path: string; search: AuditSearch; onSearch: (search: AuditSearch) => void };

export function AuditLog({ path, search, onSearch }: Props) {
  const { t } = useTranslation('team');
  const query = useQuery({
    queryKey: ['audit', path, search],
    queryFn: ({ signal }) => ask<AuditAnswer>('GET', path, { query: search, signal }),
    placeholderData: keepPreviousData,
  });
  const { cursor: _, ...filters } = search;
  return (
    <Card
      actions={
        <>
          <AuditFilters search={filters} onSearch={onSearch} />
          <a className={buttonClass('plain', true)} href={address(`${path}.csv`, filters)} download>
            {t('csv')}
          </a>
        </>
      }
    >
      <Answered query={query}>
        {({ entries, cursor }) => (
          <>
            {entries.some(({ intact }) => !intact) && <Notice tone="bad">{t('brokenLead')}</Notice>}
            <Entries entries={entries} />
            {(search.cursor || cursor !== null) && (
              <Pager label={t('places:audit')}>
                {search.cursor && (
                  <Button small onClick={() => onSearch(filters)}>
                    {t('newest')}
                  </Button>
                )}
                {cursor !== null && (
                  <Button small onClick={() => onSearch({ ...filters, cursor: String(cursor) })}>
                    {t('older')}
                  </Button>
                )}
              </Pager>
            )}
          </>
        )}
      </Answered>
    </Card>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation('team');
  const columns: Column<Entry>[] = [
    {
      key: 'when',
      title: t('when'),
      cell: ({ at, id, intact }) => (
        <span className="grid justify-items-start gap-0.5">
          <Moment at={at} />
          {intact ? (
            <span className="text-xs text-muted" title={t('intact')}>
              #{id} <span aria-hidden>✓</span>
              <span className="sr-only">{t('intact')}</span>
            </span>
          ) : (
            <Badge tone="bad">{t('broken')}</Badge>
          )}
        </span>
      ),
    },
    { key: 'who', title: t('who'), free: true, cell: entry => <Who entry={entry} /> },
    {
      key: 'what',
      title: t('what'),
      cell: ({ action, target }) => (
        <span className="grid gap-0.5">
          <Code>{action}</Code>
          <span className="text-sm text-muted wrap-anywhere">{target}</span>
        </span>
      ),
    },
    {
      key: 'facts',
      title: t('details'),
      free: true,
      cell: ({ before, after }) => <Facts before={before} after={after} />,
    },
  ];
  return (
    <Table
      caption={t('places:audit')}
      columns={columns}
      rows={entries}
      rowKey={({ id }) => id}
      empty={t('noEntries')}
    />
  );
}

function Who({ entry }: { entry: Entry }) {
  const { t } = useTranslation('team');
  const { actor, email, address: from } = entry;
  return (
    <span className="grid gap-0.5">
      {actor === 'person' ? (email ?? '?') : t(`actor_${actor}`)}
      {from !== null && <span className="text-sm text-muted">{from}</span>}
    </span>
  );
}
