/** Invitations that are open: to a team, or, for the operator, to an account of one's own. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { InvitationsAnswer } from '../../../../server/src/http/dashboard-api/invitations.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAct } from '../../session/use-act.ts';

type Row = InvitationsAnswer['invitations'][number];

/** `path`: where the server has them, below its API. */
export function Invitations({ path, mayTakeBack }: { path: string; mayTakeBack: boolean }) {
  const { t } = useTranslation('team');
  const query = useQuery({
    queryKey: ['invitations', path],
    queryFn: ({ signal }) => ask<InvitationsAnswer>('GET', path, { signal }),
  });
  const takeBack = useAct((id: number) => ask('DELETE', `${path}/${id}`), {
    refresh: [['invitations', path]],
  });
  const columns: Column<Row>[] = [
    { key: 'email', title: t('email'), free: true, cell: ({ email }) => email },
    { key: 'role', title: t('role'), cell: ({ role }) => t(`session:role_${role}`) },
    { key: 'until', title: t('until'), cell: ({ expires_at }) => <Moment at={expires_at} /> },
    {
      key: 'act',
      title: t('common:acts'),
      acts: true,
      cell: ({ id, email }) =>
        mayTakeBack && (
          <Button
            small
            aria-label={`${t('takeBack')}: ${email}`}
            busy={takeBack.isPending && takeBack.variables === id}
            onClick={() => takeBack.mutate(id)}
          >
            {t('takeBack')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Refused error={takeBack.error} />
      <Answered query={query}>
        {({ invitations }) => (
          <Table
            caption={t('pending')}
            columns={columns}
            rows={invitations}
            rowKey={({ id }) => id}
            empty={t('noPending')}
          />
        )}
      </Answered>
    </>
  );
}
