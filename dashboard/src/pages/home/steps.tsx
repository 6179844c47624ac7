/** What is left to do until the first payment has gone all its way; gone when it has. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { OverviewAnswer } from '../../../../server/src/http/dashboard-api/overview.ts';
import { Card } from '../../parts/card.tsx';

const order = ['merchant', 'wallet', 'key', 'payment', 'webhook'] as const;

export function Steps({ of: { steps, first_merchant: first } }: { of: OverviewAnswer }) {
  const { t } = useTranslation('home');
  if (order.every(step => steps[step])) return null;
  const next = order.find(step => !steps[step]);
  return (
    <Card title={t('steps')}>
      <ol className="grid gap-3">
        {order.map((step, index) => (
          <li key={step} className="flex items-center gap-3">
            <Mark number={index + 1} done={steps[step]} />
            {step !== next ? (
              <span className={steps[step] ? 'text-muted' : undefined}>{t(`step_${step}`)}</span>
            ) : (
              <NextStep first={first}>{t(`step_${step}`)}</NextStep>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function NextStep({ first, children }: { first: number | null; children: string }) {
  const look = 'font-medium text-accent';
  if (first === null)
    return (
      <Link to="/merchants" className={look}>
        {children}
      </Link>
    );
  return (
    <Link to="/merchants/$merchantId" params={{ merchantId: String(first) }} className={look}>
      {children}
    </Link>
  );
}

function Mark({ number, done }: { number: number; done: boolean }) {
  const { t } = useTranslation('home');
  return (
    <span
      role="img"
      aria-label={`${number}: ${t(done ? 'done' : 'todo')}`}
      className={`grid size-7 shrink-0 place-items-center rounded-full text-sm font-semibold ${done ? 'bg-good-tint text-good' : 'bg-ground text-muted'}`}
    >
      {done ? '✓' : number}
    </span>
  );
}
