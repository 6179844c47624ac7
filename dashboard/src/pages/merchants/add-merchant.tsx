/** A new merchant; its secrets are shown when it is made, and never again. */
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  NewMerchantAnswer,
  NewMerchantBody,
} from '../../../../server/src/http/dashboard-api/merchants.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { merchantsQuery } from './queries.ts';
import { Secrets } from './secrets.tsx';

export function AddMerchant({ userId }: { userId: number }) {
  const { t } = useTranslation('merchants');
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<NewMerchantAnswer | null>(null);
  const done = (answer: NewMerchantAnswer) => {
    setOpen(false);
    setMade(answer);
  };
  const leave = () => {
    if (made) void navigate({ to: '/merchants/$merchantId', params: { merchantId: String(made.id) } });
    setMade(null);
  };
  return (
    <>
      <Button tone="strong" onClick={() => setOpen(true)}>
        {t('add')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('add')}>
        <Form userId={userId} onDone={done} />
      </Dialog>
      <Secrets
        secrets={
          made && [
            [t('publicKey'), made.public_key],
            [t('privateKey'), made.private_key],
            [t('webhookSecret'), made.webhook_secret],
          ]
        }
        onClose={leave}
      />
    </>
  );
}

function Form({ userId, onDone }: { userId: number; onDone: (answer: NewMerchantAnswer) => void }) {
  const { t } = useTranslation('merchants');
  const act = useAct(
    (body: NewMerchantBody) => ask<NewMerchantAnswer>('POST', `users/${userId}/merchants`, { body }),
    { refresh: [merchantsQuery(userId).queryKey, ['overview', userId]], onDone },
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ name: value('name'), url: value('url'), webhook_url: value('webhook_url') || null });
  };
  const faults = fieldsOf(act.error);
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t('name')}
        hint={t('nameHint')}
        name="name"
        required
        maxLength={100}
        error={faults.name}
      />
      <TextField
        label={t('url')}
        name="url"
        type="url"
        required
        placeholder="https://shop.example"
        error={faults.url}
      />
      <TextField
        label={t('webhookUrl')}
        hint={t('webhookHint')}
        name="webhook_url"
        type="url"
        error={faults.webhook_url}
      />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('add')}
      </Button>
    </form>
  );
}
