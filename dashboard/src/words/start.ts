/** Starts the translation: every part's words under its name; the language the person chose, or the browser's. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { common } from './common.ts';
import { faults } from './faults.ts';
import { home } from './home.ts';
import { invoice } from './invoice.ts';
import { invoices } from './invoices.ts';
import { links } from './links.ts';
import { merchants } from './merchants.ts';
import { money } from './money.ts';
import { notices } from './notices.ts';
import { operator } from './operator.ts';
import { places } from './places.ts';
import { policies } from './policies.ts';
import { refusals } from './refusals.ts';
import { reports } from './reports.ts';
import { session } from './session.ts';
import { settings } from './settings.ts';
import { tasks } from './tasks.ts';
import { team } from './team.ts';
import { wallets } from './wallets.ts';
import { webhooks } from './webhooks.ts';
import { type Language, languages, type Words } from './words.ts';

/** `t('save')` is of `common`; `t('places:home')` of another part. */
const parts: Record<string, Words> = {
  common,
  faults,
  home,
  invoice,
  invoices,
  links,
  merchants,
  money,
  notices,
  operator,
  places,
  policies,
  refusals,
  reports,
  session,
  settings,
  tasks,
  team,
  wallets,
  webhooks,
};

const KEY = 'language';

function preferred(): Language {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages];
  for (const tag of wanted) {
    const same = languages.find(language => tag && language.slice(0, 2) === tag.slice(0, 2).toLowerCase());
    if (same) return same;
  }
  return 'en-US';
}

function show(language: string): void {
  document.documentElement.lang = language;
}

export async function startWords(): Promise<void> {
  const lng = preferred();
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: 'en-US',
    supportedLngs: [...languages],
    ns: Object.keys(parts),
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    resources: Object.fromEntries(
      languages.map(language => [
        language,
        Object.fromEntries(Object.entries(parts).map(([name, texts]) => [name, texts[language]])),
      ]),
    ),
  });
  show(lng);
}

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
  show(language);
}
