/** What can be done with a payment link: hand it on, put a button for it on a page, close it. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkAnswer } from '../../../../server/src/http/dashboard-api/links.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';

export function LinkActs({ link, userId }: { link: LinkAnswer; userId: number }) {
  const { t } = useTranslation('links');
  const { may } = useSession();
  const [shown, setShown] = useState<'button' | 'close' | null>(null);
  const act = useAct(() => ask('POST', `users/${userId}/links/${link.id}/close`), {
    refresh: [['links', userId]],
    onDone: () => setShown(null),
  });
  if (link.state !== 'open') return null;
  return (
    <>
      <CopyButton text={link.url} label={t('copyLink')} tone="plain" />
      <Button small onClick={() => setShown('button')}>
        {t('button')}
      </Button>
      {may('merchants.edit') && (
        <Button small onClick={() => setShown('close')}>
          {t('close')}
        </Button>
      )}
      <Dialog
        open={shown === 'button'}
        onOpenChange={open => !open && setShown(null)}
        title={t('buttonTitle')}
        lead={t('buttonLead')}
      >
        <div className="grid gap-3">
          <div className="rounded-lg border border-line bg-ground p-3">
            <Code wrap>{link.button}</Code>
          </div>
          <CopyButton text={link.button} />
        </div>
      </Dialog>
      <Confirm
        open={shown === 'close'}
        onOpenChange={open => !open && setShown(null)}
        title={t('closeTitle')}
        lead={t('closeLead')}
        act={t('close')}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
      >
        <Refused error={act.error} />
      </Confirm>
    </>
  );
}
