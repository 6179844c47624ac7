/** What leads to the pages before and after, under a list. */
import type { ReactNode } from 'react';

export function Pager({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav
      aria-label={label}
      className="-mx-4 -mb-4 flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3"
    >
      {children}
    </nav>
  );
}
