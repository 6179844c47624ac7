/** How a webhook stands, in a word. */
import { useTranslation } from 'react-i18next';
import type { DeliveryAnswer } from '../../../../server/src/http/dashboard-api/webhook-answers.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';

const tones: Record<DeliveryAnswer['state'], BadgeTone> = {
  open: 'busy',
  delivered: 'good',
  exhausted: 'bad',
  no_endpoint: 'bad',
  superseded: 'calm',
};

export function DeliveryStanding({ state }: Pick<DeliveryAnswer, 'state'>) {
  const { t } = useTranslation('webhooks');
  return <Badge tone={tones[state]}>{t(`state_${state}`)}</Badge>;
}

/** What came back: a status, or the class of the fault. */
export function AnswerBadge({ status, fault }: { status: number | null; fault: string | null }) {
  if (status === null && fault === null) return <span className="text-muted">–</span>;
  return <Badge tone={status === 200 ? 'good' : 'bad'}>{status ?? fault}</Badge>;
}
