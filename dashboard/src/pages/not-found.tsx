/** An address without a page. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../layout/page.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="p-6">
      <Page title={t('notFound')}>
        <p>
          <Link to="/" className="text-accent">
            {t('toHome')}
          </Link>
        </p>
      </Page>
    </div>
  );
}
