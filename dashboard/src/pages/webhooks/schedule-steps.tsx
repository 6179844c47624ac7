/** The ten requests of the schedule: those that were made, the one that is due, and those that may follow. */
import { useTranslation } from 'react-i18next';
import type { DeliveryDetailAnswer } from '../../../../server/src/http/dashboard-api/webhook-answers.ts';
import { classNames } from '../../lib/class-names.ts';

export function ScheduleSteps({ delivery }: { delivery: DeliveryDetailAnswer }) {
  const { t } = useTranslation('webhooks');
  return (
    <section aria-label={t('steps')} className="grid gap-2">
      <h3 className="text-sm font-semibold text-muted">{t('steps')}</h3>
      <ol className="grid grid-cols-2 gap-1.5 sm:grid-cols-5">
        {delivery.schedule.map((wait, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps are numbered
          <Step key={n} n={n} wait={wait} delivery={delivery} />
        ))}
      </ol>
    </section>
  );
}

const looks = {
  done: 'border-good bg-good-tint text-good',
  failed: 'border-bad bg-bad-tint text-bad',
  due: 'border-accent bg-tint text-accent',
  later: 'border-line text-muted',
  never: 'border-line border-dashed text-muted',
};

function Step({ n, wait, delivery }: { n: number; wait: number; delivery: DeliveryDetailAnswer }) {
  const { t } = useTranslation('webhooks');
  const duration = useDuration();
  const moment = useMoment();
  const made = delivery.requests_made[n];
  const look = lookOf(delivery, n);
  const due = dueAt(delivery, n);
  return (
    <li className={classNames('rounded-lg border px-2.5 py-1.5 text-sm', looks[look])}>
      <p className="font-semibold">
        {n + 1} <span className="font-normal">{n > 0 && t('after', { wait: duration(wait) })}</span>
      </p>
      <p>
        {look === 'done' || (look === 'failed' && made?.status)
          ? t('step_done', { status: made?.status })
          : t(`step_${look}`, { when: due === null ? '' : moment(due) })}
      </p>
    </li>
  );
}

function lookOf({ requests_made, state }: DeliveryDetailAnswer, n: number): keyof typeof looks {
  const made = requests_made[n];
  if (made) return made.status === 200 ? 'done' : 'failed';
  if (state !== 'open') return 'never';
  return n === requests_made.length ? 'due' : 'later';
}

/** Each is counted from the start of the one before; of those that are not made yet this is the earliest. */
function dueAt({ next_at, requests_made, schedule }: DeliveryDetailAnswer, n: number): number | null {
  if (next_at === null || n < requests_made.length) return null;
  return schedule.slice(requests_made.length + 1, n + 1).reduce((sum, wait) => sum + wait, next_at);
}

function useDuration(): (ms: number) => string {
  const { i18n } = useTranslation();
  return ms => {
    const [value, unit] =
      ms < 60_000
        ? [ms / 1000, 'second']
        : ms < 3_600_000
          ? [ms / 60_000, 'minute']
          : [ms / 3_600_000, 'hour'];
    const style = { style: 'unit', unit, unitDisplay: 'short' } as const;
    return new Intl.NumberFormat(i18n.language, style).format(value as number);
  };
}

function useMoment(): (at: number) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, {
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  });
  return at => format.format(at);
}
