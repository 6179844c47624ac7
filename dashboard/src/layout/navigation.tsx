/** The way around: a side bar where there is room, a menu where there is not. */
import { Link } from '@tanstack/react-router';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../lib/class-names.ts';
import { usePlaces } from './places.ts';

function Entries({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  return (
    <ul className="grid gap-0.5">
      {usePlaces().map(({ name, path }) => (
        <li key={name}>
          <Link
            to={path}
            onClick={onGo}
            activeOptions={{ exact: path === '/', includeSearch: false }}
            className={classNames(
              'flex min-h-10 items-center rounded-lg px-3 text-muted no-underline hover:bg-ground hover:text-text',
              'aria-[current=page]:bg-tint aria-[current=page]:font-semibold aria-[current=page]:text-accent',
            )}
          >
            {t(`places:${name}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function SideBar() {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t('menu')}
      className="sticky top-0 hidden h-dvh w-60 shrink-0 overflow-y-auto border-r border-line bg-card p-3 lg:block"
    >
      <Brand />
      <div className="mt-4">
        <Entries />
      </div>
    </nav>
  );
}

export function MenuButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger
        className="grid size-10 place-items-center rounded-lg border border-line lg:hidden"
        aria-label={t('menu')}
      >
        <svg aria-hidden="true" viewBox="0 0 20 20" className="size-5 fill-none stroke-current stroke-2">
          <path d="M3 6h14M3 10h14M3 14h14" strokeLinecap="round" />
        </svg>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-card p-3 shadow-xl"
        >
          <Dialog.Title className="sr-only">{t('menu')}</Dialog.Title>
          <div className="flex items-center justify-between">
            <Brand />
            <Dialog.Close
              aria-label={t('close')}
              className="grid size-10 place-items-center rounded-lg text-muted hover:bg-ground"
            >
              <span aria-hidden>✕</span>
            </Dialog.Close>
          </div>
          <nav aria-label={t('menu')} className="mt-4">
            <Entries onGo={() => setOpen(false)} />
          </nav>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export function Brand() {
  return (
    <p className="flex items-center gap-2 px-2 py-1.5 text-base font-bold">
      <img src="./icon.svg" alt="" width="24" height="24" />
      CryptoScan
    </p>
  );
}
