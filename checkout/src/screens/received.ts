/** The screens of a payment of which a part has come: the rest to be sent, or that the shop has to look at it. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import type { PageState, Received, Screen } from '../page-state.ts';
import { steps } from './awaiting.ts';
import { deadline, exitLink, isolated, report, transaction } from './parts.ts';

type Of<Kind extends Screen['kind']> = Extract<Screen, { kind: Kind }>;

export function underpaid(state: PageState, { due, received }: Of<'underpaid'>): Html {
  const { underpaid: words, awaiting } = catalogues[state.language];
  return html`<section class="card"><div class="head"><h1 id="title" tabindex="-1"><span class="pulse"></span>${words.title}</h1>${deadline(state)}</div><p class="received">${words.received(sum(received))} <b>${words.again}</b></p>${steps(state, due, words.send)}<p class="foot">${awaiting.updates}</p></section><div class="card transactions">${list(state, received)}</div>`;
}

export function review(state: PageState, { received }: Of<'review'>): Html {
  const { review: words, late } = catalogues[state.language];
  const shop = isolated(state.merchant.name);
  return report(
    { icon: 'warn', tone: 'warn', title: words.title },
    html`<p>${words.received(sum(received))} <b>${words.stop}</b></p><p>${words.safe(shop)}</p><p>${late.keep}</p>`,
    list(state, received),
    exitLink(state, [state.cancel, state.back], true),
  );
}

const sum = ({ amount, asset }: Received): Html => html`<b dir="ltr" translate="no">${amount} ${asset}</b>`;

/** Who sent in one part knows how much that was. */
function list(state: PageState, { parts, asset }: Received): Html[] {
  return parts.map(({ amount, transactionId }, index) =>
    transaction(state, transactionId, {
      name: index === 0 ? 'transaction' : `transaction-${index + 1}`,
      amount: parts.length > 1 ? `${amount} ${asset}` : undefined,
    }),
  );
}
