/** The whole document: the same with and without scripts, and nothing in it from anywhere but this server. */
import { catalogues } from './catalogue/catalogues.ts';
import { price } from './format.ts';
import { type Html, html } from './html.ts';
import type { Notice } from './notice.ts';
import { type Language, languages, type PageState } from './page-state.ts';
import { isOpen, mainOf, titleOf } from './render-main.ts';
import { isolated, path, report } from './screens/parts.ts';
import { returnsTo } from './screens/progress.ts';
import { simulated } from './screens/simulate.ts';

/**
 * Addresses of the style sheet and the scripts; `framed` is for a page that shops may frame. `nonce` is that of the
 * Content-Security-Policy, when it has one.
 */
export type Assets = { style: string; script: string; framed?: string; nonce?: string };

/** The payer's page. `notice`: what the payer just asked for could not be done; it is shown above the screen. */
export function renderPage(state: PageState, assets: Assets, notice?: Notice): string {
  const words = catalogues[state.language];
  const open = isOpen(state);
  const url = returnsTo(state);
  return document(state.language, assets, {
    title: titleOf(state),
    now: state.now,
    head: html`${open && reload(state, notice)}${url && html`<noscript><meta http-equiv="refresh" content="8;url=${url}"/></noscript>`}`,
    poll: path(state, '/main'),
    events: path(state, '/events'),
    parents: state.parents,
    body: html`${shop(state)}${notice && html`<p class="notice" role="alert" id="notice">${words.notices[notice]}</p>`}${simulated(state)}${mainOf(state)}${open && withoutScripts(state)}<p class="notice quiet" id="offline" hidden="">${words.offline}</p>`,
  });
}

/** For a link that leads to no payment. It asks nobody to send anything. */
export function notFoundPage(language: Language, assets: Assets): string {
  const { notFound } = catalogues[language];
  const body = html`<main id="main">${report({ icon: 'cross', tone: 'calm', title: notFound.title }, html`<p>${notFound.lead}</p>`)}</main>`;
  return document(language, assets, { title: notFound.title, body });
}

type Parts = {
  title: string;
  body: Html;
  head?: Html;
  now?: number;
  poll?: string;
  events?: string;
  parents?: readonly string[];
};

export function document(language: Language, assets: Assets, parts: Parts): string {
  const words = catalogues[language];
  const nonce = assets.nonce && html` nonce="${assets.nonce}"`;
  const told =
    parts.poll &&
    html` data-poll="${parts.poll}" data-events="${parts.events}" data-five="${words.minutesLeft(5)}" data-one="${words.minutesLeft(1)}"`;
  const framed = parts.parents?.length ? assets.framed : null;
  const parents = framed && html` data-parents="${parts.parents?.join(' ')}"`;
  return html`<!doctype html>
<html lang="${language}" dir="ltr"${parts.now !== undefined && html` data-now="${parts.now}"`}><head><meta charset="utf-8"/><title>${parts.title}</title><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta name="robots" content="noindex"/><meta name="referrer" content="same-origin"/><meta name="format-detection" content="telephone=no"/>${parts.head}<link rel="stylesheet" href="${assets.style}"${nonce}/>${framed && html`<script type="module" src="${framed}"${nonce}></script>`}${parts.poll && html`<script type="module" src="${assets.script}"${nonce}></script>`}</head><body${told}${parents}>${parts.body}${switcher(language)}<div id="status" class="unseen" role="status"></div></body></html>
`.text;
}

/** What a notice tells is true once: the page that loads by itself after it leaves it out. */
function reload(state: PageState, notice: Notice | undefined): Html {
  const content = notice || state.simulate?.done ? `20;url=?lang=${state.language}` : '20';
  return html`<noscript><meta http-equiv="refresh" content="${content}"/></noscript>`;
}

function withoutScripts(state: PageState): Html {
  const words = catalogues[state.language];
  const minutes = Math.ceil((state.expireAt - state.now) / 60_000);
  const pays = state.screen.kind === 'choose' || state.screen.kind === 'awaiting';
  return html`<noscript><p class="notice quiet">${pays && minutes > 0 && `${words.minutesLeft(minutes)} `}${words.reloads}</p></noscript>`;
}

function shop({ language, merchant, description, price: asked }: PageState): Html {
  const { logo } = merchant;
  const picture =
    logo &&
    html`<img class="logo" src="${logo.url}" width="${logo.width}" height="${logo.height}" alt="" decoding="async"/>`;
  return html`<header class="shop">${picture}<div><p class="name">${isolated(merchant.name)}</p>${description && html`<p class="description">${isolated(description)}</p>`}</div><p class="price">${isolated(price(language, asked.amount, asked.currency))}</p></header>`;
}

function switcher(current: Language): Html {
  const links = languages.map(
    language =>
      html`<li><a href="?lang=${language}" lang="${language}" hreflang="${language}" rel="noreferrer noopener"${language === current && html` aria-current="true"`}>${catalogues[language].name}</a></li>`,
  );
  return html`<footer><nav aria-label="${catalogues[current].languages}"><ul>${links}</ul></nav></footer>`;
}
