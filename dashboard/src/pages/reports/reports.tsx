/** Reports: by day, merchant and coin; and every transfer and every booking accounted for. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../layout/page.tsx';
import { classNames } from '../../lib/class-names.ts';
import { Daily } from './daily.tsx';
import { Filters } from './filters.tsx';
import { Reconciliation } from './reconciliation.tsx';
import { type ReportSearch, reportSearch, views } from './search.ts';

export function Reports() {
  const { t } = useTranslation('reports');
  const search = reportSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const set = (change: Partial<ReportSearch>) =>
    void navigate({ to: '/reports', search: { ...search, ...change }, replace: true });
  return (
    <Page title={t('places:reports')} lead={t(`lead_${search.view}`)}>
      <nav aria-label={t('places:reports')} className="flex gap-1 border-b border-line">
        {views.map(view => (
          <button
            key={view}
            type="button"
            aria-current={view === search.view ? 'page' : undefined}
            onClick={() => set({ view })}
            className={classNames(
              '-mb-px min-h-10 border-b-2 border-transparent px-3 text-muted hover:text-text',
              'aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-accent',
            )}
          >
            {t(`view_${view}`)}
          </button>
        ))}
      </nav>
      <Filters search={search} onChange={set} />
      {search.view === 'daily' ? <Daily search={search} /> : <Reconciliation search={search} />}
    </Page>
  );
}
