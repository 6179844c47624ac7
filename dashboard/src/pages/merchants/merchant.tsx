/** One merchant: its wallets and its settings, in sections. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MerchantAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { Page } from '../../layout/page.tsx';
import { Answered } from '../../lib/failure.tsx';
import { useAccount } from '../../session/use-session.ts';
import { WalletsCard } from '../wallets/wallets-card.tsx';
import { ApiCard } from './api-card.tsx';
import { KeysCard } from './keys-card.tsx';
import { LogoCard } from './logo-card.tsx';
import { PageCard } from './page-card.tsx';
import { PolicyCard } from './policy-card.tsx';
import { merchantQuery } from './queries.ts';
import { ShopCard } from './shop-card.tsx';
import { WebhookCard } from './webhook-card.tsx';

/** What every section is given. */
export type Section = { userId: number; merchant: MerchantAnswer };

export function MerchantPage() {
  const { t } = useTranslation();
  const { user_id: userId } = useAccount();
  const { merchantId } = useParams({ strict: false });
  const query = useQuery(merchantQuery({ userId, merchantId: Number(merchantId) }));
  return (
    <Page title={query.data?.name ?? t('places:merchants')}>
      <Answered query={query}>
        {merchant => <Sections key={merchant.id} userId={userId} merchant={merchant} />}
      </Answered>
    </Page>
  );
}

function Sections(section: Section) {
  return (
    <>
      <WalletsCard userId={section.userId} merchantId={section.merchant.id} />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <div className="grid gap-5">
          <ShopCard {...section} />
          <WebhookCard {...section} />
          <LogoCard {...section} />
        </div>
        <div className="grid gap-5">
          <KeysCard {...section} />
          <ApiCard {...section} />
          <PolicyCard {...section} />
          <PageCard {...section} />
        </div>
      </div>
    </>
  );
}
