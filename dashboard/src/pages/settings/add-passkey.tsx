/** One more passkey, under a name that tells it from the others. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { addPasskey } from '../../session/passkey.ts';
import { sessionQuery } from '../../session/session-query.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

export function AddPasskey() {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const act = useAct(addPasskey, {
    refresh: [['passkeys'], sessionQuery.queryKey],
    onDone: answer => {
      setOpen(false);
      setCodes(answer.recovery_codes);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate(fieldsIn(event.currentTarget)('name'));
  };
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('passkeyAdd')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('passkeyAdd')} lead={t('passkeysLead')}>
        <form onSubmit={submit} className="grid gap-4">
          <TextField
            label={t('passkeyName')}
            name="name"
            placeholder={t('passkeyNameExample')}
            required
            maxLength={100}
            autoFocus
            autoComplete="off"
            error={fieldsOf(act.error).name}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('passkeyAdd')}
          </Button>
        </form>
      </Dialog>
      <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />
    </>
  );
}
