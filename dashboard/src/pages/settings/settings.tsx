/** /settings: what belongs to the person alone, whatever account they look at. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Page } from '../../layout/page.tsx';
import { welcomeQuery } from '../../session/session-query.ts';
import { EmailCard } from './email-card.tsx';
import { NoticesCard } from './notices-card.tsx';
import { PasskeysCard } from './passkeys-card.tsx';
import { PasswordCard } from './password-card.tsx';
import { ProfileCard } from './profile-card.tsx';
import { RecoveryCard } from './recovery-card.tsx';
import { SessionsCard } from './sessions-card.tsx';
import { TotpCard } from './totp-card.tsx';

export function Settings() {
  const { t } = useTranslation();
  const { data: welcome } = useQuery(welcomeQuery);
  return (
    <Page title={t('places:settings')}>
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <div className="grid gap-5">
          <ProfileCard />
          <EmailCard hasLetters={welcome?.mail ?? true} />
          <RecoveryCard />
        </div>
        <div className="grid gap-5">
          <PasswordCard />
          <TotpCard />
        </div>
      </div>
      <NoticesCard />
      <PasskeysCard isAvailable={welcome?.passkeys ?? true} />
      <SessionsCard />
    </Page>
  );
}
