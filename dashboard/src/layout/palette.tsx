/** Ctrl or Cmd with K: go anywhere by typing. A text that looks like something else is looked for among the invoices. */
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFocusBack } from '../parts/focus-back.ts';
import { usePlaces } from './places.ts';

type Props = { open: boolean; onOpenChange: (open: boolean) => void };

const entryClass =
  'flex min-h-10 cursor-pointer items-center rounded-lg px-3 aria-selected:bg-tint aria-selected:text-accent';

export function Palette({ open, onOpenChange }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const places = usePlaces();
  const focusBack = useFocusBack(open);
  const close = () => {
    setText('');
    onOpenChange(false);
  };
  const go = (to: string, search: Record<string, string> = {}) => {
    close();
    void navigate({ to, search });
  };
  return (
    <Radix.Root open={open} onOpenChange={shown => (shown ? onOpenChange(true) : close())}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          {...focusBack}
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl rounded-2xl border border-line bg-card shadow-xl"
        >
          <Radix.Title className="sr-only">{t('search')}</Radix.Title>
          <Command label={t('search')}>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder={t('search')}
              className="w-full rounded-t-2xl border-b border-line bg-transparent px-4 py-3.5 text-base outline-none placeholder:text-muted"
            />
            <Command.List className="max-h-80 overflow-y-auto p-2">
              {places.map(({ name, path }) => (
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
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
