/** Asking for a letter with a link. The answer is the same for every address, so it tells nothing about who is here. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LetterBody } from '../../../../server/src/http/dashboard-api/password.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { shortOf } from '../../session/language-of.ts';
import { fieldsOf } from '../../session/use-act.ts';

export function LetterForm({ path }: { path: 'register' | 'password-reset' }) {
  const { t, i18n } = useTranslation('session');
  const act = useMutation({ mutationFn: (body: LetterBody) => ask('POST', path, { body }) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ email: fieldsIn(event.currentTarget)('email').trim(), language: shortOf(i18n.language) });
  };
  if (act.isSuccess) return <Notice tone="good">{t('letterSent')}</Notice>;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t('email')}
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus
        error={fieldsOf(act.error).email}
      />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('register')}
      </Button>
    </form>
  );
}
