/** In the header: who is signed in, on which account, in which language and colours; and out again. */
import { Link, useNavigate } from '@tanstack/react-router';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../lib/api.ts';
import { classNames } from '../lib/class-names.ts';
import { choose as chooseTheme, type Theme, themes, useTheme } from '../lib/theme.ts';
import { speak } from '../words/start.ts';
import { languageNames, languages } from '../words/words.ts';
import { useSession } from './use-session.ts';

const entryClass =
  'flex min-h-9 cursor-pointer items-center gap-2 rounded-lg px-2.5 text-text no-underline outline-none data-[highlighted]:bg-tint data-[highlighted]:text-accent';

export function AccountMenu() {
  const { t } = useTranslation();
  const { person, account } = useSession();
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={`${t('account')}: ${person.name}`}
        className="ml-auto flex min-h-10 max-w-64 items-center gap-2.5 rounded-lg px-1.5 text-left hover:bg-ground"
      >
        <span
          aria-hidden
          className="grid size-8 shrink-0 place-items-center rounded-full bg-tint font-semibold text-accent"
        >
          {[...person.name][0]?.toUpperCase()}
        </span>
        <span className="hidden min-w-0 sm:block">
          <span className="block truncate text-sm font-medium">{person.name}</span>
          <span className="block truncate text-xs text-muted">{account?.email ?? person.email}</span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-40 max-h-[80dvh] w-72 overflow-y-auto rounded-xl border border-line bg-card p-1.5 shadow-xl"
        >
          <Accounts />
          <DropdownMenu.Item asChild>
            <Link to="/settings" className={entryClass}>
              {t('account')}
            </Link>
          </DropdownMenu.Item>
          <Line />
          <Colours />
          <Languages />
          <Line />
          <DropdownMenu.Item onSelect={() => void signOut()} className={entryClass}>
            {t('signOut')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** By a whole new page, so that nothing of this person stays in memory. */
async function signOut(): Promise<void> {
  await ask('POST', 'sign-out').catch(() => null);
  location.assign(new URL('sign-in', document.baseURI));
}

function Accounts() {
  const { t } = useTranslation('session');
  const { accounts, account, choose } = useSession();
  const navigate = useNavigate();
  if (accounts.length < 2) return null;
  return (
    <>
      <Choice
        label={t('switchAccount')}
        value={String(account?.user_id)}
        onChoose={value => {
          choose(Number(value));
          // What the page shows may not be of the other account.
          void navigate({ to: '/' });
        }}
      >
        {accounts.map(({ user_id, email, role }) => (
          <Option key={user_id} value={String(user_id)} note={t(`role_${role}`)}>
            {email}
          </Option>
        ))}
      </Choice>
      <Line />
    </>
  );
}

function Colours() {
  const { t } = useTranslation();
  const theme = useTheme();
  return (
    <Choice label={t('theme')} value={theme} onChoose={value => chooseTheme(value as Theme)}>
      {themes.map(one => (
        <Option key={one} value={one}>
          {t(`theme_${one}`)}
        </Option>
      ))}
    </Choice>
  );
}

function Languages() {
  const { t, i18n } = useTranslation();
  return (
    <Choice
      label={t('language')}
      value={i18n.language}
      onChoose={value => {
        const language = languages.find(one => one === value);
        if (language) void speak(language);
      }}
    >
      {languages.map(language => (
        <Option key={language} value={language}>
          <span lang={language}>{languageNames[language]}</span>
        </Option>
      ))}
    </Choice>
  );
}

type ChoiceProps = { label: string; value: string; onChoose: (value: string) => void; children: ReactNode };

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <>
      <DropdownMenu.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">
        {label}
      </DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
        {children}
      </DropdownMenu.RadioGroup>
    </>
  );
}

function Option({ value, note, children }: { value: string; note?: string; children: ReactNode }) {
  return (
    <DropdownMenu.RadioItem value={value} className={classNames(entryClass, 'justify-between')}>
      <span className="min-w-0 truncate">{children}</span>
      <span className="flex shrink-0 items-center gap-2 text-xs text-muted">
        {note}
        <DropdownMenu.ItemIndicator className="text-accent">✓</DropdownMenu.ItemIndicator>
      </span>
    </DropdownMenu.RadioItem>
  );
}

const Line = () => <DropdownMenu.Separator className="my-1.5 h-px bg-line" />;
