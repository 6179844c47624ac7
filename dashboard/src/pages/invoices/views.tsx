/** The views that are kept, each a link, and keeping the one that is looked at. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../lib/class-names.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { useAccount } from '../../session/use-session.ts';
import { useViews, type View } from './kept-views.ts';
import { filtersOn, type InvoiceSearch } from './search.ts';

export function Views({ search }: { search: InvoiceSearch }) {
  const { t } = useTranslation('invoices');
  const { user_id: userId } = useAccount();
  const { views, isFull, keep, drop } = useViews(userId);
  const { cursor: _, ...narrowed } = search;
  const isNarrowed = filtersOn(search) > 0 || Boolean(search.query);
  const isKept = views.some(view => isSame(view.search, narrowed));
  if (views.length === 0 && !isNarrowed) return null;
  return (
    <nav aria-label={t('views')} className="flex flex-wrap items-center gap-2">
      {views.map(view => (
        <Kept
          key={view.name}
          view={view}
          isOpen={isSame(view.search, narrowed)}
          onDrop={() => drop(view.name)}
        />
      ))}
      {isNarrowed && !isKept && !isFull && <Keep onKeep={name => keep({ name, search: narrowed })} />}
    </nav>
  );
}

const isSame = (one: InvoiceSearch, other: InvoiceSearch): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

type KeptProps = { view: View; isOpen: boolean; onDrop: () => void };

function Kept({ view: { name, search }, isOpen, onDrop }: KeptProps) {
  const { t } = useTranslation('invoices');
  return (
    <span
      className={classNames(
        'flex items-center rounded-full border',
        isOpen ? 'border-accent bg-tint' : 'border-line bg-card',
      )}
    >
      <Link
        to="/invoices"
        search={search}
        {...(isOpen && { 'aria-current': 'page' })}
        className="max-w-60 truncate py-1.5 pl-3 text-accent no-underline"
      >
        {name}
      </Link>
      <button
        type="button"
        aria-label={t('dropView', { name })}
        title={t('dropView', { name })}
        onClick={onDrop}
        className="min-h-8 min-w-8 rounded-full text-muted hover:text-bad"
      >
        ×
      </button>
    </span>
  );
}

function Keep({ onKeep }: { onKeep: (name: string) => void }) {
  const { t } = useTranslation('invoices');
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button tone="quiet" small onClick={() => setOpen(true)}>
        {t('keepView')}
      </Button>
      <Dialog title={t('keepView')} open={isOpen} onOpenChange={setOpen}>
        <form
          className="grid gap-4"
          onSubmit={event => {
            event.preventDefault();
            const name = fieldsIn(event.currentTarget)('name').trim();
            if (name === '') return;
            onKeep(name);
            setOpen(false);
          }}
        >
          <TextField name="name" label={t('viewName')} hint={t('viewHint')} maxLength={60} required />
          <Button type="submit" tone="strong" className="justify-self-start">
            {t('common:save')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
