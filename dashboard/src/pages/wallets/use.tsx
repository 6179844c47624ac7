/** How much of a wallet is in use at its busiest price, with a warning before new invoices would be refused. */
import { useTranslation } from 'react-i18next';
import type { WalletAnswer } from '../../../../server/src/http/dashboard-api/wallets.ts';

const NEARLY_FULL = 0.7;

export function Use({ of: { used, max_tail } }: { of: WalletAnswer }) {
  const { t, i18n } = useTranslation('wallets');
  if (used === null) return <span className="text-muted">–</span>;
  const share = used / max_tail;
  const isFull = share >= NEARLY_FULL;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(share);
  return (
    <span className="grid w-28 gap-1" title={t('useOf', { used, most: max_tail })}>
      <span className="flex items-center gap-2">
        <meter
          className="h-2 w-14"
          min={0}
          max={max_tail}
          high={max_tail * NEARLY_FULL}
          optimum={0}
          value={used}
          aria-label={t('useOf', { used, most: max_tail })}
        />
        <span className="text-sm tabular-nums">{percent}</span>
      </span>
      {isFull && <span className="text-sm whitespace-normal text-warn">{t('full')}</span>}
    </span>
  );
}
