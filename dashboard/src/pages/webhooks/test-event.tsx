/** Sends a made-up event to the webhook URL, and shows what came back. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  TestEventAnswer,
  TestEventBody,
} from '../../../../server/src/http/dashboard-api/webhook-acts.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { useAct } from '../../session/use-act.ts';
import { RequestView } from './request-view.tsx';

const kinds = ['expired', 'paid', 'paid_manually', 'cancelled'] as const;

export function TestEvent({ path }: { path: string }) {
  const { t } = useTranslation('webhooks');
  const [open, setOpen] = useState(false);
  const act = useAct((body: TestEventBody) => ask<TestEventAnswer>('POST', `${path}/test-event`, { body }));
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {t('test')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('test')} lead={t('testLead')} wide>
        <form
          className="grid gap-4"
          onSubmit={event => {
            event.preventDefault();
            const chosen = fieldsIn(event.currentTarget)('event');
            act.mutate({ event: kinds.find(kind => kind === chosen) ?? 'expired' });
          }}
        >
          <SelectField name="event" label={t('event')}>
            {kinds.map(kind => (
              <option key={kind}>{kind}</option>
            ))}
          </SelectField>
          <Refused error={act.error} />
          {act.data && <RequestView title={t('request', { n: 1 })} request={act.data} open />}
          <Button type="submit" tone="strong" busy={act.isPending} className="justify-self-end">
            {t('testAct')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
