/** A password, which may be pasted and looked at. */
import { type InputHTMLAttributes, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { controlClass, Field } from '../parts/field.tsx';

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: string;
  error?: string | undefined;
};

function PasswordField({ label, hint, error, ...rest }: Props) {
  const { t } = useTranslation('session');
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error}>
      {tied => (
        <div className="relative">
          <input
            {...tied}
            {...rest}
            type={shown ? 'text' : 'password'}
            spellCheck={false}
            autoCapitalize="none"
            className={`${controlClass} pr-24`}
          />
          <Button
            small
            tone="quiet"
            className="absolute top-1 right-1"
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {t(shown ? 'hide' : 'show')}
          </Button>
        </div>
      )}
    </Field>
  );
}

/** One that is chosen now; the server has the last word on whether it is good. */
export function NewPasswordField({ label, error }: { label: string; error: string | undefined }) {
  const { t } = useTranslation('session');
  return (
    <PasswordField
      label={label}
      hint={t('passwordHint')}
      name="password"
      autoComplete="new-password"
      required
      minLength={10}
      maxLength={200}
      error={error}
    />
  );
}
