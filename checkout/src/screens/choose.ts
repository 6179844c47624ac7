/** Coin and network are chosen here. A list of radio buttons, since the choice cannot be taken back. */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import type { Method, PageState } from '../page-state.ts';
import { cancelForm, deadline, network as networkLabel, path, report } from './parts.ts';

export function choose(state: PageState, methods: readonly Method[]): Html {
  const words = catalogues[state.language].choose;
  if (methods.length === 0) {
    return report(
      { icon: 'clock', tone: 'calm', title: words.title },
      html`<p>${words.none}</p>`,
      cancelForm(state),
    );
  }
  const only = methods.length === 1;
  return html`<section class="card"><div class="head"><h1 id="title" tabindex="-1">${words.title}</h1>${deadline(state)}</div><p class="lead">${words.lead}</p><form method="post" action="${path(state, '/method')}"><fieldset><legend>${words.legend}</legend>${methods.map(method => option(method, only))}</fieldset><button type="submit" id="next">${words.next}</button></form></section>${cancelForm(state)}`;
}

function option({ network, asset }: Method, only: boolean): Html {
  return html`<label class="option"><input type="radio" name="method" value="${network}:${asset}" required=""${only && html` checked=""`}/><span class="coin" translate="no">${asset}</span><span class="on" translate="no">${networkLabel(network)}</span></label>`;
}
