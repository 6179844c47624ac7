/** A panel over the right side of the page for one row of it; focus stays in it, Esc closes it. */
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFocusBack } from './focus-back.ts';

type Props = { open: boolean; onClose: () => void; title: ReactNode; children: ReactNode };

export function SidePanel({ open, onClose, title, children }: Props) {
  const { t } = useTranslation();
  const focusBack = useFocusBack(open);
  return (
    <Radix.Root open={open} onOpenChange={shown => !shown && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          {...focusBack}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 w-full max-w-xl overflow-y-auto border-l border-line bg-card p-5 shadow-xl"
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
          <div className="mt-4 grid grid-cols-1 gap-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
