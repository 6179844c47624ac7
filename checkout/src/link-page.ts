/**
 * The page of a payment link: what is paid for, to whom, and one button; or that it was paid, or is being paid. It works
 * without a script and has none.
 */
import { catalogues } from './catalogue/catalogues.ts';
import { price } from './format.ts';
import { type Html, html } from './html.ts';
import { type Assets, document } from './page.ts';
import type { Language } from './page-state.ts';
import { withoutDirections } from './render-main.ts';
import { isolated, report } from './screens/parts.ts';

/** Why the payer is still here after having sent the form. */
export type LinkNotice = 'busy' | 'unavailable';

/** Everything the page shows, and so everything whoever has the link may know. */
export type LinkState = {
  /** The unguessable end of its address. */
  linkId: string;
  language: Language;
  merchant: { name: string };
  description: string;
  /** As the shop set it, such as 45.749 EUR. */
  price: { amount: string; currency: string };
  /** Only an open one may be paid by now. */
  standing: 'open' | 'underway' | 'paid';
  /** The address of the page on which this payer has tried to pay by the link before. */
  earlier: string | null;
  /** Makes a form that is sent twice count once. */
  token: string;
  notice: LinkNotice | null;
};

export function renderLink(state: LinkState, assets: Assets): string {
  const { language, merchant, notice } = state;
  const { link: words } = catalogues[language];
  const shop = html`<header class="shop"><p class="name">${isolated(merchant.name)}</p></header>`;
  const said = notice && html`<p class="notice" role="alert" id="notice">${words[notice]}</p>`;
  const main = html`<main id="main" data-screen="link">${state.standing === 'open' ? form(state) : told(state)}</main>`;
  return document(language, assets, {
    title: withoutDirections(state.description),
    body: html`${shop}${said}${main}`,
  });
}

function form(state: LinkState): Html {
  const { language, merchant, description } = state;
  const { link: words } = catalogues[language];
  const amount = price(language, state.price.amount, state.price.currency);
  const action = `./${encodeURIComponent(state.linkId)}?lang=${language}`;
  const button = html`<form method="post" action="${action}"><input type="hidden" name="token" value="${state.token}"/><button type="submit" id="pay">${words.pay}</button></form>`;
  const earlier = state.earlier && html`<p class="foot"><a href="${state.earlier}">${words.earlier}</a></p>`;
  return html`<section class="card"><div class="head"><h1 id="title" tabindex="-1"><span>${words.title(isolated(merchant.name))}</span></h1><p class="description">${isolated(description)}</p><p class="amount middle">${isolated(amount)}</p></div><p class="lead">${words.lead}</p>${button}${earlier}</section>`;
}

/** Whoever has the link may read this: nothing of the payment, nor of its page, is in it. */
function told({ language, merchant, description, standing }: LinkState): Html {
  const { link: words } = catalogues[language];
  const thing = html`<p class="description">${isolated(description)}</p>`;
  return standing === 'paid'
    ? report(
        { icon: 'check', tone: 'good', title: words.paidTitle },
        thing,
        html`<p>${words.paid(isolated(merchant.name))}</p>`,
      )
    : report(
        { icon: 'clock', tone: 'calm', title: words.underwayTitle },
        thing,
        html`<p>${words.underway}</p>`,
      );
}
