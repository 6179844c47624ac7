/** Light or dark: what the person chose, or else what the system says. */
import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): Theme {
  const stored = localStorage.getItem(KEY);
  return themes.find(theme => theme === stored) ?? 'system';
}

function show(): void {
  const theme = chosen();
  document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  for (const tell of listeners) tell();
}

/** Called once, before anything is drawn. */
export function startTheme(): void {
  dark.addEventListener('change', show);
  show();
}

export function choose(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  show();
}

export function useTheme(): Theme {
  return useSyncExternalStore(tell => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, chosen);
}
