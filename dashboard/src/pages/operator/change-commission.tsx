/** What one account is charged. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  AccountsAnswer,
  CommissionBody,
} from '../../../../server/src/http/dashboard-api/operator-accounts.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';

export function ChangeCommission({ account }: { account: AccountsAnswer['accounts'][number] }) {
  const { t } = useTranslation('operator');
  const [open, setOpen] = useState(false);
  const act = useAct((body: CommissionBody) => ask('PUT', `operator/accounts/${account.id}`, { body }), {
    refresh: [['operator', 'accounts']],
    onDone: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ commission: fieldsIn(event.currentTarget)('commission').trim() || 'default' });
  };
  return (
    <>
      <Button small aria-label={`${t('change')}: ${account.email}`} onClick={() => setOpen(true)}>
        {t('change')}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t('commissionTitle', { email: account.email })}
        lead={t('commissionLead')}
      >
        <form onSubmit={submit} className="grid gap-4">
          <TextField
            label={t('commissionField')}
            hint={t('commissionHint')}
            name="commission"
            inputMode="decimal"
            autoComplete="off"
            autoFocus
            defaultValue={account.commission_percent ?? ''}
            error={fieldsOf(act.error).commission}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('common:save')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
