/** Of which days, and of whom. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MerchantsAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { ask } from '../../lib/api.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useAccount } from '../../session/use-session.ts';
import type { ReportSearch } from './search.ts';

type Props = { search: ReportSearch; onChange: (change: Partial<ReportSearch>) => void };

export function Filters({ search, onChange }: Props) {
  const { t } = useTranslation('reports');
  return (
    <div className="grid grid-cols-2 items-end gap-3 lg:grid-cols-4">
      <TextField
        label={t('from')}
        type="date"
        value={search.from}
        max={search.to}
        onChange={({ target }) => target.value && onChange({ from: target.value })}
      />
      <TextField
        label={t('to')}
        type="date"
        value={search.to}
        min={search.from}
        onChange={({ target }) => target.value && onChange({ to: target.value })}
      />
      <MerchantField search={search} onChange={onChange} />
      {search.view === 'daily' && (
        <SelectField
          label={t('by')}
          value={search.by}
          onChange={({ target }) => onChange({ by: target.value === 'ended' ? 'ended' : 'created' })}
        >
          <option value="created">{t('by_created')}</option>
          <option value="ended">{t('by_ended')}</option>
        </SelectField>
      )}
    </div>
  );
}

function MerchantField({ search, onChange }: Props) {
  const { t } = useTranslation('reports');
  const { user_id } = useAccount();
  const { data } = useQuery({
    queryKey: ['merchants', user_id],
    queryFn: ({ signal }) => ask<MerchantsAnswer>('GET', `users/${user_id}/merchants`, { signal }),
  });
  return (
    <SelectField
      label={t('merchant')}
      value={search.merchant ?? ''}
      onChange={({ target }) => onChange({ merchant: Number(target.value) })}
    >
      <option value="">{t('all')}</option>
      {data?.merchants.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
