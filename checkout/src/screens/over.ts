/** The screens of an end without payment. Who has sent something must learn what becomes of it, and whom to ask. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import type { Late, PageState, Refund, Screen } from '../page-state.ts';
import { exitLink, isolated, refundOf, report, transaction } from './parts.ts';

export function expired(state: PageState, { late, isUnread }: Extract<Screen, { kind: 'expired' }>): Html {
  if (late) return tooLate(state, late);
  if (isUnread) return unread(state);
  const words = catalogues[state.language].expired;
  const shop = isolated(state.merchant.name);
  return report(
    { icon: 'clock', tone: 'calm', title: words.title },
    html`<p><b>${words.stop}</b> ${words.restart(shop)}</p>`,
    exitLink(state, [state.cancel, state.back], true),
    html`<p class="hint apart">${words.sent(shop)}</p>`,
  );
}

/** That nothing was seen says nothing here: who has sent something must not be led to pay again. */
function unread(state: PageState): Html {
  const words = catalogues[state.language].expired;
  const shop = isolated(state.merchant.name);
  return report(
    { icon: 'warn', tone: 'warn', title: words.title },
    html`<p>${words.unread}</p><p><b>${words.unreadSent(shop)}</b></p>`,
    exitLink(state, [state.cancel, state.back], true),
    html`<p class="hint apart">${words.unreadRestart(shop)}</p>`,
  );
}

export function cancelled(state: PageState, late: Late | null): Html {
  if (late) return tooLate(state, late);
  const words = catalogues[state.language].cancelled;
  return report(
    { icon: 'cross', tone: 'calm', title: words.title },
    html`<p><b>${words.lead}</b></p>`,
    exitLink(state, [state.cancel, state.back], true),
    html`<p class="hint apart">${words.sent(isolated(state.merchant.name))}</p>`,
  );
}

function tooLate(state: PageState, { transactionId, isRejected, refund }: Late): Html {
  if (refund) return returned(state, { transactionId, refund });
  const words = catalogues[state.language].late;
  const shop = isolated(state.merchant.name);
  return report(
    { icon: 'warn', tone: 'warn', title: words.title },
    html`<p>${words.seen} <b>${isRejected ? words.rejected(shop) : words.safe(shop)}</b></p><p>${words.keep}</p>`,
    transaction(state, transactionId),
    exitLink(state, [state.cancel, state.back], true),
  );
}

/** The shop's word, which nobody has looked up on the chain. */
function returned(
  state: PageState,
  { transactionId, refund }: { transactionId: string; refund: Refund },
): Html {
  const words = catalogues[state.language].returned;
  const shop = isolated(state.merchant.name);
  return report(
    { icon: 'check', tone: 'calm', title: words.title },
    html`<p>${words.late(shop)}</p><p>${words.missing(shop)}</p>`,
    refundOf(state, refund),
    transaction(state, transactionId),
    exitLink(state, [state.cancel, state.back], true),
  );
}
