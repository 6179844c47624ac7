/** Where an invoice stands, in a word or two. */
import { useTranslation } from 'react-i18next';
import type { Exception } from '../../../../server/src/domain/exception.ts';
import type { Status } from '../../../../server/src/domain/invoice.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';

const tones: Record<Status, BadgeTone> = {
  awaiting_method: 'busy',
  new: 'busy',
  confirming: 'busy',
  completed: 'good',
  paid_manually: 'good',
  expired: 'calm',
  cancelled: 'calm',
};

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useTranslation('invoices');
  return <Badge tone={tones[status]}>{t(`status_${status}`)}</Badge>;
}

export function Standing({ status, exception }: { status: Status; exception: Exception | null }) {
  const { t } = useTranslation('invoices');
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      <StatusBadge status={status} />
      {exception && (
        <Badge tone={exception === 'reversed' ? 'bad' : 'warn'}>{t(`exception_${exception}`)}</Badge>
      )}
    </span>
  );
}
