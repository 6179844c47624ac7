/** One transfer that settled nothing: what is known of it, and the invoices it may have been meant for. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type {
  PartOfAnswer,
  StrayAnswer,
  StrayDetailAnswer,
} from '../../../../server/src/http/dashboard-api/money.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { SidePanel } from '../../parts/side-panel.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { CandidateCard } from './candidate-card.tsx';
import { Resolve } from './resolve.tsx';
import { isOpen } from './standing.ts';
import { StandingBadge } from './standing-badge.tsx';

export function TransferPanel({ id, onClose }: { id: number | null; onClose: () => void }) {
  const { t } = useTranslation('money');
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['money', user_id, 'one', id],
    queryFn: ({ signal }) => ask<StrayDetailAnswer>('GET', `users/${user_id}/money/${id}`, { signal }),
    enabled: id !== null,
  });
  return (
    <SidePanel open={id !== null} onClose={onClose} title={t('transfer')}>
      {id !== null && <Answered query={query}>{answer => <Contents {...answer} />}</Answered>}
    </SidePanel>
  );
}

function Contents({ transfer, candidates, part_of: part }: StrayDetailAnswer) {
  const { t } = useTranslation('money');
  const { may } = useSession();
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <p className="text-2xl font-bold tabular-nums wrap-anywhere">
          {transfer.amount ?? '?'} {transfer.asset}
        </p>
        <StandingBadge row={transfer} />
      </div>
      {part ? (
        <PartOf part={part} />
      ) : (
        <p className="text-muted">{t(`reason_lead_${transfer.reason ?? 'none'}`)}</p>
      )}
      {isOpen(transfer) && !transfer.final && <Notice tone="calm">{t('notFinal')}</Notice>}
      {isOpen(transfer) && (
        <section className="grid grid-cols-1 gap-3">
          <h3 className="text-base font-semibold">{t('candidates')}</h3>
          {candidates.length === 0 && <p className="text-muted">{t('noCandidates')}</p>}
          <ol className="grid grid-cols-1 gap-3">
            {candidates.map(candidate => (
              <li key={candidate.invoice_id}>
                <CandidateCard transfer={transfer} candidate={candidate} />
              </li>
            ))}
          </ol>
        </section>
      )}
      {(isOpen(transfer) || part?.left) && may('invoices.confirm') && <Resolve transfer={transfer} />}
      <TransferFacts transfer={transfer} />
    </>
  );
}

/** It counts for an invoice, or did until that ended without the rest. */
function PartOf({ part }: { part: PartOfAnswer }) {
  const { t } = useTranslation('money');
  return (
    <p className="text-muted">
      {t(part.left ? 'partLeft' : 'partCounts')}{' '}
      <Link
        to="/invoices/$id"
        params={{ id: String(part.invoice_id) }}
        className="font-medium wrap-anywhere text-accent"
      >
        {part.client_reference_id}
      </Link>
    </p>
  );
}

function TransferFacts({ transfer }: { transfer: StrayAnswer }) {
  const { t } = useTranslation('money');
  const { network, from, to, merchants, detected_at, block_time, transaction_id } = transfer;
  const facts: Fact[] = [
    { name: t('network'), value: network },
    { name: t('transaction'), value: <Transaction transfer={transfer} /> },
    { name: t('from'), value: <Copied text={from} /> },
    { name: t('to'), value: <Copied text={to} /> },
    { name: t('merchant'), value: <span className="wrap-anywhere">{merchants.join(', ')}</span> },
    { name: t('seen'), value: <Moment at={detected_at} /> },
    { name: t('inBlock'), value: <Moment at={block_time} /> },
  ];
  if (transfer.memo) facts.push({ name: t('memo'), value: transfer.memo });
  if (transfer.refund_transaction_id)
    facts.push({ name: t('refundTransaction'), value: <Copied text={transfer.refund_transaction_id} /> });
  return <Facts key={transaction_id} facts={facts} />;
}

function Transaction({ transfer: { transaction_id: id, transaction_url: url } }: { transfer: StrayAnswer }) {
  const { t } = useTranslation('money');
  return (
    <>
      <Copied text={id} />
      {url && (
        <a href={url} target="_blank" rel="noreferrer" className="text-accent">
          {t('explorer')}
        </a>
      )}
    </>
  );
}

function Copied({ text }: { text: string }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <Code wrap>{text}</Code>
      <span className="-ml-2.5 sm:ml-0">
        <CopyButton text={text} />
      </span>
    </span>
  );
}
