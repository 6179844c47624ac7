/** What a person may do to an invoice: give it up, or say that it was paid. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConfirmAnswer, ConfirmBody } from '../../../../server/src/http/dashboard-api/invoice-acts.ts';
import type { InvoiceAnswer } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';

const OPEN = ['awaiting_method', 'new'];
const UNPAID = [...OPEN, 'confirming', 'expired', 'cancelled'];

export function InvoiceActs({ invoice }: { invoice: InvoiceAnswer }) {
  const { may } = useSession();
  const { status } = invoice;
  return (
    <>
      {may('invoices.cancel') && OPEN.includes(status) && <Cancel invoice={invoice} />}
      {may('invoices.confirm') && <ConfirmPayment invoice={invoice} isOffered={UNPAID.includes(status)} />}
    </>
  );
}

function usePath({ id }: InvoiceAnswer): string {
  return `users/${useAccount().user_id}/invoices/${id}`;
}

function Cancel({ invoice }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('invoice');
  const [open, setOpen] = useState(false);
  const path = usePath(invoice);
  const act = useAct(() => ask('POST', `${path}/cancel`), {
    refresh: [['invoice'], ['invoices'], ['webhooks']],
    onDone: () => setOpen(false),
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('cancelInvoice')}</Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={t('cancelInvoice')}
        lead={t('cancelLead')}
        act={t('cancelInvoice')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}

/** The window stays when the invoice has turned paid, to tell whether the transaction was seen. */
function ConfirmPayment({ invoice, isOffered }: { invoice: InvoiceAnswer; isOffered: boolean }) {
  const { t } = useTranslation('invoice');
  const [open, setOpen] = useState(false);
  const lead = `${t('confirmLead')} ${invoice.verified_only ? t('confirmVerifiedOnly') : ''}`;
  return (
    <>
      {isOffered && <Button onClick={() => setOpen(true)}>{t('confirm')}</Button>}
      <Dialog open={open} onOpenChange={setOpen} title={t('confirm')} lead={lead}>
        <ConfirmForm path={usePath(invoice)} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ConfirmForm({ path, onClose }: { path: string; onClose: () => void }) {
  const { t } = useTranslation('invoice');
  const act = useAct((body: ConfirmBody) => ask<ConfirmAnswer>('POST', `${path}/confirm`, { body }), {
    refresh: [['invoice'], ['invoices'], ['webhooks'], ['tasks'], ['overview']],
  });
  const fields = fieldsOf(act.error);
  if (act.data) return <Confirmed verified={act.data.verified} onClose={onClose} />;
  return (
    <form
      className="grid gap-4"
      onSubmit={event => {
        event.preventDefault();
        const value = fieldsIn(event.currentTarget);
        act.mutate({ transaction_id: value('transaction_id'), reason: value('reason') });
      }}
    >
      <TextField
        name="transaction_id"
        label={t('transactionId')}
        error={fields.transaction_id}
        className="font-mono"
        autoComplete="off"
        spellCheck={false}
        required
      />
      <TextField
        name="reason"
        label={t('reason')}
        hint={t('reasonHint')}
        error={fields.reason}
        maxLength={500}
        required
      />
      {Object.keys(fields).length === 0 && <Refused error={act.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t('common:cancel')}</Button>
        <Button type="submit" tone="strong" busy={act.isPending}>
          {t('confirmAct')}
        </Button>
      </div>
    </form>
  );
}

function Confirmed({ verified, onClose }: { verified: boolean; onClose: () => void }) {
  const { t } = useTranslation('invoice');
  return (
    <div className="grid gap-4">
      <Notice tone={verified ? 'good' : 'warn'}>{t(verified ? 'verified' : 'unverified')}</Notice>
      <Button className="justify-self-end" onClick={onClose}>
        {t('common:close')}
      </Button>
    </div>
  );
}
