/** The merchants of the account. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MerchantsAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { Page } from '../../layout/page.tsx';
import { address } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { controlClass } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { AddMerchant } from './add-merchant.tsx';
import { merchantsQuery } from './queries.ts';

type Line = MerchantsAnswer['merchants'][number];

export function Merchants() {
  const { t } = useTranslation('merchants');
  const { may } = useSession();
  const { user_id: userId } = useAccount();
  const query = useQuery(merchantsQuery(userId));
  return (
    <Page
      title={t('places:merchants')}
      lead={t('lead')}
      actions={may('merchants.edit') && <AddMerchant userId={userId} />}
    >
      <Answered query={query}>{({ merchants }) => <Found merchants={merchants} />}</Answered>
    </Page>
  );
}

/** Fewer are seen at a glance. */
const FIND_FROM = 20;
/** Rows that are drawn at once. */
const PAGE = 100;

/** Some accounts have thousands: they are found by what one knows of them, and drawn a page at a time. */
function Found({ merchants }: { merchants: readonly Line[] }) {
  const { t } = useTranslation('merchants');
  const [text, setText] = useState('');
  const [pages, setPages] = useState(1);
  const sought = useDeferredValue(text.trim().toLowerCase());
  const found = merchants.filter(line => fits(line, sought));
  const left = found.length - pages * PAGE;
  return (
    <>
      {merchants.length > FIND_FROM && (
        <input
          type="search"
          aria-label={t('find')}
          placeholder={t('find')}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setPages(1);
          }}
          className={`${controlClass} sm:max-w-80`}
        />
      )}
      <List merchants={found.slice(0, pages * PAGE)} empty={t(sought === '' ? 'empty' : 'noneFound')} />
      {left > 0 && (
        <Button className="justify-self-start" onClick={() => setPages(pages + 1)}>
          {t('further', { left })}
        </Button>
      )}
    </>
  );
}

function fits({ id, name, url }: Line, sought: string): boolean {
  return String(id) === sought || `${name}\n${url}`.toLowerCase().includes(sought);
}

function List({ merchants, empty }: { merchants: readonly Line[]; empty: string }) {
  const { t } = useTranslation('merchants');
  const columns: Column<Line>[] = [
    { key: 'name', title: t('name'), free: true, cell: line => <Name line={line} /> },
    { key: 'url', title: t('url'), free: true, cell: ({ url }) => <span className="text-muted">{url}</span> },
    { key: 'wallets', title: t('wallets'), cell: ({ wallets }) => wallets, numeric: true },
    {
      key: 'used',
      title: t('lastUsed'),
      cell: ({ last_used_at: at }) => (at === null ? t('never') : <Moment at={at} />),
    },
  ];
  return (
    <Card>
      <Table
        caption={t('places:merchants')}
        columns={columns}
        rows={merchants}
        rowKey={({ id }) => id}
        empty={empty}
      />
    </Card>
  );
}

function Name({ line: { id, name, logo } }: { line: Line }) {
  return (
    <Link
      to="/merchants/$merchantId"
      params={{ merchantId: String(id) }}
      className="flex min-h-8 items-center gap-3 font-medium text-accent"
    >
      {logo && <img src={logoAddress(logo)} alt="" className="h-8 max-w-24 object-contain" />}
      <span className="min-w-0">{name}</span>
    </Link>
  );
}

/** The picture is served where payers see it, beside the dashboard and not below it. */
export const logoAddress = (hash: string): string => address(`../../payment/logos/${hash}`);
