/** The wallets of a merchant: which take payments, which wait, and how full they are. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { WalletAnswer } from '../../../../server/src/http/dashboard-api/wallets.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useSession } from '../../session/use-session.ts';
import { type MerchantPath, walletsQuery } from '../merchants/queries.ts';
import { AddWallet } from './add-wallet.tsx';
import { EditWallet } from './edit-wallet.tsx';
import { Use } from './use.tsx';
import { WalletSwitch } from './wallet-switch.tsx';

export function WalletsCard(of: MerchantPath) {
  const { t } = useTranslation('wallets');
  const { may } = useSession();
  const query = useQuery(walletsQuery(of));
  return (
    <Card
      title={t('title')}
      actions={may('wallets.edit') && query.data && <AddWallet of={of} wallets={query.data.wallets} />}
    >
      <Answered query={query}>{({ wallets }) => <List of={of} wallets={wallets} />}</Answered>
    </Card>
  );
}

function List({ of, wallets }: { of: MerchantPath; wallets: readonly WalletAnswer[] }) {
  const { t } = useTranslation('wallets');
  const { may } = useSession();
  const columns: Column<WalletAnswer>[] = [
    {
      key: 'address',
      title: t('address'),
      cell: ({ asset, network, address }) => (
        <>
          <Coin asset={asset} network={network} />
          {address !== null && (
            <span className="flex flex-wrap items-center gap-x-1 @3xl/rows:flex-nowrap">
              <Code>{address}</Code>
              <CopyButton text={address} />
            </span>
          )}
        </>
      ),
    },
    { key: 'use', title: t('use'), cell: wallet => <Use of={wallet} /> },
    {
      key: 'state',
      title: t('state'),
      cell: wallet => (
        <span className="grid justify-items-start gap-1 @3xl/rows:min-w-48">
          <State of={wallet} />
          {wallet.unexplained !== null && (
            <span className="max-w-xs text-sm text-warn">
              {t('unexplained', { amount: wallet.unexplained, coin: wallet.asset })}
            </span>
          )}
        </span>
      ),
    },
  ];
  const acts: Column<WalletAnswer> = {
    key: 'acts',
    title: t('common:acts'),
    acts: true,
    cell: wallet => (
      <>
        <EditWallet of={of} wallet={wallet} />
        <WalletSwitch of={of} wallet={wallet} />
      </>
    ),
  };
  return (
    <Table
      caption={t('title')}
      columns={may('wallets.edit') ? [...columns, acts] : columns}
      rows={wallets}
      rowKey={({ id }) => id}
      empty={t('empty')}
    />
  );
}

function Coin({ asset, network }: { asset: string; network: string }) {
  return (
    <span className="whitespace-nowrap">
      <span className="font-medium">{asset}</span> <span className="text-muted">{network}</span>
    </span>
  );
}

function State({ of: { active, active_from, forged } }: { of: WalletAnswer }) {
  const { t } = useTranslation('wallets');
  if (forged) return <Forged />;
  if (!active) return <Badge tone="calm">{t('inactive')}</Badge>;
  if (active_from === null) return <Badge tone="good">{t('active')}</Badge>;
  return (
    <Badge tone="warn">
      {t('held')}&nbsp;
      <Moment at={active_from} />
    </Badge>
  );
}

function Forged() {
  const { t } = useTranslation('wallets');
  return (
    <span className="grid max-w-xs justify-items-start gap-1">
      <Badge tone="bad">{t('forged')}</Badge>
      <span className="text-sm text-muted">{t('forgedLead')}</span>
    </span>
  );
}
