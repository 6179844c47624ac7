/** Coin and network are chosen here. A list of radio buttons, so that a slip of the finger alone sends nothing. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import type { Method, PageState } from '../page-state.ts';
import { cancelForm, deadline, network as networkLabel, path, report } from './parts.ts';

export function choose(state: PageState, methods: readonly Method[]): Html {
  const words = catalogues[state.language].choose;
  if (methods.length === 0) {
    return report(
      { icon: 'clock', tone: 'calm', title: words.noneTitle },
      html`<p>${words.none}</p>`,
      cancelForm(state),
    );
  }
  const form = methodForm(state, { from: null, methods, label: words.next });
  return html`<section class="card"><div class="head"><h1 id="title" tabindex="-1">${words.title}</h1>${deadline(state)}</div><p class="lead">${words.lead}</p>${form}</section>${cancelForm(state)}`;
}

/** Another choice takes two taps too, and says first (`told`) what becomes of a payment that is under way. */
export function changeForm(
  state: PageState,
  { from, others, told }: { from: Method; others: readonly Method[]; told: string },
): Html | null {
  if (others.length === 0) return null;
  const { change } = catalogues[state.language];
  const form = methodForm(state, { from, methods: others, label: change.really, told });
  return html`<details class="cancel change" id="change"><summary>${change.ask}</summary>${form}</details>`;
}

type Form = { from: Method | null; methods: readonly Method[]; label: string; told?: string };

/** The form names what it changes from, so that one that is no longer up to date changes nothing. */
function methodForm(state: PageState, { from, methods, label, told }: Form): Html {
  const words = catalogues[state.language].choose;
  const only = methods.length === 1;
  return html`<form method="post" action="${path(state, '/method')}"><input type="hidden" name="from" value="${from && choiceOf(from)}"/>${told && html`<p>${told}</p>`}<fieldset><legend>${words.legend}</legend>${methods.map(method => option(method, only))}</fieldset><button type="submit" id="next">${label}</button></form>`;
}

const choiceOf = ({ network, asset }: Method): string => `${network}:${asset}`;

function option(method: Method, only: boolean): Html {
  return html`<label class="option"><input type="radio" name="method" value="${choiceOf(method)}" required=""${only && html` checked=""`}/><span class="coin" translate="no">${method.asset}</span><span class="on" translate="no">${networkLabel(method.network)}</span></label>`;
}
