/** A rate of the operator's own, and what is put on top of it. */
import type { QueryKey } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  CurrenciesAnswer,
  CurrencyBody,
} from '../../../../server/src/http/dashboard-api/operator-currencies.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';

type Props = { currency: CurrenciesAnswer['currencies'][number]; refresh: QueryKey };

export function CurrencySettings({ currency, refresh }: Props) {
  const { t } = useTranslation('operator');
  const [open, setOpen] = useState(false);
  const { code, pinned_rate: pinned, spread } = currency;
  const act = useAct((body: CurrencyBody) => ask('PATCH', `operator/currencies/${code}`, { body }), {
    refresh: [refresh],
    onDone: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ pinned_rate: value('pinned').trim() || null, spread: value('spread').trim() || '0' });
  };
  const faults = fieldsOf(act.error);
  return (
    <>
      <Button small aria-label={`${t('change')}: ${code}`} onClick={() => setOpen(true)}>
        {t('change')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('currencyTitle', { code })}>
        <form onSubmit={submit} className="grid gap-4">
          <TextField
            label={`${t('pinned')}: ${t('rate')}`}
            hint={t('pinHint')}
            name="pinned"
            inputMode="decimal"
            autoComplete="off"
            defaultValue={pinned ?? ''}
            error={faults.pinned_rate}
          />
          <TextField
            label={t('spread')}
            hint={t('spreadHint')}
            name="spread"
            inputMode="decimal"
            autoComplete="off"
            defaultValue={spread}
            error={faults.spread}
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
