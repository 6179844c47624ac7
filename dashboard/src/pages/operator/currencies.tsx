/** What invoices may be priced in. Those of which no source knows a rate are left out until they are asked for. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  CurrenciesAnswer,
  CurrencyBody,
} from '../../../../server/src/http/dashboard-api/operator-currencies.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { CheckField } from '../../parts/field.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAct } from '../../session/use-act.ts';
import { CurrencySettings } from './currency-settings.tsx';

type Currency = CurrenciesAnswer['currencies'][number];
const KEY = ['operator', 'currencies'];

/** Why there is no rate, as the server calls it. */
const whys: Record<string, string> = {
  none: 'whyNone',
  too_old: 'whyOld',
  too_few: 'whyFew',
  contradictory: 'whyContradictory',
  off_peg: 'whyPeg',
};

export function Currencies() {
  const { t } = useTranslation('operator');
  const [all, setAll] = useState(false);
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<CurrenciesAnswer>('GET', 'operator/currencies', { signal }),
  });
  return (
    <Card
      title={t('currencies')}
      actions={
        <CheckField
          label={<span className="text-sm font-normal">{t('currenciesAll')}</span>}
          checked={all}
          onChange={({ target }) => setAll(target.checked)}
        />
      }
    >
      <Answered query={query}>
        {({ currencies }) => (
          <List currencies={currencies.filter(({ rate, why }) => all || rate !== null || why !== 'none')} />
        )}
      </Answered>
    </Card>
  );
}

function List({ currencies }: { currencies: readonly Currency[] }) {
  const { t } = useTranslation('operator');
  const change = useAct(
    ({ code, ...body }: { code: string } & CurrencyBody) =>
      ask('PATCH', `operator/currencies/${code}`, { body: body satisfies CurrencyBody }),
    { refresh: [KEY] },
  );
  const columns: Column<Currency>[] = [
    { key: 'code', title: t('currency'), cell: ({ code }) => <span className="font-medium">{code}</span> },
    { key: 'state', title: t('state'), cell: currency => <State currency={currency} /> },
    { key: 'rate', title: t('rate'), numeric: true, cell: ({ rate }) => rate ?? '–' },
    { key: 'pinned', title: t('pinned'), numeric: true, cell: ({ pinned_rate }) => pinned_rate ?? '–' },
    { key: 'spread', title: t('spread'), numeric: true, cell: ({ spread }) => spread },
    {
      key: 'act',
      title: t('common:acts'),
      acts: true,
      cell: currency => (
        <>
          <Button
            small
            busy={change.isPending && change.variables?.code === currency.code}
            onClick={() => change.mutate({ code: currency.code, enabled: !currency.enabled })}
            aria-label={`${currency.code}: ${t(currency.enabled ? 'settings:totpRemove' : 'settings:totpConfirm')}`}
          >
            {t(currency.enabled ? 'settings:totpRemove' : 'settings:totpConfirm')}
          </Button>
          <CurrencySettings currency={currency} refresh={KEY} />
        </>
      ),
    },
  ];
  return (
    <>
      <Refused error={change.error} />
      <Table
        caption={t('currencies')}
        columns={columns}
        rows={currencies}
        rowKey={({ code }) => code}
        empty={t('common:nothing')}
      />
    </>
  );
}

function State({ currency: { enabled, why } }: { currency: Currency }) {
  const { t } = useTranslation('operator');
  if (!enabled) return <Badge tone="calm">{t('off')}</Badge>;
  if (why === null) return <Badge tone="good">{t('on')}</Badge>;
  return <Badge tone="warn">{t(whys[why] ?? 'whyNone')}</Badge>;
}
