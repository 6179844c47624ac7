/** Sends every event again that failed for good since a moment, and says how many. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  ResendFailedBody,
  ResentAnswer,
} from '../../../../server/src/http/dashboard-api/webhook-acts.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';

export function ResendFailed({ path }: { path: string }) {
  const { t } = useTranslation('webhooks');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('resendAll')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('resendAll')} lead={t('resendAllLead')}>
        <Form path={path} />
      </Dialog>
    </>
  );
}

const DAY = 24 * 3_600_000;

/** As a field of date and time holds a moment: the person's own time, to the minute. */
function localMinute(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function Form({ path }: { path: string }) {
  const { t } = useTranslation('webhooks');
  const [begin] = useState(() => localMinute(Date.now() - DAY));
  const act = useAct(
    (body: ResendFailedBody) => ask<ResentAnswer>('POST', `${path}/resend-failed`, { body }),
    {
      refresh: [['webhooks'], ['invoice']],
    },
  );
  return (
    <form
      className="grid gap-4"
      onSubmit={event => {
        event.preventDefault();
        act.mutate({ since: new Date(fieldsIn(event.currentTarget)('since')).getTime() });
      }}
    >
      <TextField
        name="since"
        type="datetime-local"
        label={t('since')}
        defaultValue={begin}
        error={fieldsOf(act.error).since}
        required
      />
      <Refused error={act.error} />
      {act.data && (
        <Notice tone="good">
          {t('resentCount', { count: act.data.resent })} {act.data.more && t('resentMore')}
        </Notice>
      )}
      <Button type="submit" tone="strong" busy={act.isPending} className="justify-self-end">
        {t('resendAct')}
      </Button>
    </form>
  );
}
