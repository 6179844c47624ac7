/** What was paid on each day, as a picture; the table below says the same in numbers. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { DailyAnswerRow } from '../../../../server/src/http/dashboard-api/reports.ts';
import { usdUnits } from '../../lib/usd.ts';
import { Chart } from '../home/chart.tsx';

type Props = { from: string; to: string; rows: readonly DailyAnswerRow[] };

/** As many days as can be told apart in the width of a page. */
const MOST = 400;
const DAY = 86_400_000;

function daysBetween(from: string, to: string): string[] {
  const count = Math.min(MOST, Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1));
  const day = (at: number) => new Date(Date.parse(from) + at * DAY).toISOString().slice(0, 10);
  return Array.from({ length: count }, (_, at) => day(at));
}

export function PaidPerDay({ from, to, rows }: Props) {
  const { t } = useTranslation('reports');
  const points = useMemo(() => {
    const paid = new Map<string, bigint>();
    for (const { day, paid_usd } of rows) paid.set(day, (paid.get(day) ?? 0n) + usdUnits(paid_usd));
    // A picture needs no more digits than a number has.
    return daysBetween(from, to).map(day => ({ day, value: Number(paid.get(day) ?? 0n) / 1e8 }));
  }, [from, to, rows]);
  return <Chart label={t('chartLabel', { from, to })} points={points} />;
}
