/** /operator: the installation as a whole, for who runs it. Which part is looked at stands in the address. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../layout/page.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Tabs, tabClass } from '../../parts/tabs.tsx';
import { useSession } from '../../session/use-session.ts';
import { AuditLog } from '../team/audit-log.tsx';
import { InvitePerson } from '../team/invite-person.tsx';
import { Accounts } from './accounts.tsx';
import { Currencies } from './currencies.tsx';
import { Health } from './health.tsx';
import { Networks } from './networks.tsx';
import { parts } from './operator-search.ts';

export function Operator() {
  const { t } = useTranslation('operator');
  const { isOperator } = useSession();
  const { part = 'health' } = useSearch({ from: '/inside/operator' });
  if (!isOperator)
    return (
      <Page title={t('places:operator')}>
        <Notice tone="calm">{t('notOperator')}</Notice>
      </Page>
    );
  return (
    <Page
      title={t('places:operator')}
      lead={t('lead')}
      actions={part === 'accounts' && <InvitePerson path="operator/invitations" />}
    >
      <Tabs label={t('places:operator')} current={part}>
        {parts.map(one => (
          <Link
            key={one}
            to="/operator"
            search={{ part: one }}
            {...(one === part && { 'aria-current': 'page' })}
            className={tabClass}
          >
            {t(one)}
          </Link>
        ))}
      </Tabs>
      {part === 'health' && <Health />}
      {part === 'accounts' && <Accounts />}
      {part === 'networks' && <Networks />}
      {part === 'currencies' && <Currencies />}
      {part === 'log' && <Log />}
    </Page>
  );
}

function Log() {
  const { part, text: _, ...search } = useSearch({ from: '/inside/operator' });
  const navigate = useNavigate();
  return (
    <AuditLog
      path="operator/audit-log"
      search={search}
      onSearch={next => void navigate({ to: '/operator', search: { ...next, part: part ?? 'log' } })}
    />
  );
}
