/** Registering a wallet: its address is checked while it is typed, and a second one for a coin is said to wait. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlacesAnswer } from '../../../../server/src/http/dashboard-api/places.ts';
import type {
  NewWalletBody,
  WalletAnswer,
  WalletChangeAnswer,
} from '../../../../server/src/http/dashboard-api/wallets.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { type MerchantPath, pathOf, placesQuery, walletsQuery } from '../merchants/queries.ts';
import { AddressField } from './address-field.tsx';
import { settingsIn, usual, WalletFields } from './wallet-fields.tsx';

type Props = { of: MerchantPath; wallets: readonly WalletAnswer[] };

export function AddWallet(props: Props) {
  const { t } = useTranslation('wallets');
  const [open, setOpen] = useState(false);
  const places = useQuery({ ...placesQuery, enabled: open });
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('add')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('add')} lead={t('addLead')}>
        <Answered query={places}>
          {answer => <Form {...props} places={answer} onDone={() => setOpen(false)} />}
        </Answered>
      </Dialog>
    </>
  );
}

function Form({ of, wallets, places, onDone }: Props & { places: PlacesAnswer; onDone: () => void }) {
  const { t } = useTranslation('wallets');
  const [code, setCode] = useState<string>(places.networks[0]?.code ?? '');
  const [asset, setAsset] = useState<string>('USDT');
  const network = places.networks.find(one => one.code === code);
  const act = useAct(
    (body: NewWalletBody) => ask<WalletChangeAnswer>('POST', `${pathOf(of)}/wallets`, { body }),
    {
      refresh: [walletsQuery(of).queryKey, ['overview', of.userId], ['merchants', of.userId]],
      onDone,
    },
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    const place = {
      network: code,
      cryptocurrency: value('cryptocurrency'),
      address: value('address').trim(),
    };
    act.mutate({ ...place, ...settingsIn(value), active: true });
  };
  if (!network) return null;
  const coin = network.coins.find(one => one.asset === asset) ?? network.coins[0];
  const faults = fieldsOf(act.error);
  const waits =
    places.wallet_hold_hours > 0 && wallets.some(one => one.network === code && one.asset === asset);
  return (
    <form onSubmit={submit} className="grid gap-4">
      <SelectField
        label={t('network')}
        value={code}
        onChange={({ target }) => setCode(target.value)}
        error={faults.network}
      >
        {places.networks.map(one => (
          <option key={one.code} value={one.code}>
            {one.name} ({one.code})
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('coin')}
        name="cryptocurrency"
        value={asset}
        onChange={({ target }) => setAsset(target.value)}
        error={faults.cryptocurrency}
      >
        {network.coins.map(coin => (
          <option key={coin.asset}>{coin.asset}</option>
        ))}
      </SelectField>
      <AddressField network={network} error={faults.address} />
      {coin?.in_logs === false && <Notice tone="warn">{t('notInLogs', { coin: coin.asset })}</Notice>}
      {waits && <Notice tone="warn">{t('holdNotice', { hours: places.wallet_hold_hours })}</Notice>}
      <details className="grid gap-4">
        <summary className="min-h-8 font-medium text-accent">{t('more')}</summary>
        <div className="grid gap-4 pt-3">
          <WalletFields
            key={coin?.asset}
            settings={{ ...usual, digits: coin?.digits ?? usual.digits }}
            family={network.family}
            faults={faults}
          />
        </div>
      </details>
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('add')}
      </Button>
    </form>
  );
}
