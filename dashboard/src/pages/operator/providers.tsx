/** The providers of one network, and asking one again that was left alone. */
import { useTranslation } from 'react-i18next';
import type {
  NetworksAnswer,
  ProviderBody,
} from '../../../../server/src/http/dashboard-api/operator-networks.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAct } from '../../session/use-act.ts';

type Network = NetworksAnswer['networks'][number];
type Provider = Network['providers'][number];

const tones: Record<Provider['state'], BadgeTone> = { ok: 'good', degraded: 'warn', quarantined: 'bad' };

export function Providers({ network }: { network: Network }) {
  const { t } = useTranslation('operator');
  const restore = useAct(
    (provider: string) =>
      ask('POST', 'operator/networks/restore', {
        body: { network: network.code, provider } satisfies ProviderBody,
      }),
    { refresh: [['operator', 'networks']] },
  );
  const columns: Column<Provider>[] = [
    { key: 'provider', title: t('provider'), cell: ({ provider }) => <Code>{provider}</Code> },
    {
      key: 'state',
      title: t('state'),
      cell: ({ state, reason }) => (
        <span className="grid justify-items-start gap-0.5">
          <Badge tone={tones[state]}>{t(`provider_${state}`)}</Badge>
          {reason !== null && <span className="text-sm text-muted">{reason}</span>}
        </span>
      ),
    },
    {
      key: 'latency',
      title: t('latency'),
      numeric: true,
      cell: ({ latency_ms }) => (latency_ms === null ? '–' : `${latency_ms} ms`),
    },
    { key: 'errors', title: t('errors'), numeric: true, cell: ({ errors_percent }) => `${errors_percent} %` },
    {
      key: 'restore',
      title: t('common:acts'),
      acts: true,
      cell: ({ provider, state }) =>
        state === 'quarantined' && (
          <Button small busy={restore.isPending} onClick={() => restore.mutate(provider)}>
            {t('restore')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Refused error={restore.error} />
      <Table
        caption={`${t('provider')}: ${network.code}`}
        columns={columns}
        rows={network.providers}
        rowKey={({ provider }) => provider}
        empty={t('noProviders')}
      />
    </>
  );
}
