/** What may be set on a wallet, when it is added and later. */
import { useTranslation } from 'react-i18next';
import type { NewWalletBody } from '../../../../server/src/http/dashboard-api/wallets.ts';
import { SelectField, TextField } from '../../parts/field.tsx';

type Settings = Omit<NewWalletBody, 'network' | 'cryptocurrency' | 'address' | 'active'>;

export const usual: Settings = {
  digits: 3,
  max_tail: 999,
  commission_payer: 'merchant',
  hold_hours: 24,
  qr: 'address',
};

/** `family`: links with the amount exist on EVM networks alone. */
type Props = { settings: Settings; family: 'evm' | 'tron'; faults: Record<string, string> };

export function WalletFields({ settings, family, faults }: Props) {
  const { t } = useTranslation('wallets');
  const numbers = [
    ['digits', t('digits'), t('digitsHint'), 2, 8],
    ['max_tail', t('maxTail'), t('maxTailHint'), 1, 9999],
    ['hold_hours', t('hold'), undefined, 2, 720],
  ] as const;
  return (
    <>
      <SelectField
        label={t('payer')}
        name="commission_payer"
        defaultValue={settings.commission_payer}
        error={faults.commission_payer}
      >
        <option value="merchant">{t('payer_merchant')}</option>
        <option value="payer">{t('payer_payer')}</option>
      </SelectField>
      {numbers.map(([name, label, hint, min, max]) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          name={name}
          type="number"
          min={min}
          max={max}
          required
          defaultValue={settings[name]}
          error={faults[name]}
        />
      ))}
      {family === 'evm' && (
        <SelectField label={t('qr')} name="qr" defaultValue={settings.qr} error={faults.qr}>
          <option value="address">{t('qr_address')}</option>
          <option value="uri">{t('qr_uri')}</option>
        </SelectField>
      )}
    </>
  );
}

export function settingsIn(value: (name: string) => string): Settings {
  return {
    digits: Number(value('digits')),
    max_tail: Number(value('max_tail')),
    commission_payer: value('commission_payer') === 'payer' ? 'payer' : 'merchant',
    hold_hours: Number(value('hold_hours')),
    qr: value('qr') === 'uri' ? 'uri' : 'address',
  };
}
