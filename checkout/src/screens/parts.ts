/** What several screens are put together from. */
import { catalogues } from '../catalogue/catalogues.ts';
import { universalTime } from '../format.ts';
import { type Content, type Html, html, webAddress } from '../html.ts';
import { icon } from '../icon.ts';
import { networkName, otherName } from '../network-name.ts';
import type { Exit, PageState, Refund } from '../page-state.ts';

/** A name from outside: kept apart, so that its direction of writing cannot turn the text around it. */
export const isolated = (text: string): Html => html`<bdi>${text}</bdi>`;

/**
 * Text that must be read and copied as it is, in groups of four for the eye alone; nothing is put in between. What is left
 * over stands in the first group, so that the last one, which people compare, is whole.
 */
export function exact(id: string, text: string): Html {
  const first = 4 + (text.length % 4);
  const groups = [text.slice(0, first), ...(text.slice(first).match(/.{1,4}/gsu) ?? [])];
  const parts = groups.map(group => html`<span>${group}</span><wbr/>`);
  return html`<bdi class="exact" id="${id}" dir="ltr" translate="no">${parts}</bdi>`;
}

/** A network as it is told and chosen: its name, and the code beside it where that is another one. */
export function network(code: string): Html {
  const other = otherName(code);
  return html`${networkName(code)}${other && html` <span class="chip">${other}</span>`}`;
}

type Copy = { of: string; text: string; label: string; strong?: boolean };

/** Copies `text`; where that is not allowed, the element with the id `of` is selected instead. */
export function copyButton(state: PageState, { of, text, label, strong }: Copy): Html {
  const { copy } = catalogues[state.language];
  return html`<button type="button" class="copy${strong ? '' : ' quiet'}" id="copy-${of}" data-copy="${text}" data-of="${of}" data-done="${copy.done}" data-by-hand="${copy.byHand}">${icon('copy')}<span>${label}</span></button>`;
}

type Shown = { name?: string; label?: string; amount?: string | undefined };

/** `name` tells several of a page apart, `label` says what it did, and `amount` what each brought. */
export function transaction(
  state: PageState,
  id: string,
  { name = 'transaction', amount, label = catalogues[state.language].transaction }: Shown = {},
): Html {
  const { copy } = catalogues[state.language];
  const brought = amount && html` <b dir="ltr" translate="no">${amount}</b>`;
  return html`<section class="transaction"><h2>${label}${brought}</h2><p>${exact(name, id)}</p>${copyButton(state, { of: name, text: id, label: copy.transaction })}</section>`;
}

/** The transaction by which the shop says that it gave money back, where it has named one. */
export function refundOf(state: PageState, { transactionId }: Refund): Html | null {
  const label = catalogues[state.language].returned.transaction;
  return transactionId === null ? null : transaction(state, transactionId, { name: 'refund', label });
}

/** The way back: the first of these links that may be followed, and at last the shop itself. */
export function exitLink(state: PageState, exits: readonly (Exit | null)[], strong: boolean): Html | null {
  const urls = [...exits.map(exit => exit?.url ?? ''), state.merchant.url];
  const url = urls.map(webAddress).find(address => address !== null);
  if (!url) return null;
  const text = catalogues[state.language].backTo(isolated(state.merchant.name));
  return html`<a class="button${strong ? '' : ' quiet'}" href="${url}" rel="noreferrer noopener"><span>${text}</span></a>`;
}

/** Until when to pay. The script puts the payer's own time there, and a timer at the end. */
export function deadline(state: PageState): Html {
  const words = catalogues[state.language];
  const time = html`<time datetime="${new Date(state.expireAt).toISOString()}" data-local="">${universalTime(state.language, state.expireAt)}</time>`;
  const timer = words.timer(html`<span data-left=""></span>`);
  return html`<p class="until"><span>${words.awaiting.until(time)}</span><span class="timer" role="timer" data-timer="" hidden="">${timer}</span></p>`;
}

/** Cancelling takes two taps, so that one cannot lose a payment that is under way. */
export function cancelForm(state: PageState): Html | null {
  if (!state.canCancel) return null;
  const { cancel } = catalogues[state.language];
  return html`<details class="cancel" id="cancel"><summary>${cancel.ask}</summary><form method="post" action="${path(state, '/cancel')}"><p>${cancel.warn}</p><button type="submit" class="danger" id="cancel-really">${cancel.really}</button></form></details>`;
}

/**
 * An address below that of this page, which keeps the language. Relative to `/payment/{pageId}`, so that it holds below any
 * path that a proxy may add.
 */
export const path = (state: PageState, below: string): string =>
  `./${encodeURIComponent(state.pageId)}${below}?lang=${state.language}`;

type Head = { icon: Parameters<typeof icon>[0]; tone: 'busy' | 'good' | 'calm' | 'warn'; title: string };

/** A screen that tells how things stand: a sign, a heading, and what it means. */
export const report = (head: Head, ...contents: Content[]): Html =>
  html`<section class="card report ${head.tone}">${icon(head.icon)}<h1 id="title" tabindex="-1">${head.title}</h1>${contents}</section>`;
