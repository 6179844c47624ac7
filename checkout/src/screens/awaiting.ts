/** What to send, over what, to where: three steps, and all that loses money said beside the step it belongs to. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import { networkNames } from '../network-name.ts';
import type { Due, PageState, Screen } from '../page-state.ts';
import { qrCode } from '../qr.ts';
import { splitTail } from '../tail.ts';
import { changeForm } from './choose.ts';
import { cancelForm, copyButton, deadline, exact, network as networkLabel } from './parts.ts';

type Awaiting = Extract<Screen, { kind: 'awaiting' }>;

export function awaiting(state: PageState, { due, others }: Awaiting): Html {
  const { awaiting: words, change } = catalogues[state.language];
  return html`<section class="card"><div class="head"><h1 id="title" tabindex="-1"><span class="pulse"></span>${words.title}</h1>${deadline(state)}</div>${steps(state, due, words.send)}<p class="foot">${words.updates}</p></section>${changeForm(state, { from: due, others, told: change.kept })}${cancelForm(state)}`;
}

/** The three steps to pay what is due; `send` is said of the amount. */
export function steps(state: PageState, due: Due, send: string): Html {
  return html`<ol class="steps">${amountStep(state, due, send)}${networkStep(state, due)}${addressStep(state, due)}</ol>`;
}

function amountStep(state: PageState, { amount, tail: count, asset }: Due, send: string): Html {
  const { awaiting: words, copy } = catalogues[state.language];
  const { head, tail } = splitTail(amount, count);
  const marked = html`<mark>${tail}</mark>`;
  const size = amount.length > 10 ? 'small' : amount.length > 6 ? 'middle' : 'large';
  const explained =
    tail && html`<p class="hint">${words.tail(html`<b dir="ltr" translate="no">${tail}</b>`)}</p>`;
  return html`<li><h2>${send}</h2><p class="amount ${size}" dir="ltr" translate="no"><span class="number" id="amount">${head}${tail && marked}</span> <span class="coin">${asset}</span></p>${copyButton(state, { of: 'amount', text: amount, label: copy.amount, strong: true })}<div class="hints">${explained}<p class="hint">${words.whole}</p><p class="hint">${words.fee}</p></div></li>`;
}

function networkStep(state: PageState, { network, asset }: Due): Html {
  const words = catalogues[state.language].awaiting;
  const names = html`<b translate="no">${networkNames(network)}</b>`;
  return html`<li><h2>${words.network}</h2><p class="network" translate="no">${networkLabel(network)}</p><div class="hint warning"><p>${words.only(asset, names)}</p><p>${words.otherwise}</p></div></li>`;
}

function addressStep(state: PageState, { address, qr }: Due): Html {
  const { awaiting: words, copy } = catalogues[state.language];
  const isLink = qr.holds === 'payment';
  return html`<li><h2>${words.address}</h2><p class="address">${exact('address', address)}</p>${copyButton(state, { of: 'address', text: address, label: copy.address, strong: true })}<p class="hint">${words.compare}</p><figure>${qrCode(qr.text, isLink ? words.qrLink : words.qr)}<figcaption class="hint">${isLink ? words.qrLinkHolds : words.qrHolds}</figcaption></figure></li>`;
}
