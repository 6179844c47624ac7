/**
 * The token of a link that was sent to somebody. It stands behind the `#`, which no server sees, and is taken out of the
 * address at once, so that it is neither in the history nor on a screenshot; it is kept in memory until it is used.
 */
import { useSyncExternalStore } from 'react';

const PAGES = /\/(setup|reset-password|invitation|confirm-email)\/?$/;

let token = '';
const listeners = new Set<() => void>();

function take(): void {
  const found = /^#([\w-]+)$/.exec(location.hash)?.[1];
  if (found === undefined || !PAGES.test(location.pathname)) return;
  token = found;
  history.replaceState(history.state, '', location.pathname + location.search);
  for (const tell of listeners) tell();
}

/** Called once, before anything is drawn. */
export function startLinkToken(): void {
  // A second link pasted into the same tab loads nothing anew.
  addEventListener('hashchange', take);
  take();
}

export function dropLinkToken(): void {
  token = '';
}

/** Empty when there is none. */
export function useLinkToken(): string {
  return useSyncExternalStore(
    tell => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => token,
  );
}
