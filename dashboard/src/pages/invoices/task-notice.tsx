/** What waits for somebody about an invoice, what to do about it, and saying that this is done. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvoiceAnswer } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import type { CloseTaskBody } from '../../../../server/src/http/dashboard-api/tasks.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useTaskTitle } from '../../parts/task-title.ts';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';

export function TaskNotice({ invoice: { id, task } }: { invoice: InvoiceAnswer }) {
  const { t } = useTranslation('tasks');
  const { may } = useSession();
  const title = useTaskTitle();
  if (!task) return null;
  return (
    <Notice tone="warn">
      <p className="font-semibold">{title(task.kind)}</p>
      <p>{t(`todo_${task.kind}`)}</p>
      <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
        {task.kind === 'rest_missing' && (
          <Link
            to="/invoices/$id"
            params={{ id: String(id) }}
            search={{ tab: 'transfers' }}
            className={buttonClass('plain')}
          >
            {t('parts')}
          </Link>
        )}
        {task.closable && may('invoices.confirm') && <Close id={id} />}
      </div>
    </Notice>
  );
}

function Close({ id }: { id: number }) {
  const { t } = useTranslation('tasks');
  const { user_id } = useAccount();
  const [open, setOpen] = useState(false);
  const act = useAct(
    (body: CloseTaskBody) => ask('POST', `users/${user_id}/invoices/${id}/resolve`, { body }),
    { refresh: [['invoice'], ['tasks'], ['overview']], onDone: () => setOpen(false) },
  );
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('close')}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('close')} lead={t('closeLead')}>
        <form
          className="grid gap-4"
          onSubmit={event => {
            event.preventDefault();
            act.mutate({ note: fieldsIn(event.currentTarget)('note') });
          }}
        >
          <TextField
            name="note"
            label={t('note')}
            hint={t('noteHint')}
            maxLength={500}
            autoComplete="off"
            error={fieldsOf(act.error).note}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('close')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
