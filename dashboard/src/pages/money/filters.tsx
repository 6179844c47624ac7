/** What the list is narrowed to; the address keeps it. */
import { useTranslation } from 'react-i18next';
import { networkCodes } from '../../../../server/src/domain/asset.ts';
import { SelectField } from '../../parts/field.tsx';
import { type MoneySearch, moneySearch, reasons, states } from './search.ts';

type Props = { search: MoneySearch; onChange: (search: MoneySearch) => void };

export function Filters({ search, onChange }: Props) {
  const { t } = useTranslation('money');
  // Other transfers begin on a first page of their own.
  const set = (name: string, value: string) => onChange(moneySearch({ ...search, cursor: 0, [name]: value }));
  return (
    <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-3">
      <SelectField
        label={t('show')}
        value={search.state ?? 'open'}
        onChange={event => set('state', event.target.value)}
      >
        {states.map(state => (
          <option key={state} value={state}>
            {t(`show_${state}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('why')}
        value={search.reason ?? ''}
        onChange={event => set('reason', event.target.value)}
      >
        <option value="">{t('any')}</option>
        {reasons.map(reason => (
          <option key={reason} value={reason}>
            {t(`reason_is_${reason}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('network')}
        value={search.network ?? ''}
        onChange={event => set('network', event.target.value)}
      >
        <option value="">{t('any')}</option>
        {networkCodes.map(network => (
          <option key={network}>{network}</option>
        ))}
      </SelectField>
    </div>
  );
}
