/** The authenticator app: set up by scanning, proved by one code, turned off again. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  ConfirmTotpBody,
  RecoveryCodesAnswer,
  TotpOfferAnswer,
} from '../../../../server/src/http/dashboard-api/totp.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { sessionQuery } from '../../session/session-query.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

export function TotpCard() {
  const { t } = useTranslation('settings');
  const { totp } = useSession().second_factor;
  const [offer, setOffer] = useState<TotpOfferAnswer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const start = useAct(() => ask<TotpOfferAnswer>('POST', 'totp'), { onDone: setOffer });
  return (
    <Card
      title={t('totpTitle')}
      actions={<Badge tone={totp ? 'good' : 'calm'}>{t(totp ? 'totpOn' : 'totpOff')}</Badge>}
    >
      <div className="grid gap-4">
        <p className="text-muted">{t('totpLead')}</p>
        <Refused error={start.error} />
        <div>
          {totp ? (
            <TurnOff />
          ) : (
            <Button tone="strong" busy={start.isPending} onClick={() => start.mutate()}>
              {t('totpStart')}
            </Button>
          )}
        </div>
      </div>
      <Dialog
        open={offer !== null}
        onOpenChange={open => !open && setOffer(null)}
        title={t('totpTitle')}
        lead={t('totpScan')}
      >
        {offer && (
          <ConfirmOffer
            offer={offer}
            onDone={answer => {
              setOffer(null);
              setCodes(answer.recovery_codes);
            }}
          />
        )}
      </Dialog>
      <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />
    </Card>
  );
}

type OfferProps = { offer: TotpOfferAnswer; onDone: (answer: RecoveryCodesAnswer) => void };

function ConfirmOffer({ offer, onDone }: OfferProps) {
  const { t } = useTranslation('settings');
  const act = useAct(
    (code: string) =>
      ask<RecoveryCodesAnswer>('POST', 'totp/confirm', { body: { code } satisfies ConfirmTotpBody }),
    {
      refresh: [sessionQuery.queryKey],
      onDone,
    },
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate(fieldsIn(event.currentTarget)('code').replace(/\s/g, ''));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <img
        src={`data:image/svg+xml,${encodeURIComponent(offer.qr)}`}
        alt={t('totpScan')}
        className="mx-auto size-52 rounded-lg border border-line"
      />
      <div className="grid gap-1">
        <span className="text-sm text-muted">{t('totpKey')}</span>
        <span className="flex flex-wrap items-center gap-2">
          <Code wrap>{offer.secret.replace(/(.{4})(?=.)/g, '$1 ')}</Code>
          <CopyButton text={offer.secret} />
        </span>
      </div>
      <TextField
        label={t('totpCode')}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        autoFocus
        className="font-mono"
        error={fieldsOf(act.error).code}
      />
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('totpConfirm')}
      </Button>
    </form>
  );
}

function TurnOff() {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState(false);
  const act = useAct(() => ask('DELETE', 'totp'), {
    refresh: [sessionQuery.queryKey],
    onDone: () => setOpen(false),
  });
  return (
    <>
      <Button tone="danger" onClick={() => setOpen(true)}>
        {t('totpRemove')}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`${t('totpRemove')}: ${t('totpTitle')}`}
        lead={t('totpRemoveLead')}
        act={t('totpRemove')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
