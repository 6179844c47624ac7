/** What an invoice asks, and what it was paid by. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvoiceAnswer } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import { classNames } from '../../lib/class-names.ts';
import { buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { trimmed } from './amounts.ts';

export function Facts({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  const { final, coin, network, page_url } = invoice;
  return (
    <Card>
      <div className="flex flex-wrap items-end justify-between gap-3 border-b border-line pb-4">
        <div>
          <p className="text-sm text-muted">{t('due')}</p>
          <p className="text-3xl font-bold tracking-tight tabular-nums">
            {final} <span className="text-lg font-semibold text-muted">{coin ?? 'USD'}</span>
          </p>
          {network && <p className="text-muted">{network}</p>}
        </div>
        {page_url && (
          <div className="flex flex-wrap items-center gap-1">
            <CopyButton text={page_url} label={t('copyPage')} />
            <a href={page_url} target="_blank" rel="noreferrer" className={buttonClass('plain', true)}>
              {t('openPage')} ↗
            </a>
          </div>
        )}
      </div>
      <dl className="mt-4 grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <Prices invoice={invoice} />
        <Payment invoice={invoice} />
      </dl>
    </Card>
  );
}

function Prices({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  const { source_amount, source_currency, rate, commission_percent } = invoice;
  return (
    <>
      <Fact name={t('invoices:reference')}>
        <Code wrap>{invoice.client_reference_id}</Code>
      </Fact>
      <Fact name={t('invoices:merchant')}>{invoice.merchant_name}</Fact>
      <Fact name={t('requested')}>{trimmed(invoice.requested)} USD</Fact>
      {source_currency && (
        <Fact name={t('source')}>
          {trimmed(source_amount)} {source_currency}{' '}
          <span className="text-muted">({t('rate', { rate, currency: source_currency })})</span>
        </Fact>
      )}
      {Number(commission_percent) > 0 && <Fact name={t('commission')}>{trimmed(commission_percent)} %</Fact>}
      {invoice.description && <Fact name={t('description')}>{invoice.description}</Fact>}
      {invoice.metadata && (
        <Fact name={t('metadata')}>
          <Code wrap>{invoice.metadata}</Code>
        </Fact>
      )}
    </>
  );
}

function Payment({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  return (
    <>
      <Fact name={t('expires')}>
        <Moment at={invoice.expire_at} />
      </Fact>
      {invoice.paid_at !== null && (
        <Fact name={t('paid')}>
          <Moment at={invoice.paid_at} />
        </Fact>
      )}
      <Received invoice={invoice} />
      {invoice.wallet && (
        <Fact name={t('wallet')}>
          <Traced text={invoice.wallet} url={invoice.wallet_url} />
        </Fact>
      )}
      {invoice.payer_wallet && (
        <Fact name={t('payer')}>
          <Code wrap>{invoice.payer_wallet}</Code>
        </Fact>
      )}
      {invoice.transaction_id && (
        <Fact name={t('transaction')} wide>
          <Traced text={invoice.transaction_id} url={invoice.transaction_url} />
        </Fact>
      )}
    </>
  );
}

/** What has come in parts, and what is still due. */
function Received({ invoice: { received, coin } }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  if (!received) return null;
  const { sum, rest } = received;
  return (
    <Fact name={t('received')}>
      {sum} {coin}{' '}
      <span className={rest === null ? 'text-warn' : 'text-muted'}>
        ({rest === null ? t('restReview') : t('restDue', { amount: rest, coin })})
      </span>
    </Fact>
  );
}

/** With its place in a public explorer, where there is one. */
export function Traced({ text, url }: { text: string; url: string | null }) {
  const { t } = useTranslation('invoice');
  return (
    <>
      <Code wrap>{text}</Code>
      {url && (
        <a href={url} target="_blank" rel="noreferrer" className="ml-2 text-accent">
          {t('explorer')} ↗
        </a>
      )}
    </>
  );
}

type FactProps = { name: string; wide?: boolean; children: ReactNode };

function Fact({ name, wide = false, children }: FactProps) {
  return (
    <div className={classNames('min-w-0', wide && 'sm:col-span-2')}>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
