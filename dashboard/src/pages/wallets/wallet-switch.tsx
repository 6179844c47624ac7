/** Taking a wallet out of use, which also stops one that waits, and back into it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WalletAnswer } from '../../../../server/src/http/dashboard-api/wallets.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { useAct } from '../../session/use-act.ts';
import { type MerchantPath, pathOf, placesQuery, walletsQuery } from '../merchants/queries.ts';

export function WalletSwitch({ of, wallet }: { of: MerchantPath; wallet: WalletAnswer }) {
  const { t } = useTranslation('wallets');
  const [open, setOpen] = useState(false);
  const places = useQuery({ ...placesQuery, enabled: open });
  const act = useAct(
    () => ask('PATCH', `${pathOf(of)}/wallets/${wallet.id}`, { body: { active: !wallet.active } }),
    {
      refresh: [walletsQuery(of).queryKey, ['overview', of.userId], ['merchants', of.userId]],
      onDone: () => setOpen(false),
    },
  );
  const word = wallet.active ? (wallet.active_from === null ? 'deactivate' : 'stop') : 'activate';
  const hours = places.data?.wallet_hold_hours ?? 0;
  return (
    <>
      <Button small tone={word === 'stop' ? 'danger' : 'plain'} onClick={() => setOpen(true)}>
        {t(word)}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={t(wallet.active ? 'offTitle' : 'onTitle')}
        lead={wallet.active ? t('offLead') : t('onLead', { hours })}
        act={t(word)}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        {wallet.address !== null && <Code wrap>{wallet.address}</Code>}
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
