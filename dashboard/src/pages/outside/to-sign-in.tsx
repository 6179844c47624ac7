/** The way from the other pages outside to the sign-in. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

export function ToSignIn({ next }: { next?: string }) {
  const { t } = useTranslation('session');
  return (
    <Link to="/sign-in" search={next === undefined ? {} : { next }} className="py-1 text-accent">
      {t('hasAccount')}
    </Link>
  );
}
