/** The members with their roles, which are changed in their line. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoleBody, TeamAnswer } from '../../../../server/src/http/dashboard-api/team.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { controlClass } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { sessionQuery } from '../../session/session-query.ts';
import { useAct } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';
import { grantedBy } from './roles.ts';

type Member = TeamAnswer['members'][number];

export function Members({ members }: { members: readonly Member[] }) {
  const { t } = useTranslation('team');
  const { person, may } = useSession();
  const { user_id: userId } = useAccount();
  const change = useAct(
    ({ id, role }: { id: number } & RoleBody) =>
      ask('PUT', `users/${userId}/team/${id}`, { body: { role } satisfies RoleBody }),
    { refresh: [['team', userId], sessionQuery.queryKey] },
  );
  const columns: Column<Member>[] = [
    {
      key: 'person',
      title: t('person'),
      free: true,
      cell: ({ name, email, person_id }) => (
        <>
          <span className="flex items-center gap-2 font-medium">
            {name} {person_id === person.id && <Badge tone="busy">{t('you')}</Badge>}
          </span>
          <span className="text-sm text-muted">{email}</span>
        </>
      ),
    },
    {
      key: 'role',
      title: t('role'),
      cell: member => (
        <RoleChoice
          member={member}
          isFixed={!may('team.edit') || change.isPending}
          onChoose={role => change.mutate({ id: member.person_id, role })}
        />
      ),
    },
    { key: 'joined', title: t('joined'), cell: ({ joined_at }) => <Moment at={joined_at} dateOnly /> },
    { key: 'remove', title: t('common:acts'), acts: true, cell: member => <TakeOut member={member} /> },
  ];
  return (
    <>
      <Refused error={change.error} />
      <Table
        caption={t('members')}
        columns={columns}
        rows={members}
        rowKey={({ person_id }) => person_id}
        empty={t('common:nothing')}
      />
    </>
  );
}

type ChoiceProps = { member: Member; isFixed: boolean; onChoose: (role: RoleBody['role']) => void };

function RoleChoice({ member, isFixed, onChoose }: ChoiceProps) {
  const { t } = useTranslation('team');
  const granted = grantedBy(useAccount().role);
  // Whoever may not take a role away may not change it either.
  if (isFixed || !granted.some(role => role === member.role)) return t(`session:role_${member.role}`);
  return (
    <select
      aria-label={`${t('change')}: ${member.name}`}
      value={member.role}
      onChange={({ target }) => {
        const role = granted.find(one => one === target.value);
        if (role) onChoose(role);
      }}
      className={`${controlClass} w-auto min-w-36`}
    >
      {granted.map(role => (
        <option key={role} value={role}>
          {t(`session:role_${role}`)}
        </option>
      ))}
    </select>
  );
}

function TakeOut({ member }: { member: Member }) {
  const { t } = useTranslation('team');
  const [open, setOpen] = useState(false);
  const { person, may } = useSession();
  const { user_id: userId, role } = useAccount();
  const isMe = member.person_id === person.id;
  const act = useAct(() => ask('DELETE', `users/${userId}/team/${member.person_id}`), {
    refresh: [['team', userId], sessionQuery.queryKey],
    onDone: () => setOpen(false),
  });
  if (!isMe && !(may('team.edit') && grantedBy(role).some(one => one === member.role))) return null;
  return (
    <>
      <Button small tone="danger" onClick={() => setOpen(true)}>
        {t(isMe ? 'leave' : 'remove')}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={isMe ? t('leave') : t('removeTitle', { name: member.name })}
        lead={t(isMe ? 'leaveLead' : 'removeLead')}
        act={t(isMe ? 'leave' : 'remove')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
