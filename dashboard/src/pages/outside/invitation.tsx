/** /invitation#token: joining a team, or having an account of one's own; as somebody new, or as who is signed in. */
import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  InvitationAnswer,
  NewMemberBody,
} from '../../../../server/src/http/dashboard-api/invitations.ts';
import { Outside } from '../../layout/outside.tsx';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useEnter } from '../../session/enter.ts';
import { fieldsIn } from '../../session/form-values.ts';
import { shortOf } from '../../session/language-of.ts';
import { dropLinkToken, useLinkToken } from '../../session/link-token.ts';
import { NewPasswordField } from '../../session/password-field.tsx';
import { sessionQuery } from '../../session/session-query.ts';
import { fieldsOf } from '../../session/use-act.ts';
import { ToSignIn } from './to-sign-in.tsx';

export function Invitation() {
  const { t } = useTranslation('session');
  const token = useLinkToken();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => ask<InvitationAnswer>('POST', 'invitations/look-up', { body: { token } }),
    enabled: token !== '',
  });
  const session = useQuery(sessionQuery);
  const isMe = session.data?.person.email.toLowerCase() === invitation.data?.email.toLowerCase();
  return (
    <Outside title={t('invitationTitle')} lead={invitation.data && <Terms {...invitation.data} />}>
      {token === '' && <Notice tone="warn">{t('linkMissing')}</Notice>}
      <Refused error={invitation.error} />
      {invitation.data && !session.isPending && (
        <div className="grid gap-5">
          {session.data ? (
            <AsMyself token={token} isMe={isMe} />
          ) : (
            <AsNewPerson token={token} email={invitation.data.email} />
          )}
        </div>
      )}
    </Outside>
  );
}

function Terms({ account, role, email }: InvitationAnswer) {
  const { t } = useTranslation('session');
  return (
    <>
      {account === null ? t('invitationOwn') : t('invitationTo', { account, role: t(`role_${role}`) })}{' '}
      {t('invitationFor', { email })}
    </>
  );
}

/** The token is of no use any more, and the list of accounts is another one. */
function useJoin<Body>(path: string): UseMutationResult<unknown, Error, Body> {
  const enter = useEnter('/');
  return useMutation({
    mutationFn: (body: Body) => ask('POST', path, { body }),
    onSuccess: () => {
      dropLinkToken();
      void enter();
    },
  });
}

function AsMyself({ token, isMe }: { token: string; isMe: boolean }) {
  const { t } = useTranslation('session');
  const act = useJoin<{ token: string }>('invitations/accept');
  if (!isMe)
    return (
      <>
        <Notice tone="warn">{t('refusals:for_somebody_else')}</Notice>
        <ToSignIn next="/invitation" />
      </>
    );
  return (
    <>
      <Refused error={act.error} />
      <Button tone="strong" busy={act.isPending} onClick={() => act.mutate({ token })}>
        {t('accept')}
      </Button>
    </>
  );
}

function AsNewPerson({ token, email }: { token: string; email: string }) {
  const { t, i18n } = useTranslation('session');
  const act = useJoin<NewMemberBody>('invitations/register');
  const faults = fieldsOf(act.error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    const [name, password] = [value('name'), value('password')];
    act.mutate({ token, name, password, language: shortOf(i18n.language) });
  };
  return (
    <>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t('email')} type="email" autoComplete="username" value={email} readOnly />
        <TextField
          label={t('name')}
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          autoFocus
          error={faults.name}
        />
        <NewPasswordField label={t('password')} error={faults.password} />
        <Refused error={act.error} />
        <Button type="submit" tone="strong" busy={act.isPending}>
          {t('join')}
        </Button>
      </form>
      <p className="text-sm text-muted">
        {t('haveAccountAlready', { email })} <ToSignIn next="/invitation" />
      </p>
    </>
  );
}
