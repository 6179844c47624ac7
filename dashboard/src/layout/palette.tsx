/** Ctrl or Cmd with K: go anywhere by typing. A text that looks like something else is looked for among the invoices. */
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placesFor } from './navigation.tsx';

type Props = { open: boolean; onOpenChange: (open: boolean) => void; isOperator: boolean };

const entryClass =
  'flex min-h-10 cursor-pointer items-center rounded-lg px-3 aria-selected:bg-tint aria-selected:text-accent';

export function Palette({ open, onOpenChange, isOperator }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const close = () => {
    setText('');
    onOpenChange(false);
  };
  const go = (to: string, search: Record<string, string> = {}) => {
    close();
    void navigate({ to, search });
  };
  return (
    <Command.Dialog
      open={open}
      onOpenChange={shown => (shown ? onOpenChange(true) : close())}
      label={t('search')}
      overlayClassName="fixed inset-0 z-40 bg-black/50"
      contentClassName="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl rounded-2xl border border-line bg-card shadow-xl"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder={t('search')}
        className="w-full rounded-t-2xl border-b border-line bg-transparent px-4 py-3.5 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-80 overflow-y-auto p-2">
        {placesFor(isOperator).map(({ name, path }) => (
          <Command.Item
            key={name}
            value={t(`places:${name}`)}
            onSelect={() => go(path)}
            className={entryClass}
          >
            {t(`places:${name}`)}
          </Command.Item>
        ))}
        {text.trim() !== '' && (
          <Command.Item
            forceMount
            value={`search ${text}`}
            onSelect={() => go('/invoices', { query: text.trim() })}
            className={entryClass}
          >
            {t('places:invoices')}: “{text.trim()}”
          </Command.Item>
        )}
      </Command.List>
    </Command.Dialog>
  );
}
