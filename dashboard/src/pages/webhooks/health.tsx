/** How the endpoint of a merchant does, and what can be done about it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EndpointAnswer, WebhooksAnswer } from '../../../../server/src/http/dashboard-api/webhooks.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { ResendFailed } from './resend-failed.tsx';
import { TestEvent } from './test-event.tsx';

type Merchant = WebhooksAnswer['merchants'][number];

export function Health({ merchant }: { merchant: Merchant }) {
  const { t } = useTranslation('webhooks');
  const { user_id } = useAccount();
  const { may } = useSession();
  const path = `users/${user_id}/merchants/${merchant.id}`;
  const query = useQuery({
    queryKey: ['webhooks', user_id, 'endpoint', merchant.id],
    queryFn: ({ signal }) => ask<EndpointAnswer>('GET', `${path}/endpoint`, { signal }),
  });
  const actions = may('webhooks.resend') && query.data?.url != null && (
    <div className="flex flex-wrap gap-2">
      <TestEvent path={path} />
      <ResendFailed path={path} />
    </div>
  );
  return (
    <Card title={`${merchant.name} · ${t('health')}`} actions={actions}>
      <Answered query={query}>{endpoint => <Figures endpoint={endpoint} />}</Answered>
    </Card>
  );
}

function Figures({ endpoint }: { endpoint: EndpointAnswer }) {
  const { t, i18n } = useTranslation('webhooks');
  const { url, requests, delivered, median_ms, failing_since } = endpoint;
  if (url === null) return <p>{t('noUrl')}</p>;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 });
  return (
    <div className="grid gap-4">
      <p className="flex flex-wrap items-center gap-2">
        <Condition endpoint={endpoint} />
        <Code wrap>{url}</Code>
      </p>
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(12rem,1fr))] gap-4">
        <Figure name={t('success')}>
          {requests === 0 ? '–' : percent.format(delivered / requests)}{' '}
          <span className="text-sm font-normal text-muted">
            {delivered} / {requests}
          </span>
        </Figure>
        <Figure name={t('median')}>{median_ms === null ? '–' : t('took', { ms: median_ms })}</Figure>
        <Figure name={t('pending')}>{endpoint.open}</Figure>
        {failing_since === null ? (
          <Figure name={t('lastSuccess')}>
            <Moment at={endpoint.last_success_at} />
          </Figure>
        ) : (
          <Figure name={t('failingSince')}>
            <Moment at={failing_since} />
          </Figure>
        )}
      </dl>
      {endpoint.sends_private_key && <p className="text-sm text-warn">{t('privateKey')}</p>}
    </div>
  );
}

function Condition({ endpoint: { requests, failing_since } }: { endpoint: EndpointAnswer }) {
  const { t } = useTranslation('webhooks');
  if (failing_since !== null) return <Badge tone="bad">{t('failing')}</Badge>;
  return requests === 0 ? <Badge tone="calm">{t('quiet')}</Badge> : <Badge tone="good">{t('well')}</Badge>;
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}
