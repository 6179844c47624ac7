/** What has become of a transfer, as a badge. */
import { useTranslation } from 'react-i18next';
import type { StrayAnswer } from '../../../../server/src/http/dashboard-api/money.ts';
import { Badge } from '../../parts/badge.tsx';
import { standingOf } from './standing.ts';

export function StandingBadge({ row }: { row: StrayAnswer }) {
  const { t } = useTranslation('money');
  const { name, tone } = standingOf(row);
  return <Badge tone={tone}>{t(`standing_${name}`)}</Badge>;
}
