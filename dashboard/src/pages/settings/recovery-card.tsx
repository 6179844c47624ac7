/** How many recovery codes are left, and new ones in their place. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecoveryCodesAnswer } from '../../../../server/src/http/dashboard-api/totp.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { sessionQuery } from '../../session/session-query.ts';
import { useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

export function RecoveryCard() {
  const { t } = useTranslation('settings');
  const { totp, passkeys, recovery_codes: left } = useSession().second_factor;
  const [open, setOpen] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const act = useAct(() => ask<RecoveryCodesAnswer>('POST', 'recovery-codes'), {
    refresh: [sessionQuery.queryKey],
    onDone: answer => {
      setOpen(false);
      setCodes(answer.recovery_codes);
    },
  });
  // They stand in for a second factor, so without one there are none.
  if (!totp && passkeys === 0) return null;
  return (
    <Card title={t('recoveryTitle')}>
      <div className="grid gap-4">
        <p className="text-muted">{t('recoveryLead')}</p>
        <p className={left < 3 ? 'font-medium text-warn' : 'font-medium'}>
          {t('recoveryLeft', { count: left })}
        </p>
        <div>
          <Button onClick={() => setOpen(true)}>{t('recoveryRenew')}</Button>
        </div>
      </div>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={t('recoveryTitle')}
        lead={t('recoveryRenewLead')}
        act={t('recoveryRenew')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
      <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />
    </Card>
  );
}
