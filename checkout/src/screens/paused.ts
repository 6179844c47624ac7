/**
 * The network of what was chosen cannot be read, though there may be time left: nothing of what to send is shown, and who has
 * sent it already must not send it again.
 */
import { catalogues } from '../catalogue/catalogues.ts';
import { type Html, html } from '../html.ts';
import { networkNames } from '../network-name.ts';
import type { PageState, Screen } from '../page-state.ts';
import { changeForm } from './choose.ts';
import { cancelForm, isolated, report } from './parts.ts';

type Paused = Extract<Screen, { kind: 'paused' }>;

export function paused(state: PageState, { method, isRetired, others }: Paused): Html {
  const words = catalogues[state.language].paused;
  const network = html`<b translate="no">${networkNames(method.network)}</b>`;
  const why = isRetired ? words.retired(network) : words.behind(network);
  const sent = isRetired ? words.lookUp(isolated(state.merchant.name)) : words.sent;
  const said = report(
    { icon: 'warn', tone: 'warn', title: words.title },
    html`<p>${why}</p><p><b>${sent}</b></p>`,
    !isRetired && html`<p class="hint">${words.wait}</p>`,
  );
  const change = changeForm(state, { from: method, others, told: words.change });
  return html`${said}${change}${cancelForm(state)}`;
}
