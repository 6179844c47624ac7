/** /reset-password#token: choosing a new password by the link of a letter. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResetBody } from '../../../../server/src/http/dashboard-api/password.ts';
import { Outside } from '../../layout/outside.tsx';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { dropLinkToken, useLinkToken } from '../../session/link-token.ts';
import { NewPasswordField } from '../../session/password-field.tsx';
import { fieldsOf } from '../../session/use-act.ts';
import { ToSignIn } from './to-sign-in.tsx';

export function ResetPassword() {
  const { t } = useTranslation('session');
  const token = useLinkToken();
  const act = useMutation({
    mutationFn: (body: ResetBody) => ask('POST', 'password-reset/confirm', { body }),
    onSuccess: dropLinkToken,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ token, password: fieldsIn(event.currentTarget)('password') });
  };
  const form = (
    <form onSubmit={submit} className="grid gap-4">
      <NewPasswordField label={t('newPassword')} error={fieldsOf(act.error).password} />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('prove')}
      </Button>
    </form>
  );
  return (
    <Outside title={t('resetTitle')} below={<ToSignIn />}>
      {act.isSuccess && <Notice tone="good">{t('resetDone')}</Notice>}
      {!act.isSuccess && (token === '' ? <Notice tone="warn">{t('linkMissing')}</Notice> : form)}
    </Outside>
  );
}
