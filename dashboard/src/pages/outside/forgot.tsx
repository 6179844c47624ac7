/** /forgot: a link for a new password. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Outside } from '../../layout/outside.tsx';
import { Answered } from '../../lib/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { welcomeQuery } from '../../session/session-query.ts';
import { LetterForm } from './letter-form.tsx';
import { ToSignIn } from './to-sign-in.tsx';

export function Forgot() {
  const { t } = useTranslation('session');
  const welcome = useQuery(welcomeQuery);
  return (
    <Outside title={t('forgotTitle')} lead={t('forgotLead')} below={<ToSignIn />}>
      <Answered query={welcome}>
        {({ mail }) =>
          mail ? <LetterForm path="password-reset" /> : <Notice tone="calm">{t('noMail')}</Notice>
        }
      </Answered>
    </Outside>
  );
}
