/** Where the shop is told of events, and of which beyond the documented ones. */
import { useTranslation } from 'react-i18next';
import { CheckField, TextField } from '../../parts/field.tsx';
import type { Section } from './merchant.tsx';
import { SettingsCard } from './settings-card.tsx';

const events = ['detected', 'underpaid', 'overpaid', 'late', 'duplicate', 'reversed'] as const;

export function WebhookCard(section: Section) {
  const { t } = useTranslation('merchants');
  const { merchant } = section;
  return (
    <SettingsCard
      {...section}
      title={t('webhooks')}
      permission="webhooks.edit"
      bodyOf={({ text, checked }) => ({
        webhook_url: text('webhook_url').trim() || null,
        private_key_header: checked('private_key_header'),
        opt_in_events: events.filter(checked),
      })}
    >
      {faults => (
        <>
          <TextField
            label={t('webhookUrl')}
            hint={t('webhookHint')}
            name="webhook_url"
            type="url"
            defaultValue={merchant.webhook_url ?? ''}
            error={faults.webhook_url}
          />
          <CheckField
            label={t('keyHeader')}
            hint={t('keyHeaderHint')}
            name="private_key_header"
            defaultChecked={merchant.private_key_header}
          />
          <fieldset className="grid gap-2">
            <legend className="font-medium">{t('policies:events')}</legend>
            <p className="text-sm text-muted">{t('policies:eventsHint')}</p>
            <div className="grid gap-2 sm:grid-cols-2">
              {events.map(event => (
                <CheckField
                  key={event}
                  label={<code translate="no">{event}</code>}
                  name={event}
                  defaultChecked={merchant.opt_in_events.includes(event)}
                />
              ))}
            </div>
          </fieldset>
        </>
      )}
    </SettingsCard>
  );
}
