/** The person's passkeys: a list, one more, one less. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PasskeysAnswer } from '../../../../server/src/http/dashboard-api/passkeys.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { hasPasskeys } from '../../session/passkey.ts';
import { sessionQuery } from '../../session/session-query.ts';
import { useAct } from '../../session/use-act.ts';
import { AddPasskey } from './add-passkey.tsx';

type Passkey = PasskeysAnswer['passkeys'][number];

export function PasskeysCard({ isAvailable }: { isAvailable: boolean }) {
  const { t } = useTranslation('settings');
  const query = useQuery({
    queryKey: ['passkeys'],
    queryFn: ({ signal }) => ask<PasskeysAnswer>('GET', 'passkeys', { signal }),
  });
  const columns: Column<Passkey>[] = [
    { key: 'name', title: t('name'), free: true, cell: ({ name }) => name },
    {
      key: 'created',
      title: t('passkeyCreated'),
      cell: ({ created_at }) => <Moment at={created_at} dateOnly />,
    },
    {
      key: 'used',
      title: t('passkeyUsed'),
      cell: ({ last_used_at }) => (last_used_at === null ? t('never') : <Moment at={last_used_at} />),
    },
    { key: 'remove', title: t('common:acts'), acts: true, cell: passkey => <Remove passkey={passkey} /> },
  ];
  const canAdd = isAvailable && hasPasskeys();
  return (
    <Card title={t('passkeysTitle')} actions={canAdd && <AddPasskey />}>
      <p className="mb-2 text-muted">{t(canAdd ? 'passkeysLead' : 'passkeysUnavailable')}</p>
      <Answered query={query}>
        {({ passkeys }) => (
          <Table
            caption={t('passkeysTitle')}
            columns={columns}
            rows={passkeys}
            rowKey={({ id }) => id}
            empty={t('passkeysNone')}
          />
        )}
      </Answered>
    </Card>
  );
}

function Remove({ passkey }: { passkey: Passkey }) {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState(false);
  const act = useAct(() => ask('DELETE', `passkeys/${passkey.id}`), {
    refresh: [['passkeys'], sessionQuery.queryKey],
    onDone: () => setOpen(false),
  });
  return (
    <>
      <Button
        small
        tone="danger"
        onClick={() => setOpen(true)}
        aria-label={`${t('remove')}: ${passkey.name}`}
      >
        {t('remove')}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={t('passkeyRemoveTitle', { name: passkey.name })}
        lead={t('passkeyRemoveLead')}
        act={t('remove')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
