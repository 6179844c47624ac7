/** What stands first: how business goes, and what needs somebody. */
import { useTranslation } from 'react-i18next';
import { Page } from '../layout/page.tsx';

export function Home() {
  const { t } = useTranslation();
  return <Page title={t('places:home')}>{t('nothing')}</Page>;
}
