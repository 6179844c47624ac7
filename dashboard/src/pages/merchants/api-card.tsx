/** How requests of the shop prove who they are. */
import { useTranslation } from 'react-i18next';
import { SelectField } from '../../parts/field.tsx';
import type { Section } from './merchant.tsx';
import { SettingsCard } from './settings-card.tsx';

const signatures = ['off', 'on', 'required'] as const;

export function ApiCard(section: Section) {
  const { t } = useTranslation('merchants');
  const { merchant } = section;
  return (
    <SettingsCard
      {...section}
      title={t('api')}
      permission="keys.rotate"
      bodyOf={({ text }) => ({
        auth: text('auth') === 'private-key' ? 'private-key' : 'signature',
        signature_v2: signatures.find(one => one === text('signature_v2')) ?? 'off',
      })}
    >
      {faults => (
        <>
          <SelectField label={t('auth')} name="auth" defaultValue={merchant.auth} error={faults.auth}>
            <option value="signature">{t('auth_signature')}</option>
            <option value="private-key">{t('auth_private')}</option>
          </SelectField>
          <SelectField
            label={t('v2')}
            name="signature_v2"
            defaultValue={merchant.signature_v2}
            error={faults.signature_v2}
          >
            {signatures.map(one => (
              <option key={one} value={one}>
                {t(`v2_${one}`)}
              </option>
            ))}
          </SelectField>
        </>
      )}
    </SettingsCard>
  );
}
