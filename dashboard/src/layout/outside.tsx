/** What stands around the pages before somebody is signed in: one thing to do, in the middle. */
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { speak } from '../words/start.ts';
import { languageNames, languages } from '../words/words.ts';
import { Brand } from './navigation.tsx';

type Props = { title: string; lead?: ReactNode; children: ReactNode; below?: ReactNode };

export function Outside({ title, lead, children, below }: Props) {
  useEffect(() => {
    document.title = `${title} · CryptoScan`;
  }, [title]);
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] px-4 py-8">
      <div className="mx-auto flex w-full max-w-md flex-col justify-center gap-5">
        <header>
          <Brand />
        </header>
        <main className="grid gap-5">
          <div className="rounded-2xl border border-line bg-card p-5 sm:p-7">
            <h1 className="text-xl font-bold tracking-tight">{title}</h1>
            {lead && <p className="mt-1 text-muted">{lead}</p>}
            <div className="mt-5">{children}</div>
          </div>
          {below && <div className="flex flex-wrap justify-between gap-x-4 gap-y-1 px-2">{below}</div>}
        </main>
      </div>
      <footer>
        <Languages />
      </footer>
    </div>
  );
}

function Languages() {
  const { t, i18n } = useTranslation();
  return (
    <label className="mt-8 flex items-center justify-center gap-2 text-sm text-muted">
      <span className="sr-only">{t('language')}</span>
      <select
        value={i18n.language}
        onChange={({ target }) => {
          const language = languages.find(one => one === target.value);
          if (language) void speak(language);
        }}
        className="min-h-9 rounded-lg border border-line bg-ground px-2"
      >
        {languages.map(language => (
          <option key={language} value={language} lang={language}>
            {languageNames[language]}
          </option>
        ))}
      </select>
    </label>
  );
}
