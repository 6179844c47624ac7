/** What stands around every page of somebody who is signed in. */
import { Outlet, useLocation } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AccountMenu } from '../session/account-menu.tsx';
import { SessionGuard } from '../session/guard.tsx';
import { useSession } from '../session/use-session.ts';
import { MenuButton, SideBar } from './navigation.tsx';
import { Page } from './page.tsx';
import { Palette } from './palette.tsx';
import { ShortcutHelp, useShortcuts } from './shortcuts.tsx';

export function Shell() {
  return (
    <SessionGuard>
      <Frame />
    </SessionGuard>
  );
}

/** Pages that are of the person or of the installation, not of an account. */
const WITHOUT_ACCOUNT = /^\/(settings|operator)(\/|$)/;

function Contents() {
  const { t } = useTranslation('session');
  const { account } = useSession();
  const { pathname } = useLocation();
  if (account || WITHOUT_ACCOUNT.test(pathname)) return <Outlet key={account?.user_id} />;
  return <Page title={t('noTeam')}>{t('noTeamLead')}</Page>;
}

function Frame() {
  const { t } = useTranslation();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const openPalette = useCallback(() => setPalette(true), []);
  const openHelp = useCallback(() => setHelp(true), []);
  useShortcuts({ openPalette, openHelp });
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-card focus:p-3"
      >
        {t('skip')}
      </a>
      <SideBar />
      <div className="min-w-0 flex-1">
        <header className="sticky top-0 z-30 flex h-14 items-center gap-3 border-b border-line bg-card px-4">
          <MenuButton />
          <button
            type="button"
            onClick={openPalette}
            className="flex min-h-9 w-full max-w-sm items-center justify-between rounded-lg border border-edge px-3 text-muted"
          >
            <span>{t('search')}</span>
            <kbd className="hidden font-mono text-xs sm:inline">Ctrl K</kbd>
          </button>
          <AccountMenu />
        </header>
        <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none">
          <Contents />
        </main>
      </div>
      <Palette open={palette} onOpenChange={setPalette} />
      <ShortcutHelp open={help} onOpenChange={setHelp} />
    </div>
  );
}
