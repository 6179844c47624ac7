/** What the account has with the operator, the entries behind it, and topping it up. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  BalanceAnswer,
  TopUpAnswer,
  TopUpBody,
} from '../../../../server/src/http/dashboard-api/balance.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { useUsd } from '../../lib/usd.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Pager } from '../../parts/pager.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';

export function BalanceCard({ userId }: { userId: number }) {
  const { t } = useTranslation('home');
  const { cursor } = useSearch({ strict: false });
  const query = useQuery({
    queryKey: ['balance', userId, cursor ?? null],
    queryFn: ({ signal }) =>
      ask<BalanceAnswer>('GET', `users/${userId}/balance`, { query: { cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Card title={t('balance')} actions={query.data?.can_top_up && <TopUp userId={userId} />}>
      <Answered query={query}>{answer => <Balance answer={answer} />}</Answered>
    </Card>
  );
}

type Entry = BalanceAnswer['entries'][number];

function Balance({ answer }: { answer: BalanceAnswer }) {
  const { t, i18n } = useTranslation('home');
  const usd = useUsd();
  // A text keeps every digit; the types know only numbers.
  const percent = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 4 }).format(
    answer.percent as unknown as number,
  );
  const columns: Column<Entry>[] = [
    { key: 'when', title: t('when'), cell: ({ created_at }) => <Moment at={created_at} /> },
    {
      key: 'what',
      title: t('what'),
      free: true,
      cell: ({ kind, invoice_id: id, memo }) =>
        [t(`kind_${kind}`), id === null ? null : t('invoice', { id }), memo].filter(Boolean).join(' · '),
    },
    { key: 'amount', title: t('amount'), numeric: true, cell: ({ amount }) => usd(amount) },
  ];
  return (
    <>
      <div className="grid gap-3">
        <p className="text-2xl font-semibold tabular-nums">{usd(answer.balance)}</p>
        <p className="text-muted">{t('balanceLead', { percent })}</p>
        {answer.is_low && answer.refuse_below !== null && (
          <Notice tone="warn">{t('balanceLow', { limit: usd(answer.refuse_below) })}</Notice>
        )}
      </div>
      <Table
        caption={t('balance')}
        columns={columns}
        rows={answer.entries}
        rowKey={({ id }) => id}
        empty={t('noEntries')}
      />
      {answer.cursor !== null && (
        <Pager label={t('balance')}>
          <Link
            to="/"
            search={{ cursor: answer.cursor }}
            resetScroll={false}
            className={buttonClass('plain', true)}
          >
            {t('older')}
          </Link>
        </Pager>
      )}
    </>
  );
}

function TopUp({ userId }: { userId: number }) {
  const { t } = useTranslation('home');
  const [open, setOpen] = useState(false);
  const act = useAct((body: TopUpBody) => ask<TopUpAnswer>('POST', `users/${userId}/top-ups`, { body }), {
    onDone: ({ url }) => location.assign(url),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act.mutate({ amount: fieldsIn(event.currentTarget)('amount').trim() });
  };
  const faults = fieldsOf(act.error);
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('topUp')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('topUp')} lead={t('topUpLead')}>
        <form onSubmit={submit} className="grid gap-4">
          <TextField
            label={t('topUpAmount')}
            name="amount"
            inputMode="decimal"
            required
            autoComplete="off"
            error={faults.amount ?? faults.merchant}
          />
          <Refused error={act.error} />
          <Button type="submit" tone="strong" busy={act.isPending}>
            {t('topUp')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
