/** The API keys of a merchant by their public half, and making new ones. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeysBody, NewKeysAnswer } from '../../../../server/src/http/dashboard-api/merchant-keys.ts';
import type { MerchantAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import type { Section } from './merchant.tsx';
import { merchantQuery, pathOf } from './queries.ts';
import { Secrets } from './secrets.tsx';

export function KeysCard({ userId, merchant }: Section) {
  const { t } = useTranslation('merchants');
  const { may } = useSession();
  return (
    <Card
      title={t('publicKey')}
      actions={may('keys.rotate') && <Rotate of={{ userId, merchantId: merchant.id }} />}
    >
      <ul className="grid gap-4">
        {merchant.keys.map(key => (
          <Key key={key.public_key} of={key} />
        ))}
      </ul>
    </Card>
  );
}

function Key({ of: { public_key, expires_at, last_used_at } }: { of: MerchantAnswer['keys'][number] }) {
  const { t } = useTranslation('merchants');
  const isOver = expires_at !== null && expires_at <= Date.now();
  return (
    <li className="grid gap-1">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Code wrap>{public_key}</Code>
        {!isOver && <CopyButton text={public_key} />}
      </div>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        {expires_at === null && <Badge tone="good">{t('current')}</Badge>}
        {isOver && <Badge tone="calm">{t('ended')}</Badge>}
        {expires_at !== null && !isOver && (
          <span>
            {t('until')} <Moment at={expires_at} />
          </span>
        )}
        <span>
          {t('lastUsed')}: {last_used_at === null ? t('never') : <Moment at={last_used_at} />}
        </span>
      </p>
    </li>
  );
}

function Rotate({ of }: { of: { userId: number; merchantId: number } }) {
  const { t } = useTranslation('merchants');
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<NewKeysAnswer | null>(null);
  const act = useAct((body: KeysBody) => ask<NewKeysAnswer>('POST', `${pathOf(of)}/keys`, { body }), {
    refresh: [merchantQuery(of).queryKey],
    onDone: answer => {
      setOpen(false);
      setMade(answer);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ overlap_hours: Number(fieldsIn(event.currentTarget)('overlap_hours')) });
  };
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('rotate')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('rotate')} lead={t('rotateLead')}>
        <form onSubmit={submit} className="grid gap-4">
          <TextField
            label={t('overlap')}
            hint={t('overlapHint')}
            name="overlap_hours"
            type="number"
            min={0}
            max={720}
            required
            defaultValue={24}
            error={fieldsOf(act.error).overlap_hours}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('rotate')}
          </Button>
        </form>
      </Dialog>
      <Secrets
        secrets={
          made && [
            [t('publicKey'), made.public_key],
            [t('privateKey'), made.private_key],
          ]
        }
        onClose={() => setMade(null)}
      />
    </>
  );
}
