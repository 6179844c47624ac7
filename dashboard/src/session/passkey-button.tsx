/** Proving who one is with a passkey, by itself. */
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Refused } from '../lib/failure.tsx';
import { Button } from '../parts/button.tsx';
import { hasPasskeys, showPasskey } from './passkey.ts';

type Props = { path: 'sign-in/passkey' | 'step-up/passkey'; strong?: boolean; onDone: () => void };

export function PasskeyButton({ path, strong = false, onDone }: Props) {
  const { t } = useTranslation('session');
  const act = useMutation({ mutationFn: () => showPasskey(path), onSuccess: onDone });
  if (!hasPasskeys()) return null;
  return (
    <div className="grid gap-3">
      <Button tone={strong ? 'strong' : 'plain'} busy={act.isPending} onClick={() => act.mutate()}>
        {t('withPasskey')}
      </Button>
      <Refused error={act.error} />
    </div>
  );
}
