/** What is accepted beside exact payments in time. */
import { useTranslation } from 'react-i18next';
import { CheckField, SelectField, TextField } from '../../parts/field.tsx';
import type { Section } from './merchant.tsx';
import { SettingsCard } from './settings-card.tsx';

const late = ['review', 'accept', 'reject'] as const;

export function PolicyCard(section: Section) {
  const { t } = useTranslation('policies');
  const { merchant } = section;
  const percents = [
    ['late_drift', t('drift'), merchant.late_drift],
    ['underpaid_tolerance', t('under'), merchant.underpaid_tolerance],
    ['overpaid_tolerance', t('over'), merchant.overpaid_tolerance],
  ] as const;
  return (
    <SettingsCard
      {...section}
      title={t('policies')}
      permission="merchants.edit"
      bodyOf={({ text, checked }) => ({
        late_policy: late.find(one => one === text('late_policy')) ?? 'review',
        late_drift: text('late_drift').trim(),
        underpaid_tolerance: text('underpaid_tolerance').trim(),
        overpaid_tolerance: text('overpaid_tolerance').trim(),
        remainder: checked('remainder'),
      })}
    >
      {faults => (
        <>
          <SelectField
            label={t('late')}
            name="late_policy"
            defaultValue={merchant.late_policy}
            error={faults.late_policy}
          >
            {late.map(one => (
              <option key={one} value={one}>
                {t(`late_${one}`)}
              </option>
            ))}
          </SelectField>
          {percents.map(([name, label, value]) => (
            <TextField
              key={name}
              label={label}
              name={name}
              inputMode="decimal"
              required
              defaultValue={String(Number(value))}
              error={faults[name]}
            />
          ))}
          <CheckField
            label={t('remainder')}
            hint={t('remainderHint')}
            name="remainder"
            defaultChecked={merchant.remainder}
          />
        </>
      )}
    </SettingsCard>
  );
}
