/** A new payment link; it never changes, so what it says is asked for once. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkAnswer, LinkBody } from '../../../../server/src/http/dashboard-api/links.ts';
import type { MerchantsAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { pathOf, placesQuery } from '../merchants/queries.ts';

type Props = { userId: number; merchants: MerchantsAnswer['merchants'] };

export function AddLink(props: Props) {
  const { t } = useTranslation('links');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button tone="strong" onClick={() => setOpen(true)}>
        {t('add')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('add')}>
        <Form {...props} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

type Asked = { merchantId: number; body: LinkBody };

function Form({ userId, merchants, onDone }: Props & { onDone: () => void }) {
  const { t } = useTranslation('links');
  const act = useAct(
    ({ merchantId, body }: Asked) =>
      ask<LinkAnswer>('POST', `${pathOf({ userId, merchantId })}/links`, { body }),
    { refresh: [['links', userId]], onDone },
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ merchantId: Number(value('merchant')), body: bodyOf(value) });
  };
  const faults = fieldsOf(act.error);
  return (
    <form onSubmit={submit} className="grid gap-4">
      <SelectField label={t('merchant')} name="merchant">
        {merchants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t('description')}
        name="description"
        required
        maxLength={100}
        error={faults.description}
      />
      <Price faults={faults} />
      <TextField
        label={t('maxUses')}
        hint={t('maxUsesHint')}
        name="max_uses"
        type="number"
        min={1}
        error={faults.max_uses}
      />
      <TextField
        label={t('expires')}
        hint={t('expiresHint')}
        name="expires_at"
        type="datetime-local"
        error={faults.expires_at}
      />
      <TextField label={t('backUrl')} name="back_url" type="url" error={faults.back_url} />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('add')}
      </Button>
    </form>
  );
}

function Price({ faults }: { faults: Record<string, string> }) {
  const { t } = useTranslation('links');
  const { data } = useQuery(placesQuery);
  return (
    <div className="grid grid-cols-2 items-start gap-3">
      <TextField
        label={t('amount')}
        name="amount"
        inputMode="decimal"
        required
        autoComplete="off"
        error={faults.amount}
      />
      <SelectField label={t('currency')} name="currency" error={faults.currency}>
        {(data?.currencies ?? ['USD']).map(code => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
    </div>
  );
}

function bodyOf(value: (name: string) => string): LinkBody {
  const [uses, until] = [value('max_uses'), value('expires_at')];
  return {
    amount: value('amount').trim(),
    currency: value('currency'),
    description: value('description'),
    back_url: value('back_url') || null,
    max_uses: uses === '' ? null : Number(uses),
    // The person's own time, as the field shows it.
    expires_at: until === '' ? null : new Date(until).getTime(),
  };
}
