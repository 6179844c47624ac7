/** /team: who works on the account. Who may not change anything here still sees the others. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TeamAnswer } from '../../../../server/src/http/dashboard-api/team.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { Invitations } from './invitations.tsx';
import { InvitePerson } from './invite-person.tsx';
import { Members } from './members.tsx';
import { roles } from './roles.ts';

export function Team() {
  const { t } = useTranslation('team');
  const { may } = useSession();
  const { user_id: userId, email: account } = useAccount();
  const query = useQuery({
    queryKey: ['team', userId],
    queryFn: ({ signal }) => ask<TeamAnswer>('GET', `users/${userId}/team`, { signal }),
    enabled: may('team.read'),
  });
  if (!may('team.read'))
    return (
      <Page title={t('places:team')}>
        <Notice tone="calm">{t('refusals:forbidden')}</Notice>
      </Page>
    );
  const path = `users/${userId}/invitations`;
  return (
    <Page
      title={t('places:team')}
      lead={t('lead', { account })}
      actions={may('team.edit') && <InvitePerson path={path} withRole />}
    >
      <Card title={t('members')}>
        <Answered query={query}>{({ members }) => <Members members={members} />}</Answered>
      </Card>
      <Card title={t('pending')}>
        <Invitations path={path} mayTakeBack={may('team.edit')} />
      </Card>
      <Card title={t('rolesTitle')}>
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr]">
          {roles.map(role => (
            <div key={role} className="contents">
              <dt className="font-medium">{t(`session:role_${role}`)}</dt>
              <dd className="mb-2 text-muted sm:mb-0">{t(`does_${role}`)}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </Page>
  );
}
