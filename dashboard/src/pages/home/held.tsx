/** Wallets that are about to take payments, in time for whoever did not add them. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { OverviewAnswer } from '../../../../server/src/http/dashboard-api/overview.ts';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';

export function Held({ wallets }: { wallets: OverviewAnswer['held'] }) {
  const { t } = useTranslation('wallets');
  return wallets.map(wallet => (
    <Notice key={wallet.id} tone="warn">
      <p>
        <b>
          {t('held')} <Moment at={wallet.active_from} />:
        </b>{' '}
        {wallet.asset} {wallet.network} {wallet.address !== null && <Code wrap>{wallet.address}</Code>}{' '}
        {t('heldLead')}{' '}
        <Link
          to="/merchants/$merchantId"
          params={{ merchantId: String(wallet.merchant_id) }}
          className="underline"
        >
          {wallet.merchant_name}
        </Link>
      </p>
    </Notice>
  ));
}
