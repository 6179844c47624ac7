/** How far each network is read, and by which providers; asked again while it is looked at. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { NetworksAnswer } from '../../../../server/src/http/dashboard-api/operator-networks.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Providers } from './providers.tsx';
import { useDuration } from './use-duration.ts';

type Network = NetworksAnswer['networks'][number];

const tones: Record<Network['state'], BadgeTone> = {
  waiting: 'calm',
  reading: 'good',
  lagging: 'bad',
  retired: 'calm',
};

export function Networks() {
  const query = useQuery({
    queryKey: ['operator', 'networks'],
    queryFn: ({ signal }) => ask<NetworksAnswer>('GET', 'operator/networks', { signal }),
    refetchInterval: 15_000,
  });
  return (
    <Answered query={query}>
      {({ networks }) => networks.map(network => <One key={network.code} network={network} />)}
    </Answered>
  );
}

function One({ network }: { network: Network }) {
  const { t, i18n } = useTranslation('operator');
  const duration = useDuration();
  const { code, state, lag, read, tip, open_invoices: open } = network;
  const number = (value: number | null) => (value === null ? '–' : value.toLocaleString(i18n.language));
  const facts = [
    [t('lag'), lag === null ? '–' : duration(lag)],
    [t('block'), number(read)],
    [t('tip'), number(tip)],
    [t('openInvoices'), number(open)],
  ];
  return (
    <Card title={code} actions={<Badge tone={tones[state]}>{t(`state_${state}`)}</Badge>}>
      <dl className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-sm text-muted">{name}</dt>
            <dd className="font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <Providers network={network} />
    </Card>
  );
}
