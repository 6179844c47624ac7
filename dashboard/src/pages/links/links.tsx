/** Payment links: which there are, how often they were paid, and closing them. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { LinkAnswer, LinksAnswer } from '../../../../server/src/http/dashboard-api/links.ts';
import type { MerchantsAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { SelectField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { merchantsQuery } from '../merchants/queries.ts';
import { AddLink } from './add-link.tsx';
import { LinkActs } from './link-acts.tsx';

export function Links() {
  const { t } = useTranslation('links');
  const { may } = useSession();
  const { user_id: userId } = useAccount();
  const { merchant } = useSearch({ strict: false });
  const merchants = useQuery(merchantsQuery(userId));
  const query = useQuery({
    queryKey: ['links', userId, merchant ?? null],
    queryFn: ({ signal }) =>
      ask<LinksAnswer>('GET', `users/${userId}/links`, { query: { merchant }, signal }),
  });
  const own = merchants.data?.merchants ?? [];
  return (
    <Page
      title={t('places:links')}
      lead={t('lead')}
      actions={may('merchants.edit') && own.length > 0 && <AddLink userId={userId} merchants={own} />}
    >
      {own.length > 1 && <Filter merchants={own} chosen={merchant} />}
      <Answered query={query}>{answer => <List answer={answer} userId={userId} merchants={own} />}</Answered>
    </Page>
  );
}

type Own = MerchantsAnswer['merchants'];

function Filter({ merchants, chosen }: { merchants: Own; chosen: number | undefined }) {
  const { t } = useTranslation('links');
  const navigate = useNavigate();
  const choose = (value: string) =>
    void navigate({ to: '/links', search: value === '' ? {} : { merchant: Number(value) } });
  return (
    <div className="max-w-xs">
      <SelectField label={t('merchant')} value={chosen ?? ''} onChange={({ target }) => choose(target.value)}>
        <option value="">{t('allMerchants')}</option>
        {merchants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

const tones: Record<LinkAnswer['state'], BadgeTone> = {
  open: 'good',
  closed: 'calm',
  expired: 'calm',
  used_up: 'busy',
};

type ListProps = { answer: LinksAnswer; userId: number; merchants: Own };

function List({ answer: { links, more }, userId, merchants }: ListProps) {
  const { t } = useTranslation('links');
  const columns: Column<LinkAnswer>[] = [
    {
      key: 'what',
      title: t('description'),
      free: true,
      cell: ({ description }) => <b className="font-medium">{description}</b>,
    },
    {
      key: 'amount',
      title: t('amount'),
      numeric: true,
      cell: ({ amount, currency }) => `${amount} ${currency}`,
    },
    {
      key: 'merchant',
      title: t('merchant'),
      free: true,
      cell: ({ merchant_id: id }) => merchants.find(one => one.id === id)?.name ?? id,
    },
    {
      key: 'paid',
      title: t('paid'),
      numeric: true,
      cell: ({ paid, max_uses }) => (max_uses === null ? paid : `${paid} / ${max_uses}`),
    },
    { key: 'until', title: t('expires'), cell: ({ expires_at }) => <Moment at={expires_at} /> },
    { key: 'state', title: t('state'), cell: ({ state }) => <Badge tone={tones[state]}>{t(state)}</Badge> },
    {
      key: 'acts',
      title: t('common:acts'),
      acts: true,
      cell: link => <LinkActs link={link} userId={userId} />,
    },
  ];
  return (
    <Card>
      <Table
        caption={t('places:links')}
        columns={columns}
        rows={links}
        rowKey={({ id }) => id}
        empty={merchants.length === 0 ? t('noMerchant') : t('empty')}
      />
      {more && <p className="-mx-4 border-t border-line px-4 pt-4 text-sm text-muted">{t('more')}</p>}
    </Card>
  );
}
