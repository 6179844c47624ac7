/** Views of the list that somebody has kept, by name: in this browser, and of each account its own. */
import { useState } from 'react';
import { type InvoiceSearch, invoiceSearch } from './search.ts';

export type View = { name: string; search: InvoiceSearch };

/** As many as fit beside each other. */
const MOST = 20;

const keyOf = (userId: number): string => `invoice-views-${userId}`;

/** Whatever is not understood is left out: anybody may have written there. */
function read(userId: number): View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]');
    return Array.isArray(stored) ? stored.flatMap(one => viewFrom(one) ?? []) : [];
  } catch {
    return [];
  }
}

function viewFrom(stored: unknown): View | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { name, search } = stored as Record<string, unknown>;
  if (typeof name !== 'string' || name === '' || typeof search !== 'object' || search === null) return null;
  return { name, search: invoiceSearch(search as Record<string, unknown>) };
}

export function useViews(userId: number) {
  const [views, setViews] = useState(() => read(userId));
  const write = (changed: readonly View[]) => {
    localStorage.setItem(keyOf(userId), JSON.stringify(changed));
    setViews(read(userId));
  };
  const others = (name: string) => views.filter(view => view.name !== name);
  return {
    views,
    isFull: views.length >= MOST,
    /** In place of one of the same name. */
    keep: (view: View) => write([...others(view.name), view].slice(0, MOST)),
    drop: (name: string) => write(others(name)),
  };
}
