/** /sign-in: where everybody who is not signed in is sent; `next` in the address says where to go afterwards. */
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Outside } from '../../layout/outside.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useEnter } from '../../session/enter.ts';
import { welcomeQuery } from '../../session/session-query.ts';
import { SignInForm } from '../../session/sign-in-form.tsx';

export function SignIn() {
  const { t } = useTranslation('session');
  const { next } = useSearch({ from: '/sign-in' });
  const enter = useEnter(next);
  const { data: welcome } = useQuery(welcomeQuery);
  return (
    <Outside
      title={t('signInTitle')}
      below={
        <>
          <Link to="/forgot" className="py-1 text-accent">
            {t('forgot')}
          </Link>
          {welcome?.registration === 'open' && (
            <Link to="/register" className="py-1 text-accent">
              {t('noAccount')}
            </Link>
          )}
        </>
      }
    >
      {welcome?.set_up ? (
        <Notice tone="calm">{t('waitsForFirst')}</Notice>
      ) : (
        <SignInForm passkeys={welcome?.passkeys ?? true} autofill onDone={() => void enter()} />
      )}
    </Outside>
  );
}
