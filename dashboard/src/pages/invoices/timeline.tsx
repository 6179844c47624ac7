/** The story of an invoice: every state it was in, when, and why. */
import { useTranslation } from 'react-i18next';
import type { TimelineEntry } from '../../../../server/src/http/dashboard-api/invoice-detail.ts';
import { Code } from '../../parts/code.tsx';
import { Moment } from '../../parts/moment.tsx';
import { StatusBadge } from './standing.tsx';

export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol className="grid">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the story only grows at its end
        <li key={index} className="relative grid grid-cols-[1rem_1fr] gap-x-3 pb-5 last:pb-0">
          <span aria-hidden className="mt-1.5 size-2.5 justify-self-center rounded-full bg-accent" />
          {index < entries.length - 1 && (
            <span aria-hidden className="absolute top-5 bottom-0 left-2 w-px bg-line" />
          )}
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation('invoice');
  const { at, status, person, facts } = entry;
  const { transaction_id: transaction, reason } = facts;
  return (
    <div className="grid gap-0.5">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{useTold(entry)}</span>
        {status && <StatusBadge status={status} />}
      </p>
      <p className="text-sm text-muted">
        {at === null ? t('timeUnknown') : <Moment at={at} exact />}
        {person && ` · ${t('by', { person })}`}
      </p>
      {typeof transaction === 'string' && <Code wrap>{transaction}</Code>}
      {typeof reason === 'string' && reason !== '' && (
        <p className="text-sm">{entry.kind === 'transfer_seen' ? t(`why_${reason}`) : `“${reason}”`}</p>
      )}
      {facts.verified === false && <p className="text-sm text-warn">{t('unverified')}</p>}
    </div>
  );
}

const ENDS = ['paid', 'expired', 'cancelled', 'paid_manually'];

/** In words. What the server names that this app does not know yet is shown by its name. */
function useTold({ kind, person, facts }: TimelineEntry): string {
  const { t } = useTranslation('invoice');
  if (kind === 'created') {
    const how = facts.link ? '_by_link' : person ? '_by_hand' : '';
    return t(`happened_created${how}`);
  }
  if (kind === 'told') {
    const event = String(facts.event);
    if (!ENDS.includes(event)) return t('happened_event', facts);
    const byHand = person && (event === 'cancelled' || event === 'paid_manually') ? '_by_hand' : '';
    const how = facts.unseen ? '_unseen' : facts.parts ? '_parts' : byHand;
    return t(`happened_${event}${how}`);
  }
  if (kind === 'act' && facts.action === 'webhook.resend') return t('happened_act_resend', facts);
  return t(`happened_${kind}`, facts);
}
