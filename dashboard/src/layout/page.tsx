/** One page: its heading, what can be done on it, and its contents. The window's title follows. */
import { type ReactNode, useEffect } from 'react';

type Props = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Page({ title, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · CryptoScan`;
  }, [title]);
  return (
    <>
      <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-bold tracking-tight wrap-anywhere">{title}</h1>
          {lead && <p className="mt-1 max-w-prose text-muted wrap-anywhere">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <div className="grid grid-cols-1 gap-5">{children}</div>
    </>
  );
}
