/** The log of webhooks of the account, narrowed by the address of the page, and how each endpoint does. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { WebhooksAnswer } from '../../../../server/src/http/dashboard-api/webhooks.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { SelectField } from '../../parts/field.tsx';
import { Pager } from '../../parts/pager.tsx';
import { useAccount } from '../../session/use-session.ts';
import { Deliveries } from './deliveries.tsx';
import { DeliveryPanel } from './delivery-panel.tsx';
import { Health } from './health.tsx';
import { events, states, type WebhookSearch, webhookSearch } from './search.ts';

export function Webhooks() {
  const { t } = useTranslation('webhooks');
  const { delivery, ...search } = webhookSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['webhooks', user_id, 'log', search],
    queryFn: ({ signal }) =>
      ask<WebhooksAnswer>('GET', `users/${user_id}/webhooks`, { query: search, signal }),
    placeholderData: previous => previous,
  });
  const merchants = query.data?.merchants ?? [];
  const [only] = merchants.length === 1 ? merchants : merchants.filter(({ id }) => id === search.merchant);
  return (
    <Page title={t('places:webhooks')} lead={t('lead')}>
      <Filters
        search={search}
        merchants={merchants}
        onChange={next => void navigate({ to: '/webhooks', search: next })}
      />
      {only && <Health key={only.id} merchant={only} />}
      <Card>
        <Answered query={query}>{answer => <Log answer={answer} search={search} />}</Answered>
      </Card>
      <DeliveryPanel id={delivery ?? null} back={{ to: '/webhooks', search }} />
    </Page>
  );
}

type FilterProps = {
  search: WebhookSearch;
  merchants: WebhooksAnswer['merchants'];
  onChange: (search: WebhookSearch) => void;
};

function Filters({ search, merchants, onChange }: FilterProps) {
  const { t } = useTranslation('webhooks');
  const set = (name: string, value: string) =>
    onChange(webhookSearch({ ...search, cursor: 0, [name]: value }));
  const choice = (name: 'state' | 'event', options: readonly (readonly [string, string])[]) => (
    <SelectField label={t(name)} value={search[name] ?? ''} onChange={event => set(name, event.target.value)}>
      <option value="">{t('invoices:any')}</option>
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-3">
      {merchants.length > 1 && (
        <SelectField
          label={t('invoices:merchant')}
          value={search.merchant ?? ''}
          onChange={event => set('merchant', event.target.value)}
        >
          <option value="">{t('invoices:all')}</option>
          {merchants.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {choice(
        'state',
        states.map(state => [state, t(`state_${state}`)]),
      )}
      {choice(
        'event',
        events.map(event => [event, event]),
      )}
    </div>
  );
}

function Log({ answer, search }: { answer: WebhooksAnswer; search: WebhookSearch }) {
  const { t } = useTranslation('webhooks');
  const { deliveries, cursor } = answer;
  const isPlain = Object.keys(search).length === 0;
  return (
    <>
      <Deliveries
        deliveries={deliveries}
        empty={isPlain ? t('noneYet') : t('none')}
        link={(id, text) => (
          <Link
            to="/webhooks"
            search={{ ...search, delivery: id }}
            className="font-medium whitespace-nowrap text-accent"
          >
            {text}
          </Link>
        )}
        more={[
          {
            key: 'invoice',
            title: t('invoice'),
            cell: ({ invoice_id }) => (
              <Link to="/invoices/$id" params={{ id: String(invoice_id) }} className="text-accent">
                {invoice_id}
              </Link>
            ),
          },
        ]}
      />
      <Pages search={search} next={cursor} />
    </>
  );
}

function Pages({ search, next }: { search: WebhookSearch; next: number | null }) {
  const { t } = useTranslation();
  const { cursor, ...first } = search;
  if (cursor === undefined && next === null) return null;
  return (
    <Pager label={t('places:webhooks')}>
      {cursor !== undefined && (
        <Link to="/webhooks" search={first} className={buttonClass('plain', true)}>
          {t('invoices:newest')}
        </Link>
      )}
      {next !== null && (
        <Link to="/webhooks" search={{ ...first, cursor: next }} className={buttonClass('plain', true)}>
          {t('next')}
        </Link>
      )}
    </Pager>
  );
}
