/** /setup#token: the first person of an installation. */
import { useMutation, useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { SetUpBody } from '../../../../server/src/http/dashboard-api/set-up.ts';
import { Outside } from '../../layout/outside.tsx';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useEnter } from '../../session/enter.ts';
import { fieldsIn } from '../../session/form-values.ts';
import { shortOf } from '../../session/language-of.ts';
import { dropLinkToken, useLinkToken } from '../../session/link-token.ts';
import { NewPasswordField } from '../../session/password-field.tsx';
import { welcomeQuery } from '../../session/session-query.ts';
import { fieldsOf } from '../../session/use-act.ts';
import { ToSignIn } from './to-sign-in.tsx';

export function SetUp() {
  const { t } = useTranslation('session');
  const welcome = useQuery(welcomeQuery);
  const token = useLinkToken();
  return (
    <Outside title={t('setUpTitle')} lead={welcome.data?.set_up ? t('setUpLead') : ''}>
      <Answered query={welcome}>
        {({ set_up }) => {
          if (!set_up)
            return (
              <div className="grid gap-4">
                <Notice tone="calm">{t('setUpOver')}</Notice>
                <ToSignIn />
              </div>
            );
          return token === '' ? <Notice tone="warn">{t('linkMissing')}</Notice> : <Form token={token} />;
        }}
      </Answered>
    </Outside>
  );
}

function Form({ token }: { token: string }) {
  const { t, i18n } = useTranslation('session');
  const enter = useEnter('/');
  const act = useMutation({
    mutationFn: (body: SetUpBody) => ask('POST', 'set-up', { body }),
    onSuccess: () => {
      dropLinkToken();
      void enter();
    },
  });
  const faults = fieldsOf(act.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    const [email, name, password] = [value('email').trim(), value('name'), value('password')];
    act.mutate({ token, email, name, password, language: shortOf(i18n.language) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t('email')}
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus
        error={faults.email}
      />
      <TextField
        label={t('name')}
        name="name"
        autoComplete="name"
        required
        maxLength={100}
        error={faults.name}
      />
      <NewPasswordField label={t('password')} error={faults.password} />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('setUp')}
      </Button>
    </form>
  );
}
