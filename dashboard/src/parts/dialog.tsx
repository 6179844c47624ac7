/** A window over the page for one decision; focus stays in it, Esc closes it. */
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../lib/class-names.ts';
import { useFocusBack } from './focus-back.ts';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  lead?: ReactNode;
  /** For what has more to show than a question. */
  wide?: boolean;
  children: ReactNode;
};

export function Dialog({ open, onOpenChange, title, lead, wide = false, children }: Props) {
  const { t } = useTranslation();
  const focusBack = useFocusBack(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-black/50" />
        <Radix.Content
          {...focusBack}
          {...(lead ? {} : { 'aria-describedby': undefined })}
          className={classNames(
            'fixed inset-x-0 bottom-0 z-50 mx-auto max-h-[92dvh] w-full overflow-y-auto rounded-t-2xl border border-line bg-card p-5 shadow-xl sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl',
            wide ? 'max-w-3xl' : 'max-w-lg',
          )}
        >
          <div className="flex items-start justify-between gap-4">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            <Radix.Close
              aria-label={t('close')}
              className="-mt-1 -mr-1 grid size-9 shrink-0 place-items-center rounded-lg text-muted hover:bg-ground"
            >
              <span aria-hidden>✕</span>
            </Radix.Close>
          </div>
          {lead && <Radix.Description className="mt-1 text-muted">{lead}</Radix.Description>}
          <div className="mt-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
