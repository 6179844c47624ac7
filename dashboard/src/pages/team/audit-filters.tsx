/** What of the log is looked at: about what, by whom, from when to when. */
import { useTranslation } from 'react-i18next';
import { controlClass, Field } from '../../parts/field.tsx';
import { type AuditSearch, nouns } from './audit-search.ts';

type Props = { search: AuditSearch; onSearch: (search: AuditSearch) => void };

export function AuditFilters({ search, onSearch }: Props) {
  const { t } = useTranslation('team');
  const set = (name: keyof AuditSearch, value: string) => {
    const { [name]: _, ...rest } = search;
    onSearch(value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="grid grow grid-cols-2 items-end gap-3 text-sm xl:grid-cols-4">
      <Field label={t('noun')}>
        {tied => (
          <select
            {...tied}
            value={search.noun ?? ''}
            onChange={({ target }) => set('noun', target.value)}
            className={controlClass}
          >
            <option value="">{t('any')}</option>
            {nouns.map(noun => (
              <option key={noun} value={noun}>
                {t(`noun_${noun}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('byEmail')}>
        {tied => (
          <input
            {...tied}
            // Asked for when it is whole, not at every letter.
            key={search.email}
            type="email"
            autoComplete="off"
            defaultValue={search.email ?? ''}
            onBlur={({ target }) =>
              target.value !== (search.email ?? '') && set('email', target.value.trim())
            }
            onKeyDown={event => event.key === 'Enter' && set('email', event.currentTarget.value.trim())}
            className={controlClass}
          />
        )}
      </Field>
      {(['from', 'to'] as const).map(name => (
        <Field key={name} label={t(name)}>
          {tied => (
            <input
              {...tied}
              type="date"
              value={search[name] ?? ''}
              onChange={({ target }) => set(name, target.value)}
              className={controlClass}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
