/**
 * Test mode, on local chains alone: a drawer of what a developer may try on this payment, and what became of the last try.
 * Dashed and named, so that nobody takes it for a part of a payment.
 */
import { catalogues } from '../catalogue/catalogues.ts';
import { simulationWords } from '../catalogue/simulation.ts';
import { type Html, html } from '../html.ts';
import type { PageState, Simulation } from '../page-state.ts';
import { path } from './parts.ts';

/** Open where something was just done, since more often than not something else is tried next. */
export function simulateDrawer(state: PageState): Html | null {
  const { simulate } = state;
  if (!simulate || simulate.actions.length === 0) return null;
  const words = simulationWords[state.language];
  const option = (action: Simulation) => {
    const { name, does } = words.actions[action];
    const explained = `simulate-${action}-does`;
    return html`<li><button type="submit" class="quiet" name="action" value="${action}" id="simulate-${action}" aria-describedby="${explained}">${name}</button><p class="hint" id="${explained}">${does}</p></li>`;
  };
  return html`<details class="simulate" id="simulate"${simulate.done && html` open=""`}><summary>${words.mark} · ${words.title}</summary><form method="post" action="${path(state, '/simulate')}"><p class="hint">${words.lead}</p><ul>${simulate.actions.map(option)}</ul></form></details>`;
}

/** What became of the last try, with the transactions it sent or took back. */
export function simulated({ simulate, language }: PageState): Html | null {
  if (!simulate?.done) return null;
  const { action, transactionIds, fault } = simulate.done;
  const words = simulationWords[language];
  const ids = transactionIds.map(
    id => html` ${catalogues[language].transaction}: <bdi dir="ltr" translate="no">${id}</bdi>.`,
  );
  return html`<p class="notice simulated" role="${fault ? 'alert' : 'status'}" id="notice"><b>${words.mark}.</b> ${words.actions[action].name}: ${fault ? words.faults[fault] : words.done}${ids}</p>`;
}
