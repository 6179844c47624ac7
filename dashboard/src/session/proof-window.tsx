/**
 * Over whatever page asked for it: signing in again when the session is over, or a fresh proof. What was typed on the page
 * stays, and the act that asked goes on by itself.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { StepUpBody } from '../../../server/src/http/dashboard-api/step-up.ts';
import { ask } from '../lib/api.ts';
import { Refused } from '../lib/failure.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { TextField } from '../parts/field.tsx';
import { fieldsIn } from './form-values.ts';
import { PasskeyButton } from './passkey-button.tsx';
import { proofFor, prove, useWantedProof } from './prove.ts';
import { sessionQuery, welcomeQuery } from './session-query.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useSession } from './use-session.ts';

export function ProofWindow() {
  const { t } = useTranslation('session');
  const client = useQueryClient();
  const wanted = useWantedProof();
  const { person } = useSession();
  const welcome = useQuery({ ...welcomeQuery, enabled: wanted !== null });
  const done = () => {
    // The session is asked for anew: its cookie is another one, and whoever signed in may be somebody else.
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    wanted?.settle(true);
  };
  return (
    <Dialog
      open={wanted !== null}
      onOpenChange={open => !open && wanted?.settle(false)}
      title={t(wanted?.kind === 'sign_in' ? 'againTitle' : 'proveTitle')}
      lead={t(wanted?.kind === 'sign_in' ? 'againLead' : 'proveLead')}
    >
      {wanted?.kind === 'sign_in' ? (
        <SignInForm email={person.email} passkeys={welcome.data?.passkeys ?? false} onDone={done} />
      ) : (
        <StepUpForm onDone={done} />
      )}
    </Dialog>
  );
}

function StepUpForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('session');
  const { person, second_factor } = useSession();
  const hasCode = second_factor.totp || second_factor.passkeys > 0;
  const act = useMutation({
    mutationFn: (body: StepUpBody) => ask('POST', 'step-up', { body }),
    onSuccess: onDone,
    onError: error => {
      if (proofFor(error) === 'sign_in') void prove('sign_in');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ password: value('password'), code: hasCode ? value('code') : null });
  };
  return (
    <div className="grid gap-5">
      {second_factor.passkeys > 0 && <PasskeyButton path="step-up/passkey" strong onDone={onDone} />}
      <form onSubmit={submit} className="grid gap-4">
        <input type="hidden" autoComplete="username" value={person.email} readOnly />
        <TextField
          label={t('password')}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
        />
        {hasCode && (
          <TextField
            label={t(second_factor.totp ? 'code_totp' : 'code_recovery_code')}
            hint={second_factor.totp ? t('orRecoveryCode') : undefined}
            name="code"
            autoComplete="one-time-code"
            spellCheck={false}
            autoCapitalize="none"
            required
            className="font-mono"
          />
        )}
        <Refused error={act.error} />
        <Button type="submit" tone={second_factor.passkeys > 0 ? 'plain' : 'strong'} busy={act.isPending}>
          {t('prove')}
        </Button>
      </form>
    </div>
  );
}
