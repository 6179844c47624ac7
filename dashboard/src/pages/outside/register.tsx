/** /register: an account by oneself, where the operator has opened that. The link that is sent proves the mailbox. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Outside } from '../../layout/outside.tsx';
import { Answered } from '../../lib/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { welcomeQuery } from '../../session/session-query.ts';
import { LetterForm } from './letter-form.tsx';
import { ToSignIn } from './to-sign-in.tsx';

export function Register() {
  const { t } = useTranslation('session');
  const welcome = useQuery(welcomeQuery);
  return (
    <Outside title={t('registerTitle')} lead={t('registerLead')} below={<ToSignIn />}>
      <Answered query={welcome}>
        {({ registration, mail }) =>
          registration === 'open' && mail ? (
            <LetterForm path="register" />
          ) : (
            <Notice tone="calm">{t('registerClosed')}</Notice>
          )
        }
      </Answered>
    </Outside>
  );
}
