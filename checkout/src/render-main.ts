/**
 * The part of the page that changes. It depends on everything in the state but `now`, so that the same standing gives the
 * same text, and a page that asks again is told that nothing is new.
 */
import { catalogues } from './catalogue/catalogues.ts';
import { type Html, html } from './html.ts';
import type { PageState } from './page-state.ts';
import { awaiting } from './screens/awaiting.ts';
import { choose } from './screens/choose.ts';
import { cancelled, expired } from './screens/over.ts';
import { paused } from './screens/paused.ts';
import { checking, confirming, paid, progressText, returnsTo } from './screens/progress.ts';
import { review, underpaid } from './screens/received.ts';
import { simulateDrawer } from './screens/simulate.ts';

/** The `<main>` element: what the script puts in place of the one it has. */
export const renderMain = (state: PageState): string => mainOf(state).text;

export function mainOf(state: PageState): Html {
  const every = pollSeconds(state);
  return html`<main id="main" data-screen="${state.screen.kind}" data-title="${titleOf(state)}" data-status="${statusOf(state)}" data-created="${state.createdAt}" data-expire="${state.expireAt}" data-every="${every}" data-back="${returnsTo(state)}">${screenOf(state)}${simulateDrawer(state)}</main>`;
}

function screenOf(state: PageState): Html {
  const { screen } = state;
  switch (screen.kind) {
    case 'choose':
      return choose(state, screen.methods);
    case 'awaiting':
      return awaiting(state, screen);
    case 'paused':
      return paused(state, screen);
    case 'underpaid':
      return underpaid(state, screen);
    case 'review':
      return review(state, screen);
    case 'confirming':
      return confirming(state, screen);
    case 'paid':
      return paid(state, screen);
    case 'checking':
      return checking(state);
    case 'expired':
      return expired(state, screen);
    case 'cancelled':
      return cancelled(state, screen.late);
  }
}

/** True while the page may change without the payer doing anything unusual: such a page reloads without scripts too. */
export const isOpen = ({ screen }: PageState): boolean =>
  screen.kind !== 'paid' && screen.kind !== 'expired' && screen.kind !== 'cancelled';

/**
 * Seconds between two looks at the server; null: never again. Where the time is over it still looks now and then, since a payment
 * may come late, or be given back, and its sender is watching.
 */
function pollSeconds({ screen }: PageState): number | null {
  switch (screen.kind) {
    case 'paid':
      return screen.more && !screen.refund ? 30 : null;
    case 'review':
      return 30;
    case 'expired':
    case 'cancelled':
      return screen.late?.refund ? null : 30;
    default:
      return 4;
  }
}

function headingOf({ language, screen }: PageState): string {
  const words = catalogues[language];
  if (screen.kind === 'choose' && screen.methods.length === 0) return words.choose.noneTitle;
  const ended = screen.kind === 'expired' || screen.kind === 'cancelled';
  if (!ended || !screen.late) return words[screen.kind].title;
  return screen.late.refund ? words.returned.title : words.late.title;
}

/** What is told to a screen reader when it changes. */
function statusOf(state: PageState): string {
  const heading = headingOf(state);
  return state.screen.kind === 'confirming' ? `${heading}. ${progressText(state, state.screen)}` : heading;
}

/** The title of the window. A name's marks of direction would turn all of it around, and are left out. */
export const titleOf = (state: PageState): string =>
  `${headingOf(state)} · ${withoutDirections(state.merchant.name)}`;

export const withoutDirections = (text: string): string =>
  text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
