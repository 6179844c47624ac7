/** Every browser in which the person is signed in. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionsAnswer } from '../../../../server/src/http/dashboard-api/sessions.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAct } from '../../session/use-act.ts';
import { browserNameOf } from './browser-name.ts';

const KEY = ['sessions'];
type Row = SessionsAnswer['sessions'][number];

export function SessionsCard() {
  const { t } = useTranslation('settings');
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<SessionsAnswer>('GET', 'sessions', { signal }),
  });
  const end = useAct((id: number) => ask('DELETE', `sessions/${id}`), { refresh: [KEY] });
  const columns: Column<Row>[] = [
    { key: 'browser', title: t('sessionsDevice'), cell: ({ user_agent }) => <Browser text={user_agent} /> },
    { key: 'address', title: t('sessionsAddress'), cell: ({ address }) => <Code>{address}</Code> },
    { key: 'seen', title: t('sessionsSeen'), cell: ({ seen_at }) => <Moment at={seen_at} /> },
    { key: 'began', title: t('sessionsBegan'), cell: ({ created_at }) => <Moment at={created_at} /> },
    {
      key: 'end',
      title: t('common:acts'),
      acts: true,
      cell: ({ id, is_current }) =>
        is_current ? (
          <Badge tone="good">{t('sessionsThis')}</Badge>
        ) : (
          <Button small busy={end.isPending && end.variables === id} onClick={() => end.mutate(id)}>
            {t('sessionsEnd')}
          </Button>
        ),
    },
  ];
  return (
    <Card title={t('sessionsTitle')} actions={(query.data?.sessions.length ?? 0) > 1 && <EndOthers />}>
      <Refused error={end.error} />
      <Answered query={query}>
        {({ sessions }) => (
          <Table
            caption={t('sessionsTitle')}
            columns={columns}
            rows={sessions}
            rowKey={({ id }) => id}
            empty={t('common:nothing')}
          />
        )}
      </Answered>
    </Card>
  );
}

/** What the browser calls itself is whatever it likes, so all of it is there to look at. */
const Browser = ({ text }: { text: string }) => <span title={text}>{browserNameOf(text)}</span>;

function EndOthers() {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState(false);
  const act = useAct(() => ask('DELETE', 'sessions'), { refresh: [KEY], onDone: () => setOpen(false) });
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('sessionsEndOthers')}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={t('sessionsEndOthers')}
        lead={t('sessionsOthersLead')}
        act={t('sessionsEndOthers')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
