/** One's own name and language. */
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProfileBody } from '../../../../server/src/http/dashboard-api/profile.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { shortOf, tagOf } from '../../session/language-of.ts';
import { sessionQuery } from '../../session/session-query.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import { speak } from '../../words/start.ts';
import { languageNames, languages } from '../../words/words.ts';

export function ProfileCard() {
  const { t } = useTranslation('settings');
  const { person } = useSession();
  const act = useAct((body: ProfileBody) => ask('PUT', 'profile', { body }), {
    refresh: [sessionQuery.queryKey],
    onDone: (_answer, { language }) => void speak(tagOf(language)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ name: value('name'), language: value('language') });
  };
  const faults = fieldsOf(act.error);
  return (
    <Card title={t('profile')}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField
          label={t('name')}
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          defaultValue={person.name}
          error={faults.name}
        />
        <SelectField
          label={t('language')}
          name="language"
          defaultValue={person.language}
          error={faults.language}
        >
          {languages.map(tag => (
            <option key={tag} value={shortOf(tag)} lang={tag}>
              {languageNames[tag]}
            </option>
          ))}
        </SelectField>
        <Refused error={act.error} />
        <div className="flex items-center gap-3">
          <Button type="submit" busy={act.isPending}>
            {t('common:save')}
          </Button>
          <span role="status" className="text-good">
            {act.isSuccess && t('common:saved')}
          </span>
        </div>
      </form>
    </Card>
  );
}
