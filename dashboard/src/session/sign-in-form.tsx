/** E-mail address and password, then what the person has as a second factor; or a passkey alone. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignInAnswer } from '../../../server/src/http/dashboard-api/sign-in.ts';
import type { Factor } from '../../../server/src/http/dashboard-api/who-am-i.ts';
import { ask } from '../lib/api.ts';
import { Refused } from '../lib/failure.tsx';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { fieldsIn } from './form-values.ts';
import { PasskeyButton } from './passkey-button.tsx';
import { SecondFactorForm } from './second-factor-form.tsx';
import { fieldsOf } from './use-act.ts';
import { usePasskeyAutofill } from './use-passkey-autofill.ts';

type Props = {
  /** Who is to sign in, where that is known. */
  email?: string;
  passkeys: boolean;
  /** Whether passkeys are offered where the browser fills in the name. */
  autofill?: boolean;
  onDone: () => void;
};

export function SignInForm({ email, passkeys, autofill = false, onDone }: Props) {
  usePasskeyAutofill(autofill && passkeys, onDone);
  const [factors, setFactors] = useState<readonly Factor[] | null>(null);
  if (factors) return <SecondFactorForm factors={factors} onDone={onDone} onBack={() => setFactors(null)} />;
  return (
    <div className="grid gap-5">
      <PasswordForm
        email={email}
        onDone={answer => (answer.stage === 'full' ? onDone() : setFactors(answer.factors))}
      />
      {passkeys && <PasskeyButton path="sign-in/passkey" onDone={onDone} />}
    </div>
  );
}

type PasswordProps = { email: string | undefined; onDone: (answer: SignInAnswer) => void };

function PasswordForm({ email, onDone }: PasswordProps) {
  const { t } = useTranslation('session');
  const act = useMutation({
    mutationFn: (body: { email: string; password: string }) => ask<SignInAnswer>('POST', 'sign-in', { body }),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ email: value('email').trim(), password: value('password') });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t('email')}
        name="email"
        type="email"
        autoComplete="username webauthn"
        required
        {...(email === undefined ? { autoFocus: true } : { value: email, readOnly: true })}
        error={fieldsOf(act.error).email}
      />
      <TextField
        label={t('password')}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus={email !== undefined}
        error={fieldsOf(act.error).password}
      />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('signIn')}
      </Button>
    </form>
  );
}
