/** Who has an account here, what they are charged, and who is invited to have one. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AccountsAnswer } from '../../../../server/src/http/dashboard-api/operator-accounts.ts';
import { ask } from '../../lib/api.ts';
import { Answered } from '../../lib/failure.tsx';
import { useUsd } from '../../lib/usd.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { controlClass } from '../../parts/field.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useSession } from '../../session/use-session.ts';
import { Invitations } from '../team/invitations.tsx';
import { ChangeCommission } from './change-commission.tsx';

type Row = AccountsAnswer['accounts'][number];

export function Accounts() {
  const { t } = useTranslation('operator');
  const { mayOperate } = useSession();
  const { text = '', cursor } = useSearch({ from: '/inside/operator' });
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ['operator', 'accounts', text, cursor],
    queryFn: ({ signal }) =>
      ask<AccountsAnswer>('GET', 'operator/accounts', { query: { text, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  const go = (search: { text?: string; cursor?: string }) =>
    void navigate({ to: '/operator', search: { part: 'accounts', ...search } });
  return (
    <>
      <Card
        actions={
          <input
            type="search"
            aria-label={t('search')}
            placeholder={t('search')}
            defaultValue={text}
            onChange={({ target }) => go({ text: target.value })}
            className={`${controlClass} sm:max-w-80`}
          />
        }
      >
        <Answered query={query}>
          {answer => (
            <>
              <List answer={answer} />
              {answer.cursor !== null && (
                <Pager label={t('accounts')}>
                  <Button small onClick={() => go({ text, cursor: String(answer.cursor) })}>
                    {t('more')}
                  </Button>
                </Pager>
              )}
            </>
          )}
        </Answered>
      </Card>
      <Card title={t('team:pending')}>
        <Invitations path="operator/invitations" mayTakeBack={mayOperate('operator.accounts')} />
      </Card>
    </>
  );
}

function List({ answer }: { answer: AccountsAnswer }) {
  const { t } = useTranslation('operator');
  const usd = useUsd();
  const columns: Column<Row>[] = [
    {
      key: 'email',
      title: t('account'),
      free: true,
      cell: ({ id, email }) => (
        <>
          {email} <span className="text-sm text-muted">#{id}</span>
        </>
      ),
    },
    { key: 'merchants', title: t('merchants'), numeric: true, cell: ({ merchants }) => merchants },
    { key: 'members', title: t('members'), numeric: true, cell: ({ members }) => members },
    { key: 'balance', title: t('balance'), numeric: true, cell: ({ balance }) => usd(balance) },
    {
      key: 'commission',
      title: t('commission'),
      numeric: true,
      cell: ({ commission_percent: own }) =>
        own === null ? (
          <span className="text-muted">{t('byDefault', { percent: answer.default_percent })}</span>
        ) : (
          `${own} %`
        ),
    },
    {
      key: 'change',
      title: t('common:acts'),
      acts: true,
      cell: account => <ChangeCommission account={account} />,
    },
  ];
  return (
    <Table
      caption={t('accounts')}
      columns={columns}
      rows={answer.accounts}
      rowKey={({ id }) => id}
      empty={t('noAccounts')}
    />
  );
}
