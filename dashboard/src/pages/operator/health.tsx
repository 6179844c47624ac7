/** How the installation is, and what waits in it; asked again while it is looked at. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HealthAnswer } from '../../../../server/src/http/dashboard-api/operator-health.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useDuration } from './use-duration.ts';

export function Health() {
  const query = useQuery({
    queryKey: ['operator', 'health'],
    queryFn: ({ signal }) => ask<HealthAnswer>('GET', 'operator/health', { signal }),
    refetchInterval: 15_000,
  });
  return (
    <Answered query={query}>
      {health => (
        <>
          <Queues health={health} />
          <Installation health={health} />
        </>
      )}
    </Answered>
  );
}

type Props = { health: HealthAnswer };
const names = ['webhooks', 'transfers', 'payments', 'mails'] as const;

function Queues({ health }: Props) {
  const { t } = useTranslation('operator');
  const duration = useDuration();
  const columns: Column<(typeof names)[number]>[] = [
    { key: 'queue', title: t('queues'), cell: name => t(`queue_${name}`) },
    {
      key: 'waiting',
      title: t('waiting'),
      numeric: true,
      cell: name => {
        const { waiting } = health.queues[name];
        if (waiting === 0) return <span className="text-muted">{t('nothingWaits')}</span>;
        return waiting < health.most_counted ? waiting : `${waiting}+`;
      },
    },
    {
      key: 'oldest',
      title: t('oldest'),
      numeric: true,
      cell: name => {
        const { oldest } = health.queues[name];
        return oldest === null ? '–' : duration(Math.max(0, health.now - oldest));
      },
    },
  ];
  return (
    <Card title={t('queues')}>
      <Table caption={t('queues')} columns={columns} rows={names} rowKey={name => name} empty="" />
    </Card>
  );
}

function Installation({ health }: Props) {
  const { t, i18n } = useTranslation('operator');
  const { database, registration, mail, rates_fetched_at: rates, base_url, node } = health;
  const { forged_addresses: forged } = health;
  const size = new Intl.NumberFormat(i18n.language, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: 0,
  });
  const pending = database.pending_migrations;
  const facts: [string, ReactNode][] = [
    [
      t('address'),
      <Code key="address" wrap>
        {base_url}
      </Code>,
    ],
    [t('people'), t(`registration_${registration}`)],
    [t('mail'), t(mail ? 'mailOn' : 'mailOff')],
    [t('database'), `PostgreSQL ${database.version}, ${size.format(database.bytes / 1e6)}`],
    [
      t('migrations'),
      pending.length === 0 ? (
        t('migrationsNone')
      ) : (
        <Badge key="pending" tone="bad">
          {pending.join(', ')}
        </Badge>
      ),
    ],
    [
      t('addresses'),
      forged === 0 ? (
        t('addressesGenuine')
      ) : (
        <Badge key="forged" tone="bad">
          {t('addressesForged', { n: forged })}
        </Badge>
      ),
    ],
    [t('ratesAt'), <Moment key="rates" at={rates} />],
    [t('node'), node],
  ];
  return (
    <Card title={t('health')}>
      <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-[auto_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="mb-2 sm:mb-0">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
