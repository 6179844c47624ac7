/** The transfers that were judged against an invoice, and how each counts. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { TransferAnswer } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Traced } from './facts.tsx';

export function Transfers({ transfers }: { transfers: readonly TransferAnswer[] }) {
  const { t } = useTranslation('invoice');
  return (
    <Table
      caption={t('transfers')}
      columns={useColumns()}
      rows={transfers}
      rowKey={({ id }) => id}
      empty={t('noTransfers')}
    />
  );
}

const tones: Record<string, BadgeTone> = {
  settled: 'good',
  pending: 'busy',
  released: 'calm',
  unmatched: 'warn',
};

function useColumns(): Column<TransferAnswer>[] {
  const { t, i18n } = useTranslation('invoice');
  return [
    {
      key: 'amount',
      title: t('invoices:amount'),
      cell: ({ id, amount, coin, network }) => (
        <Link
          to="/money"
          search={{ view: 'transfers', transfer: id }}
          className="whitespace-nowrap text-accent"
        >
          <span className="font-medium tabular-nums">{amount ?? '?'}</span> {coin}
          <span className="block text-sm text-muted">{network}</span>
        </Link>
      ),
    },
    {
      key: 'state',
      title: t('invoices:status'),
      cell: ({ state, payment_state, payment_kind, reason }) => (
        <>
          <Badge tone={tones[payment_state ?? state] ?? 'calm'}>
            {payment_state ? t(`payment_${payment_state}`) : t(`transfer_${state}`)}
          </Badge>{' '}
          {(payment_kind === 'part' || payment_kind === 'late_part') && (
            <Badge tone="calm">{t('payment_part')}</Badge>
          )}
          {reason && (
            <span className="block text-sm text-muted">
              {i18n.exists(`invoice:why_${reason}`) ? t(`why_${reason}`) : reason}
            </span>
          )}
        </>
      ),
    },
    {
      key: 'transaction',
      title: t('transaction'),
      cell: ({ transaction_id, transaction_url, from }) => (
        <div className="@3xl/rows:min-w-64">
          <Traced text={transaction_id} url={transaction_url} />
          <span className="block text-sm text-muted">
            {t('payer')} <Code wrap>{from}</Code>
          </span>
        </div>
      ),
    },
    {
      key: 'block',
      title: t('seen'),
      cell: ({ detected_at, block }) => (
        <>
          <Moment at={detected_at} />
          <span className="block text-sm whitespace-nowrap text-muted">
            {block === null ? t('noBlock') : t('block', { height: block })}
          </span>
        </>
      ),
    },
  ];
}
