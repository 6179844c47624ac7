/** Everything that waits for somebody, each with what to do about it and the way there. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { TaskAnswer, TasksAnswer } from '../../../../server/src/http/dashboard-api/tasks.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { buttonClass } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useTaskTitle } from '../../parts/task-title.ts';
import { useAccount } from '../../session/use-session.ts';

export function Tasks({ after }: { after: string | undefined }) {
  const { t } = useTranslation('tasks');
  const { user_id } = useAccount();
  const columns = useColumns();
  const query = useQuery({
    queryKey: ['tasks', user_id, after],
    queryFn: ({ signal }) =>
      ask<TasksAnswer>('GET', `users/${user_id}/tasks`, { query: { cursor: after }, signal }),
  });
  return (
    <Answered query={query}>
      {({ tasks, cursor }) => (
        <>
          <Table
            caption={t('waiting')}
            columns={columns}
            rows={tasks}
            rowKey={({ ref }) => ref}
            empty={t('none')}
          />
          <Pages after={after} next={cursor} />
        </>
      )}
    </Answered>
  );
}

function useColumns(): Column<TaskAnswer>[] {
  const { t } = useTranslation('tasks');
  return [
    { key: 'what', title: t('what'), cell: task => <What task={task} /> },
    {
      key: 'amount',
      title: t('money:amount'),
      cell: ({ amount, asset, network }) =>
        amount === null ? (
          '–'
        ) : (
          <span className="whitespace-nowrap tabular-nums">
            {amount} {asset} <span className="block text-sm text-muted">{network}</span>
          </span>
        ),
    },
    {
      key: 'invoice',
      title: t('invoice'),
      free: true,
      cell: ({ invoice }) => invoice?.client_reference_id ?? '–',
    },
    {
      key: 'merchant',
      title: t('money:merchant'),
      free: true,
      cell: ({ merchants }) => merchants.join(', '),
    },
    { key: 'since', title: t('since'), cell: ({ since }) => <Moment at={since} /> },
  ];
}

function What({ task: { kind, transfer_id, invoice } }: { task: TaskAnswer }) {
  const { t } = useTranslation('tasks');
  const title = useTaskTitle();
  const className = 'font-semibold text-accent';
  return (
    <div className="@3xl/rows:min-w-64">
      {transfer_id === null ? (
        <Link to="/invoices/$id" params={{ id: String(invoice?.id) }} className={className}>
          {title(kind)}
        </Link>
      ) : (
        <Link to="/money" search={{ transfer: transfer_id }} className={className}>
          {title(kind)}
        </Link>
      )}
      <span className="block text-sm text-muted">{t(`todo_${kind}`)}</span>
    </div>
  );
}

function Pages({ after, next }: { after: string | undefined; next: string | null }) {
  const { t } = useTranslation();
  if (after === undefined && next === null) return null;
  return (
    <Pager label={t('tasks:waiting')}>
      {after !== undefined && (
        <Link to="/money" className={buttonClass('plain', true)}>
          {t('money:newest')}
        </Link>
      )}
      {next !== null && (
        <Link to="/money" search={{ after: next }} className={buttonClass('plain', true)}>
          {t('next')}
        </Link>
      )}
    </Pager>
  );
}
