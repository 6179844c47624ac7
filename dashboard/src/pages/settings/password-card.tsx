/** Choosing another password; who it is has been proved before, so the old one is not asked for again. */
import { type FormEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PasswordBody } from '../../../../server/src/http/dashboard-api/password.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { NewPasswordField } from '../../session/password-field.tsx';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';

export function PasswordCard() {
  const { t } = useTranslation('settings');
  const { person } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const act = useAct((body: PasswordBody) => ask('POST', 'password', { body }), {
    refresh: [['sessions']],
    onDone: () => form.current?.reset(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ password: fieldsIn(event.currentTarget)('password') });
  };
  return (
    <Card title={t('passwordTitle')}>
      <form ref={form} onSubmit={submit} className="grid gap-4">
        <input type="hidden" autoComplete="username" value={person.email} readOnly />
        <NewPasswordField label={t('newPassword')} error={fieldsOf(act.error).password} />
        <Refused error={act.error} />
        {act.isSuccess && <Notice tone="good">{t('passwordChanged')}</Notice>}
        <div>
          <Button type="submit" busy={act.isPending}>
            {t('changePassword')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
