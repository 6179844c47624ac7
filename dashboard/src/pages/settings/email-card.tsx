/** One's e-mail address, and changing it: nothing changes before the link in the letter to the new one is opened. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmailAnswer, EmailBody } from '../../../../server/src/http/dashboard-api/email.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';

const KEY = ['email'];

export function EmailCard({ hasLetters }: { hasLetters: boolean }) {
  const { t } = useTranslation('notices');
  const { person } = useSession();
  return (
    <Card title={t('emailTitle')}>
      <div className="grid gap-4">
        <p>
          <span className="font-medium break-all">{person.email}</span>
          <span className="mt-1 block text-sm text-muted">{t('emailLead')}</span>
        </p>
        {hasLetters ? <Change /> : <p className="text-muted">{t('emailNoLetters')}</p>}
      </div>
    </Card>
  );
}

function Change() {
  const { t } = useTranslation('notices');
  const form = useRef<HTMLFormElement>(null);
  const waiting = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<EmailAnswer>('GET', 'email', { signal }),
  });
  const act = useAct((body: EmailBody) => ask('POST', 'email', { body }), {
    refresh: [KEY],
    onDone: () => form.current?.reset(),
  });
  const forget = useAct(() => ask('DELETE', 'email'), { refresh: [KEY], onDone: () => act.reset() });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ email: fieldsIn(event.currentTarget)('email').trim() });
  };
  return (
    <form ref={form} onSubmit={submit} className="grid gap-4">
      {waiting.data?.waiting && (
        <div className="flex flex-wrap items-center gap-3">
          <p className="grow break-words">{t('emailWaiting', { email: waiting.data.waiting })}</p>
          <Button small busy={forget.isPending} onClick={() => forget.mutate()}>
            {t('emailForget')}
          </Button>
        </div>
      )}
      <TextField
        label={t('newEmail')}
        name="email"
        type="email"
        autoComplete="off"
        required
        maxLength={254}
        error={fieldsOf(act.error).email}
      />
      <Refused error={act.error ?? forget.error} />
      {act.isSuccess && <Notice tone="good">{t('emailAsked')}</Notice>}
      <div>
        <Button type="submit" busy={act.isPending}>
          {t('emailAsk')}
        </Button>
      </div>
    </form>
  );
}
