/** What a shop is called, where it is, and how it is paid. */
import { useTranslation } from 'react-i18next';
import { CheckField, TextField } from '../../parts/field.tsx';
import type { Section } from './merchant.tsx';
import { SettingsCard } from './settings-card.tsx';

export function ShopCard(section: Section) {
  const { t } = useTranslation('merchants');
  const { merchant } = section;
  return (
    <SettingsCard
      {...section}
      title={t('shop')}
      permission="merchants.edit"
      bodyOf={({ text, checked }) => ({
        name: text('name'),
        url: text('url'),
        payment_minutes: Number(text('payment_minutes')),
        compat: checked('compat'),
        verified_only: checked('verified_only'),
      })}
    >
      {faults => (
        <>
          <TextField
            label={t('name')}
            hint={t('nameHint')}
            name="name"
            required
            maxLength={100}
            defaultValue={merchant.name}
            error={faults.name}
          />
          <TextField
            label={t('url')}
            name="url"
            type="url"
            required
            defaultValue={merchant.url}
            error={faults.url}
          />
          <TextField
            label={t('minutes')}
            hint={t('minutesHint')}
            name="payment_minutes"
            type="number"
            min={15}
            max={90}
            required
            defaultValue={merchant.payment_minutes}
            error={faults.payment_minutes}
          />
          <CheckField
            label={t('compat')}
            hint={t('compatHint')}
            name="compat"
            defaultChecked={merchant.compat}
          />
          <CheckField label={t('verified')} name="verified_only" defaultChecked={merchant.verified_only} />
        </>
      )}
    </SettingsCard>
  );
}
