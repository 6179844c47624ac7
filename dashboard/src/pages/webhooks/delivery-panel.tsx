/** One webhook over the page: its schedule, every request with what came back, and sending it again. */
import { useQuery } from '@tanstack/react-query';
import { type NavigateOptions, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type {
  DeliveryDetailAnswer,
  ResendAnswer,
} from '../../../../server/src/http/dashboard-api/webhook-answers.ts';
import { ask } from '../../lib/api.ts';
import { Answered, Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useAct } from '../../session/use-act.ts';
import { useAccount, useSession } from '../../session/use-session.ts';
import { DeliveryStanding } from './delivery-standing.tsx';
import { RequestView } from './request-view.tsx';
import { ScheduleSteps } from './schedule-steps.tsx';

/** `back`: where closing it leads. */
export function DeliveryPanel({ id, back }: { id: number | null; back: NavigateOptions }) {
  const { t } = useTranslation('webhooks');
  const navigate = useNavigate();
  return (
    <Dialog open={id !== null} onOpenChange={() => void navigate(back)} title={t('places:webhooks')} wide>
      {id !== null && <Loaded id={id} />}
    </Dialog>
  );
}

const SOON = 2000;

function Loaded({ id }: { id: number }) {
  const { user_id } = useAccount();
  const query = useQuery({
    queryKey: ['webhooks', user_id, 'one', id],
    queryFn: ({ signal }) => ask<DeliveryDetailAnswer>('GET', `users/${user_id}/webhooks/${id}`, { signal }),
    // What was asked for is answered in a moment.
    refetchInterval: ({ state }) => (state.data?.resends.some(one => one.state === 'open') ? SOON : false),
  });
  return <Answered query={query}>{delivery => <Delivery delivery={delivery} />}</Answered>;
}

function Delivery({ delivery }: { delivery: DeliveryDetailAnswer }) {
  const { t } = useTranslation('webhooks');
  const { requests_made, resends, webhook_id, event, state } = delivery;
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="flex flex-wrap items-center gap-2">
          <Code>{event}</Code>
          <DeliveryStanding state={state} />
          <span className="text-sm text-muted">
            <Code wrap>{webhook_id}</Code>
          </span>
        </p>
        <Resend delivery={delivery} />
      </div>
      <ScheduleSteps delivery={delivery} />
      <div className="grid gap-2">
        {requests_made.map((request, n) => (
          <RequestView
            key={request.retry_count}
            title={t('request', { n: n + 1 })}
            request={request}
            open={n === requests_made.length - 1 && resends.length === 0}
          />
        ))}
        {resends.map((one, n) => (
          <ResendView key={one.id} resend={one} open={n === resends.length - 1} />
        ))}
      </div>
    </div>
  );
}

function ResendView({ resend, open }: { resend: ResendAnswer; open: boolean }) {
  const { t } = useTranslation('webhooks');
  const { asked_by: person, state } = resend;
  const title = person === null ? t('resentByNobody') : t('resent', { person });
  if (state === 'answered') return <RequestView title={title} request={resend} open={open} />;
  return (
    <p className="rounded-lg border border-line px-3 py-2.5">
      {title} <span className="text-muted">– {state === 'open' ? t('waiting') : t(`state_${state}`)}</span>
    </p>
  );
}

function Resend({ delivery: { id, state, resends } }: { delivery: DeliveryDetailAnswer }) {
  const { t } = useTranslation('webhooks');
  const { may } = useSession();
  const { user_id } = useAccount();
  const act = useAct(() => ask('POST', `users/${user_id}/webhooks/${id}/resend`), {
    refresh: [['webhooks'], ['invoice']],
  });
  if (!may('webhooks.resend') || state === 'superseded') return null;
  const isWaiting = resends.some(one => one.state === 'open');
  return (
    <>
      <Button busy={act.isPending || isWaiting} onClick={() => act.mutate()}>
        {t('resend')}
      </Button>
      {isWaiting && <Notice tone="calm">{t('resendQueued')}</Notice>}
      <Refused error={act.error} />
    </>
  );
}
