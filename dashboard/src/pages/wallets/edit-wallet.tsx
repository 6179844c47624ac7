/** Changing what may be changed of a wallet; its address is not among it. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WalletAnswer, WalletBody } from '../../../../server/src/http/dashboard-api/wallets.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { type MerchantPath, pathOf, walletsQuery } from '../merchants/queries.ts';
import { settingsIn, WalletFields } from './wallet-fields.tsx';

export function EditWallet({ of, wallet }: { of: MerchantPath; wallet: WalletAnswer }) {
  const { t } = useTranslation('wallets');
  const [open, setOpen] = useState(false);
  const act = useAct((body: WalletBody) => ask('PATCH', `${pathOf(of)}/wallets/${wallet.id}`, { body }), {
    refresh: [walletsQuery(of).queryKey, ['overview', of.userId]],
    onDone: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate(settingsIn(fieldsIn(event.currentTarget)));
  };
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('edit')}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`${wallet.asset} ${wallet.network}`}
        lead={t('editLead')}
      >
        <form onSubmit={submit} className="grid gap-4">
          <WalletFields
            settings={wallet}
            family={wallet.network === 'TRC-20' ? 'tron' : 'evm'}
            faults={fieldsOf(act.error)}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('common:save')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
