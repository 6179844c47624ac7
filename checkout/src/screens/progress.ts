/** The screens after a payment was seen, or while it may still be found. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html, webAddress } from '../html.ts';
import { networkNames } from '../network-name.ts';
import type { Due, PageState, Screen } from '../page-state.ts';
import { exitLink, isolated, refundOf, report, transaction } from './parts.ts';

type Of<Kind extends Screen['kind']> = Extract<Screen, { kind: Kind }>;

export function confirming(state: PageState, screen: Of<'confirming'>): Html {
  const words = catalogues[state.language].confirming;
  return report(
    { icon: 'turn', tone: 'busy', title: words.title },
    sum(screen.due),
    progress(state, screen),
    html`<p>${words.lead} <b>${words.again}</b></p>`,
    transaction(state, screen.transactionId),
  );
}

/** How far the network is, as it is also told to screen readers. */
export function progressText(state: PageState, { confirmations, needed }: Of<'confirming'>): string {
  const words = catalogues[state.language].confirming;
  return needed === null ? words.wait : words.count(Math.min(confirmations, needed), needed);
}

function progress(state: PageState, screen: Of<'confirming'>): Html {
  const text = progressText(state, screen);
  const { needed, confirmations } = screen;
  const bar =
    needed !== null &&
    html`<progress id="progress" aria-label="${text}" max="${needed}" value="${Math.min(confirmations, needed)}"></progress>`;
  return html`<p class="progress">${bar}<span>${text}</span></p>`;
}

export function paid(state: PageState, screen: Of<'paid'>): Html {
  const { due, transactionId, refund } = screen;
  const words = catalogues[state.language].paid;
  return report(
    { icon: 'check', tone: 'good', title: words.title },
    due && sum(due),
    html`<p>${words.lead(isolated(state.merchant.name))}</p>`,
    surplus(state, screen),
    exitLink(state, [state.back], true),
    returnsTo(state) && html`<p class="hint" id="returning">${words.returning}</p>`,
    refund && refundOf(state, refund),
    transactionId && transaction(state, transactionId),
  );
}

/** What came beside what was asked, and what became or can become of it. */
function surplus(state: PageState, { more, refund }: Of<'paid'>): Html | null {
  if (!more) return null;
  const { paid: words, returned } = catalogues[state.language];
  const shop = isolated(state.merchant.name);
  if (!refund) return html`<p>${words[more]} <b>${words.ask(shop)}</b></p>`;
  return html`<p>${words[more]} <b>${returned.surplus(shop)}</b> ${returned.missing(shop)}</p>`;
}

/** Where the payer is sent without a click, or null: only after payment, and only where the server allows it. */
export function returnsTo(state: PageState): string | null {
  const { screen, back } = state;
  // Who has sent too much must be able to read so.
  return screen.kind === 'paid' && !screen.more && back?.automatic ? webAddress(back.url) : null;
}

export function checking(state: PageState): Html {
  const words = catalogues[state.language].checking;
  return report(
    { icon: 'turn', tone: 'busy', title: words.title },
    html`<p><b>${words.lead}</b></p><p>${words.sent}</p><p class="hint">${words.wait}</p>`,
  );
}

const sum = ({ amount, asset, network }: Due): Html =>
  html`<p class="sum" dir="ltr" translate="no"><b>${amount} ${asset}</b><span>${networkNames(network)}</span></p>`;
