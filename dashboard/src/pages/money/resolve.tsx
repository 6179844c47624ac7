/** For a transfer that pays no invoice: saying that it was given back, or that nothing is to be done about it. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResolveBody, StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useAccount } from '../../session/use-session.ts';

type Resolution = ResolveBody['resolution'];

export function Resolve({ transfer }: { transfer: StrayAnswer }) {
  const { t } = useTranslation('money');
  const [resolution, setResolution] = useState<Resolution | null>(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setResolution('refunded')}>{t('refund')}</Button>
      <Button onClick={() => setResolution('dismissed')}>{t('dismiss')}</Button>
      <Dialog
        open={resolution !== null}
        onOpenChange={open => !open && setResolution(null)}
        title={t(resolution === 'refunded' ? 'refundTitle' : 'dismissTitle')}
        lead={t(resolution === 'refunded' ? 'refundLead' : 'dismissLead')}
      >
        {resolution && (
          <Form transfer={transfer} resolution={resolution} onDone={() => setResolution(null)} />
        )}
      </Dialog>
    </div>
  );
}

type Props = { transfer: StrayAnswer; resolution: Resolution; onDone: () => void };

function Form({ transfer, resolution, onDone }: Props) {
  const { t } = useTranslation('money');
  const { user_id } = useAccount();
  const act = useAct(
    (body: ResolveBody) => ask('POST', `users/${user_id}/money/${transfer.id}/resolve`, { body }),
    { refresh: [['money', user_id], ['tasks'], ['overview'], ['invoice'], ['invoices']], onDone },
  );
  const faults = fieldsOf(act.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ resolution, memo: value('memo'), refund_transaction_id: value('refund') });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {resolution === 'refunded' && (
        <TextField
          label={t('refundTransaction')}
          hint={t('refundHint')}
          name="refund"
          maxLength={200}
          autoComplete="off"
          error={faults.refund_transaction_id}
        />
      )}
      <TextField label={t('memo')} name="memo" maxLength={500} autoComplete="off" error={faults.memo} />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t(resolution === 'refunded' ? 'refund' : 'dismiss')}
      </Button>
    </form>
  );
}
