/** GET /payment/{uuid}: the page. */
import { type PageState, renderPage } from '@cryptoscan/checkout';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AssetCode, Network, NetworkCode } from '../../domain/asset.ts';
import type { Simulate } from '../../domain/simulation.ts';
import type { RateBook } from '../../rates/rate-book.ts';
import { type Assets, assetUrls } from './assets.ts';
import { type FindDeps, requestedPage } from './find-page.ts';
import { allowFraming } from './headers.ts';
import { pageState } from './page-state.ts';
import { languageOf, noticeOf } from './query.ts';
import { simulatedOf } from './simulate.ts';

export type ViewDeps = FindDeps & {
  /** The networks this installation reads. */
  networks: ReadonlyMap<NetworkCode, Network>;
  /** The rates this process knows. */
  book: RateBook;
  /** Test mode; absent wherever real money may be. */
  simulate?: Simulate | undefined;
};

export const HTML = 'text/html; charset=utf-8';

export function viewPageRoute(app: FastifyInstance, deps: ViewDeps, assets: Assets): void {
  app.get('/:pageId', async (request, reply) => {
    const state = await requestedState(deps, request);
    allowFraming(reply, state.parents);
    return reply.type(HTML).send(renderPage(state, assetUrls(assets), noticeOf(request)));
  });
}

/** What the page of a request shows now. */
export async function requestedState(deps: ViewDeps, request: FastifyRequest): Promise<PageState> {
  const facts = await requestedPage(deps, request);
  const { networks, book } = deps;
  const now = deps.clock.now();
  const isPayable = (coin: AssetCode) => book.coinRate(coin, now).ok;
  const language = languageOf(request, facts.page.lang, facts.merchant.language);
  const test = deps.simulate && { done: simulatedOf(request) };
  return pageState(facts, { now, language, networks, isPayable, test });
}
