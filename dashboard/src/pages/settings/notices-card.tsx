/** What one hears of, and by which way: each box is kept as soon as it is ticked. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { NoticesAnswer, NoticesBody } from '../../../../server/src/http/dashboard-api/notices.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAct } from '../../session/use-act.ts';
import { NOTICES, TelegramChat } from './telegram-chat.tsx';

type Row = NoticesAnswer['kinds'][number];
type Way = 'email' | 'telegram';

export function NoticesCard() {
  const { t } = useTranslation('notices');
  const query = useQuery({
    queryKey: NOTICES,
    queryFn: ({ signal }) => ask<NoticesAnswer>('GET', 'notices', { signal }),
  });
  return (
    <Card title={t('title')}>
      <Answered query={query}>{answer => <Choices {...answer} />}</Answered>
    </Card>
  );
}

function Choices({ mail, telegram, kinds }: NoticesAnswer) {
  const { t } = useTranslation('notices');
  const act = useAct((body: NoticesBody) => ask('PUT', 'notices', { body }), { refresh: [NOTICES] });
  const under = act.isPending ? act.variables.choices[0] : undefined;
  const box = (row: Row, way: Way) => {
    const isUnder = under?.kind === row.kind && under.channel === way;
    return (
      <input
        type="checkbox"
        className="size-5 accent-button"
        aria-label={`${t(row.kind)}: ${t(way === 'email' ? 'byEmail' : 'byTelegram')}`}
        title={row[way].is_bound ? t('always') : undefined}
        checked={isUnder ? under.wanted : row[way].wanted}
        disabled={row[way].is_bound}
        onChange={event =>
          act.mutate({ choices: [{ kind: row.kind, channel: way, wanted: event.target.checked }] })
        }
      />
    );
  };
  const columns: Column<Row>[] = [
    {
      key: 'kind',
      title: t('about'),
      cell: row => (
        <>
          {t(row.kind)}
          {mail && row.email.is_bound && <span className="block text-sm text-muted">{t('always')}</span>}
        </>
      ),
    },
    ...(mail ? [{ key: 'email', title: t('byEmail'), cell: (row: Row) => box(row, 'email') }] : []),
    ...(telegram?.chat
      ? [{ key: 'telegram', title: t('byTelegram'), cell: (row: Row) => box(row, 'telegram') }]
      : []),
  ];
  const hasWay = mail || Boolean(telegram?.chat);
  return (
    <>
      <div className="grid gap-3">
        {hasWay && <p className="text-muted">{t('lead')}</p>}
        {!mail && <Notice tone="calm">{t('noMail')}</Notice>}
        {telegram ? <TelegramChat {...telegram} /> : <p className="text-muted">{t('noTelegram')}</p>}
        <Refused error={act.error} />
      </div>
      {hasWay && (
        <Table
          narrow
          caption={t('title')}
          columns={columns}
          rows={kinds}
          rowKey={({ kind }) => kind}
          empty={t('common:nothing')}
        />
      )}
    </>
  );
}
