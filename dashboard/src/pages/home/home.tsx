/** What stands first: how far the account has come, what needs somebody, and how business goes. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { DaysAnswer, OverviewAnswer } from '../../../../server/src/http/dashboard-api/overview.ts';
import { Page } from '../../layout/page.tsx';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { useAccount, useSession } from '../../session/use-session.ts';
import { BalanceCard } from './balance.tsx';
import { Days } from './days.tsx';
import { Health } from './health.tsx';
import { Held } from './held.tsx';
import { Steps } from './steps.tsx';

export function Home() {
  const { t } = useTranslation();
  const { may } = useSession();
  const { user_id: userId } = useAccount();
  const overview = useQuery({
    queryKey: ['overview', userId],
    queryFn: ({ signal }) => ask<OverviewAnswer>('GET', `users/${userId}/overview`, { signal }),
    refetchInterval: 30_000,
  });
  const days = useQuery({
    queryKey: ['days', userId],
    queryFn: ({ signal }) => ask<DaysAnswer>('GET', `users/${userId}/days`, { signal }),
    staleTime: 60_000,
  });
  return (
    <Page title={t('places:home')}>
      <Answered query={overview}>
        {answer => (
          <>
            <Held wallets={answer.held} />
            <Steps of={answer} />
            <Health of={answer} />
          </>
        )}
      </Answered>
      <Answered query={days}>{answer => <Days days={answer.days} />}</Answered>
      {may('balance.read') && <BalanceCard userId={userId} />}
    </Page>
  );
}
