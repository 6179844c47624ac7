/** The parts of a page in a row; where they do not fit, the one that is looked at is scrolled into sight. */
import { type ReactNode, useEffect, useRef } from 'react';

/** Of a link or a button in it; which one is looked at, it says itself by `aria-current`. */
export const tabClass =
  'flex min-h-10 items-center gap-2 border-b-2 border-transparent px-3 whitespace-nowrap text-muted no-underline hover:text-text focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-accent';

type Props = { label: string; current: string; children: ReactNode };

export function Tabs({ label, current, children }: Props) {
  const row = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one that is looked at is another place to scroll to
  useEffect(() => {
    const shown = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (row.current && shown) row.current.scrollLeft = shown.offsetLeft - row.current.offsetLeft - MARGIN;
  }, [current]);
  return (
    <nav
      ref={row}
      aria-label={label}
      className="flex gap-1 overflow-x-auto shadow-[inset_0_-1px_var(--line)] [scrollbar-width:none]"
    >
      {children}
    </nav>
  );
}

/** So much of the one before stays in sight that one sees there is one, in px. */
const MARGIN = 40;
