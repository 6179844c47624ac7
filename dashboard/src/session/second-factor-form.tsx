/** The second half of a sign-in: the code of an authenticator app, a passkey, or a recovery code. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CodeBody } from '../../../server/src/http/dashboard-api/sign-in.ts';
import type { Factor } from '../../../server/src/http/dashboard-api/who-am-i.ts';
import { ask } from '../lib/api.ts';
import { Refused } from '../lib/failure.tsx';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { fieldsIn } from './form-values.ts';
import { PasskeyButton } from './passkey-button.tsx';
import { fieldsOf } from './use-act.ts';

type Props = { factors: readonly Factor[]; onDone: () => void; onBack: () => void };

export function SecondFactorForm({ factors, onDone, onBack }: Props) {
  const { t } = useTranslation('session');
  const [way, setWay] = useState<Factor | undefined>(factors[0]);
  return (
    <div className="grid gap-5">
      {way === 'passkey' && <PasskeyButton path="sign-in/passkey" strong onDone={onDone} />}
      {(way === 'totp' || way === 'recovery_code') && <CodeForm key={way} kind={way} onDone={onDone} />}
      <div className="flex flex-wrap justify-center gap-1">
        {factors
          .filter(factor => factor !== way)
          .map(factor => (
            <Button key={factor} small tone="quiet" onClick={() => setWay(factor)}>
              {t(`instead_${factor}`)}
            </Button>
          ))}
        <Button small tone="quiet" onClick={onBack}>
          {t('startOver')}
        </Button>
      </div>
    </div>
  );
}

function CodeForm({ kind, onDone }: { kind: CodeBody['kind']; onDone: () => void }) {
  const { t } = useTranslation('session');
  const act = useMutation({
    mutationFn: (code: string) => ask('POST', 'sign-in/code', { body: { kind, code } satisfies CodeBody }),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = fieldsIn(event.currentTarget)('code');
    act.mutate(kind === 'totp' ? code.replace(/\s/g, '') : code);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t(`code_${kind}`)}
        hint={t(`hint_${kind}`)}
        name="code"
        autoComplete={kind === 'totp' ? 'one-time-code' : 'off'}
        inputMode={kind === 'totp' ? 'numeric' : 'text'}
        spellCheck={false}
        autoCapitalize="none"
        required
        autoFocus
        className="font-mono"
        error={fieldsOf(act.error).code}
      />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('signIn')}
      </Button>
    </form>
  );
}
