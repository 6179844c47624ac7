/** The few signs the page shows. They repeat what the text says, so screen readers skip them. */
import { type Html, html } from './html.ts';

const paths = {
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18M12 7.5V12l3 2',
  warn: 'M12 4v10M12 18.5v.5',
  cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  turn: 'M12 3a9 9 0 1 1-9 9',
  copy: 'M9 9V6a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-3M6 9h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z',
} as const;

export const icon = (name: keyof typeof paths): Html =>
  html`<svg class="icon ${name}" aria-hidden="true" focusable="false" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${paths[name]}"/></svg>`;
