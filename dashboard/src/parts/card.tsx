/** A group of things that belong together, under a heading of its own. */
import type { ReactNode } from 'react';
import { classNames } from '../lib/class-names.ts';

type Props = {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
};

export function Card({ title, actions, children, className }: Props) {
  return (
    <section className={classNames('min-w-0 rounded-xl border border-line bg-card', className)}>
      {(title || actions) && (
        <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-4 py-3">
          {title && <h2 className="text-base font-semibold">{title}</h2>}
          {actions}
        </div>
      )}
      <div className="p-4">{children}</div>
    </section>
  );
}
