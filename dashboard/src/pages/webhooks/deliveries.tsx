/** Webhooks in a table: each event, how it stands, and when it is tried again. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryAnswer } from '../../../../server/src/http/dashboard-api/webhook-answers.ts';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { AnswerBadge, DeliveryStanding } from './delivery-standing.tsx';

type Props = {
  deliveries: readonly DeliveryAnswer[];
  empty: ReactNode;
  /** Leads to the details of one. */
  link: (id: number, text: ReactNode) => ReactNode;
  /** Further columns, such as the invoice. */
  more?: readonly Column<DeliveryAnswer>[];
};

export function Deliveries({ deliveries, empty, link, more = [] }: Props) {
  const { t } = useTranslation('webhooks');
  const columns: Column<DeliveryAnswer>[] = [
    { key: 'event', title: t('event'), cell: ({ id, event }) => link(id, <Code>{event}</Code>) },
    ...more,
    { key: 'state', title: t('state'), cell: ({ state }) => <DeliveryStanding state={state} /> },
    {
      key: 'answer',
      title: t('answer'),
      cell: ({ last_status, last_error, last_ms }) => (
        <span className="inline-flex items-center gap-2 whitespace-nowrap">
          <AnswerBadge status={last_status} fault={last_error} />
          {last_ms !== null && <span className="text-sm text-muted">{t('took', { ms: last_ms })}</span>}
        </span>
      ),
    },
    { key: 'requests', title: t('requests'), numeric: true, cell: ({ requests }) => `${requests} / 10` },
    { key: 'next', title: t('next'), cell: ({ next_at }) => <Moment at={next_at} /> },
    { key: 'when', title: t('when'), cell: ({ created_at }) => <Moment at={created_at} /> },
  ];
  return (
    <Table
      caption={t('places:webhooks')}
      columns={columns}
      rows={deliveries}
      rowKey={({ id }) => id}
      empty={empty}
    />
  );
}
