/** /confirm-email#token: the link of the letter to a new address. Whoever opens it need not be signed in there. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type {
  ConfirmEmailAnswer,
  ConfirmEmailBody,
} from '../../../../server/src/http/dashboard-api/email.ts';
import { Outside } from '../../layout/outside.tsx';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { dropLinkToken, useLinkToken } from '../../session/link-token.ts';
import { sessionQuery } from '../../session/session-query.ts';
import { ToSignIn } from './to-sign-in.tsx';

export function ConfirmEmail() {
  const { t } = useTranslation('notices');
  const token = useLinkToken();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (body: ConfirmEmailBody) => ask<ConfirmEmailAnswer>('POST', 'email/confirm', { body }),
    onSuccess: () => {
      dropLinkToken();
      void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Outside title={t('confirmTitle')} lead={act.isSuccess ? '' : t('confirmLead')} below={<ToSignIn />}>
      {act.isSuccess && <Notice tone="good">{t('confirmed', { email: act.data.email })}</Notice>}
      {!act.isSuccess && token === '' && <Notice tone="warn">{t('session:linkMissing')}</Notice>}
      {!act.isSuccess && token !== '' && (
        <div className="grid gap-4">
          <Refused error={act.error} />
          <Button tone="strong" busy={act.isPending} onClick={() => act.mutate({ token })}>
            {t('confirm')}
          </Button>
        </div>
      )}
    </Outside>
  );
}
