/** The chat that messages go to: linked by a code that only whoever has proved who they are can see. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NoticesAnswer, TelegramCodeAnswer } from '../../../../server/src/http/dashboard-api/notices.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useAct } from '../../session/use-act.ts';

export const NOTICES = ['notices'];

export function TelegramChat({ bot, chat }: NonNullable<NoticesAnswer['telegram']>) {
  const { t } = useTranslation('notices');
  const [open, setOpen] = useState(false);
  const link = useAct(() => ask<TelegramCodeAnswer>('POST', 'notices/telegram'), {
    onDone: () => setOpen(true),
  });
  const unlink = useAct(() => ask('DELETE', 'notices/telegram'), { refresh: [NOTICES] });
  if (bot === null && chat === null) return <Notice tone="calm">{t('botUnknown')}</Notice>;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="grow break-words">{chat === null ? t('notLinked') : t('linked', { chat })}</p>
      {chat === null ? (
        <Button small busy={link.isPending} onClick={() => link.mutate()}>
          {t('link')}
        </Button>
      ) : (
        <Button small busy={unlink.isPending} onClick={() => unlink.mutate()}>
          {t('unlink')}
        </Button>
      )}
      <Refused error={link.error ?? unlink.error} />
      <Dialog open={open} onOpenChange={setOpen} title={t('linkTitle')} lead={t('linkLead')}>
        {link.data && <Waiting {...link.data} />}
      </Dialog>
    </div>
  );
}

/** Looks every two seconds whether the message has come. */
function Waiting({ link, code, bot }: TelegramCodeAnswer) {
  const { t } = useTranslation('notices');
  const { data } = useQuery({
    queryKey: NOTICES,
    queryFn: ({ signal }) => ask<NoticesAnswer>('GET', 'notices', { signal }),
    refetchInterval: ({ state }) => (state.data?.telegram?.chat ? false : 2000),
  });
  const message = `/start ${code}`;
  if (data?.telegram?.chat) return <Notice tone="good">{t('done')}</Notice>;
  return (
    <div className="grid gap-4">
      <a href={link} target="_blank" rel="noopener noreferrer" className={buttonClass('strong')}>
        {t('openTelegram')}
      </a>
      <p>{t('orSend', { bot })}</p>
      <div className="flex items-start gap-2">
        <Code wrap>{message}</Code>
        <CopyButton text={message} />
      </div>
      <p role="status" className="text-muted">
        {t('waits')}
      </p>
    </div>
  );
}
