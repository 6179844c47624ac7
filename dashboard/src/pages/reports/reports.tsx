/** Reports: by day, merchant and coin; and every transfer and every booking accounted for. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../layout/page.tsx';
import { Tabs, tabClass } from '../../parts/tabs.tsx';
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
      <Tabs label={t('places:reports')} current={search.view}>
        {views.map(view => (
          <button
            key={view}
            type="button"
            aria-current={view === search.view ? 'page' : undefined}
            onClick={() => set({ view })}
            className={tabClass}
          >
            {t(`view_${view}`)}
          </button>
        ))}
      </Tabs>
      <Filters search={search} onChange={set} />
      {search.view === 'daily' ? <Daily search={search} /> : <Reconciliation search={search} />}
    </Page>
  );
}
