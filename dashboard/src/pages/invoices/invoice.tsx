/** One invoice: what it asks, and in tabs its story, its transfers, what its shop was told, and all of it as stored. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { InvoiceAnswer } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Card } from '../../parts/card.tsx';
import { Tabs, tabClass } from '../../parts/tabs.tsx';
import { useAccount } from '../../session/use-session.ts';
import { Deliveries } from '../webhooks/deliveries.tsx';
import { DeliveryPanel } from '../webhooks/delivery-panel.tsx';
import { InvoiceActs } from './acts.tsx';
import { Facts } from './facts.tsx';
import { Raw } from './raw.tsx';
import { invoiceTab, tabs } from './search.ts';
import { Standing } from './standing.tsx';
import { TaskNotice } from './task-notice.tsx';
import { Timeline } from './timeline.tsx';
import { Transfers } from './transfers.tsx';

/** A payment may come while the page is open. */
const OFTEN = 5000;

export function Invoice() {
  const { t } = useTranslation('invoice');
  const { id = '' } = useParams({ strict: false });
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['invoice', user_id, id],
    queryFn: ({ signal }) =>
      ask<InvoiceAnswer>('GET', `users/${user_id}/invoices/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: OFTEN,
  });
  const { data } = query;
  return (
    <Page
      title={t('invoice', { id })}
      lead={data && <Standing {...data} />}
      actions={data && <InvoiceActs invoice={data} />}
    >
      <Answered query={query}>
        {invoice => (
          <>
            <TaskNotice invoice={invoice} />
            <Facts invoice={invoice} />
            <Parts invoice={invoice} />
          </>
        )}
      </Answered>
    </Page>
  );
}

function Parts({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  const { tab = 'timeline' } = invoiceTab(useSearch({ strict: false }));
  const counts = { transfers: invoice.transfers.length, webhooks: invoice.deliveries.length };
  return (
    <div className="min-w-0 space-y-4">
      <Tabs label={t('invoice', { id: invoice.id })} current={tab}>
        {tabs.map(one => (
          <Link
            key={one}
            to="/invoices/$id"
            params={{ id: String(invoice.id) }}
            search={{ tab: one }}
            aria-current={one === tab ? 'page' : undefined}
            className={tabClass}
          >
            {t(one)}
            {one in counts && (
              <span className="text-sm text-muted">{counts[one as keyof typeof counts]}</span>
            )}
          </Link>
        ))}
      </Tabs>
      <Card>
        <Shown tab={tab} invoice={invoice} />
      </Card>
    </div>
  );
}

function Shown({ tab, invoice }: { tab: (typeof tabs)[number]; invoice: InvoiceAnswer }) {
  switch (tab) {
    case 'timeline':
      return <Timeline entries={invoice.timeline} />;
    case 'transfers':
      return <Transfers transfers={invoice.transfers} />;
    case 'raw':
      return <Raw id={invoice.id} />;
    case 'webhooks':
      return <Webhooks invoice={invoice} />;
  }
}

function Webhooks({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  const { delivery } = invoiceTab(useSearch({ strict: false }));
  const at = { to: '/invoices/$id', params: { id: String(invoice.id) } } as const;
  return (
    <>
      <Deliveries
        deliveries={invoice.deliveries}
        empty={t('noWebhooks')}
        link={(id, text) => (
          <Link {...at} search={{ tab: 'webhooks', delivery: id }} className="font-medium text-accent">
            {text}
          </Link>
        )}
      />
      <DeliveryPanel id={delivery ?? null} back={{ ...at, search: { tab: 'webhooks' } }} />
    </>
  );
}
