/** Who may frame the payment page, where payers go back to, and in which language it is. */
import { useTranslation } from 'react-i18next';
import { pageLanguages } from '../../../../server/src/domain/page-language.ts';
import { controlClass, Field, SelectField } from '../../parts/field.tsx';
import { languageNames } from '../../words/words.ts';
import type { Section } from './merchant.tsx';
import { linesOf, SettingsCard } from './settings-card.tsx';

export function PageCard(section: Section) {
  const { t } = useTranslation('merchants');
  const { merchant } = section;
  return (
    <SettingsCard
      {...section}
      title={t('page')}
      permission="merchants.edit"
      bodyOf={({ text }) => ({
        page_origins: linesOf(text('page_origins')),
        return_hosts: text('return_hosts').trim() === '' ? null : linesOf(text('return_hosts')),
        language: pageLanguages.find(language => language === text('language')) ?? null,
      })}
    >
      {faults => (
        <>
          <Lines
            label={t('origins')}
            hint={t('originsHint')}
            name="page_origins"
            lines={merchant.page_origins}
            error={faults.page_origins}
          />
          <Lines
            label={t('hosts')}
            hint={t('hostsHint')}
            name="return_hosts"
            lines={merchant.return_hosts ?? []}
            error={faults.return_hosts}
          />
          <SelectField
            label={t('language')}
            name="language"
            defaultValue={merchant.language ?? ''}
            error={faults.language}
          >
            <option value="">{t('languageNone')}</option>
            {pageLanguages.map(language => (
              <option key={language} value={language} lang={language}>
                {languageNames[language]}
              </option>
            ))}
          </SelectField>
        </>
      )}
    </SettingsCard>
  );
}

type LinesProps = {
  label: string;
  hint: string;
  name: string;
  lines: readonly string[];
  error?: string | undefined;
};

function Lines({ label, hint, name, lines, error }: LinesProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {tied => (
        <textarea
          {...tied}
          name={name}
          rows={3}
          spellCheck={false}
          defaultValue={lines.join('\n')}
          className={controlClass}
        />
      )}
    </Field>
  );
}
