/** The keyboard: Ctrl+K or / opens the palette, ? says what there is, G and a letter goes to a page. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../parts/dialog.tsx';
import { usePlaces } from './places.ts';

type Act = { openPalette: () => void; openHelp: () => void };

/** Letters belong to whoever is typing; the palette opens from anywhere. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** The clock of a page begins with it. */
const LONG_AGO = Number.NEGATIVE_INFINITY;

export function useShortcuts({ openPalette, openHelp }: Act): void {
  const places = usePlaces();
  const navigate = useNavigate();
  /** When G was pressed. */
  const going = useRef(LONG_AGO);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      if (performance.now() - going.current < 1500) {
        going.current = LONG_AGO;
        const place = places.find(({ key }) => key === event.key);
        if (place) void navigate({ to: place.path });
        return;
      }
      if (event.key === 'g') going.current = performance.now();
      if (event.key === '/') {
        event.preventDefault();
        openPalette();
      }
      if (event.key === '?') openHelp();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [navigate, openPalette, openHelp, places]);
}

export function ShortcutHelp({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useTranslation();
  const lines = [
    ['Ctrl K', t('search')],
    ['/', t('search')],
    ['?', t('shortcuts')],
    ...usePlaces().map(({ key, name }) => [`G ${key.toUpperCase()}`, t(`places:${name}`)]),
  ];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts')}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {lines.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded-md border border-line bg-ground px-2 py-0.5 font-mono text-sm">
                {keys}
              </kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
