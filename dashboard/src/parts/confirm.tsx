/** Asks before what cannot be taken back; while it is done the window stays, and says why it was refused. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  lead: ReactNode;
  /** What the button that does it says. */
  act: string;
  busy: boolean;
  onConfirm: () => void;
  /** What it is about to do in full, or why it was refused. */
  children?: ReactNode;
};

export function Confirm({ open, onOpenChange, title, lead, act, busy, onConfirm, children }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} lead={lead}>
      <div className="grid gap-4">
        {children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t('cancel')}</Button>
          <Button tone="danger" busy={busy} onClick={onConfirm}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
