/** /audit: the audit log of the account. What to look for stands in the address. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../layout/page.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { AuditLog } from './audit-log.tsx';

export function Audit() {
  const { t } = useTranslation('team');
  const { may } = useSession();
  const { user_id: userId } = useAccount();
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate();
  return (
    <Page title={t('places:audit')} lead={t('auditLead')}>
      {may('audit.read') ? (
        <AuditLog
          path={`users/${userId}/audit-log`}
          search={search}
          onSearch={next => void navigate({ to: '/audit', search: next })}
        />
      ) : (
        <Notice tone="calm">{t('refusals:forbidden')}</Notice>
      )}
    </Page>
  );
}
