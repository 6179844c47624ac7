/**
 * From what the database knows of a page to what its payer sees. Every field is named here one by one: what is not
 * named reaches nobody.
 */
import type {
  Due,
  Exit,
  Language,
  Late,
  Method,
  More,
  PageState,
  Received,
  Refund,
  Screen,
  Simulated,
} from '@cryptoscan/checkout';
import {
  type AssetCode,
  assetCodes,
  type Network,
  type NetworkCode,
  networkCodes,
} from '../../domain/asset.ts';
import { requestedAmount } from '../../domain/invoice.ts';
import { type Decimal, formatAmount } from '../../domain/money.ts';
import { lag, MAX_LAG, type Progress } from '../../domain/network-lag.ts';
import { paymentUri } from '../../domain/payment-uri.ts';
import { type Simulation, simulationsFor } from '../../domain/simulation.ts';
import type { Offer, PageFacts } from '../../store/pages.ts';

/** What the page depends on besides the invoice. `now` in ms. */
export type Moment = {
  now: number;
  language: Language;
  /** The networks this installation reads. */
  networks: ReadonlyMap<NetworkCode, Network>;
  /** Whether a coin can be paid in now: what it is worth is known. */
  isPayable: (asset: AssetCode) => boolean;
  /** Test mode and what was just tried in it; undefined wherever real money may be. */
  test?: { done: Simulated | null } | undefined;
};

export function pageState(facts: PageFacts, moment: Moment): PageState {
  const { page, merchant, source, requested } = facts;
  const screen = screenOf(facts, moment);
  return {
    pageId: page.id,
    language: moment.language,
    merchant: { name: merchant.name, url: merchant.url, logo: logoOf(merchant) },
    parents: merchant.origins,
    description: page.description,
    price: source
      ? { amount: formatAmount(source.amount), currency: source.currency }
      : { amount: formatAmount(requested), currency: 'USD' },
    screen,
    createdAt: facts.createdAt,
    expireAt: facts.expireAt,
    now: moment.now,
    canCancel: canCancel(facts, screen, moment),
    back: exitTo(page.backUrl, merchant),
    cancel: exitTo(page.cancelUrl, merchant),
    ...(moment.test && { simulate: { actions: actionsOf(facts, moment), done: moment.test.done } }),
  };
}

/** Where the time is over and a payment may be found still, or a part has come, giving up is not offered. */
function canCancel({ received, expireAt }: PageFacts, { kind }: Screen, { now }: Moment): boolean {
  if (kind === 'paused') return !received && now < expireAt;
  return kind === 'choose' || kind === 'awaiting';
}

function actionsOf({ status, method, payment, expireAt }: PageFacts, { now }: Moment): readonly Simulation[] {
  const isFinal = payment?.isFinal ?? false;
  return simulationsFor({ status, hasMethod: method !== null, isOver: now >= expireAt, isFinal });
}

function screenOf(facts: PageFacts, moment: Moment): Screen {
  const due = dueOf(facts, moment);
  // Nothing can be offered, and nothing may be sent to what the page would have shown.
  if (facts.isForged && facts.status === 'new') return { kind: 'choose', methods: [] };
  switch (facts.status) {
    case 'awaiting_method':
      if (moment.now >= facts.expireAt) return { kind: 'checking', due: null };
      return { kind: 'choose', methods: methodsOf(facts.offers, moment) };
    case 'new':
      // Nothing is found any more of what is sent to a network out of use, be there time left or not.
      if (due && facts.isRetired) return paused(facts, due, moment);
      // Whoever sends after the deadline may be too late, even while the invoice is still open for what was sent before.
      if (!due || moment.now >= facts.expireAt) return { kind: 'checking', due };
      if (isBehind(facts, moment)) return paused(facts, due, moment);
      return incomplete(facts, moment) ?? { kind: 'awaiting', due, others: othersOf(facts, moment) };
    case 'confirming':
      return confirming(facts, due, moment) ?? { kind: 'checking', due };
    case 'completed':
    case 'paid_manually':
      return { kind: 'paid', due, transactionId: facts.transactionId, ...moreOf(facts) };
    // A payment that was in time and is found late may still complete either of them.
    case 'expired':
      return confirming(facts, due, moment) ?? reviewed(facts) ?? expired(facts);
    case 'cancelled':
      return confirming(facts, due, moment) ?? reviewed(facts) ?? { kind: 'cancelled', late: lateOf(facts) };
  }
}

/** What was chosen may be changed while there is time, as long as no part of it has come. */
function paused(facts: PageFacts, { asset, network }: Due, moment: Moment): Screen {
  const mayChange = !facts.received && moment.now < facts.expireAt;
  const others = mayChange ? othersOf(facts, moment) : [];
  return { kind: 'paused', method: { asset, network }, isRetired: facts.isRetired, others };
}

function expired(facts: PageFacts): Screen {
  const { isUnread } = facts;
  return { kind: 'expired', late: lateOf(facts), ...(isUnread && { isUnread }) };
}

/** What the shop has dealt with otherwise than by giving it back is between the two, and no matter of the page any more. */
function lateOf({ stray }: PageFacts): Late | null {
  if (!stray || stray.resolution === 'dismissed') return null;
  const { transactionId, isRejected } = stray;
  return { transactionId, isRejected, ...refundOf(stray) };
}

function refundOf(about: PageFacts['stray'] | PageFacts['payment']): { refund?: Refund } {
  return about?.resolution === 'refunded' ? { refund: { transactionId: about.refundId } } : {};
}

/** A part has come, and the rest is asked for; or a person has to see about it. */
function incomplete(facts: PageFacts, moment: Moment): Screen | null {
  const { received, method } = facts;
  if (!received || !method) return null;
  if (received.rest === null) return reviewed(facts);
  const { scale, units } = method.final;
  // Both amounts are in the coin already.
  const rest = { ...method, final: { units: received.rest, scale }, rate: null };
  const due = dueOf({ method: rest, requested: { units: units - received.sum, scale } }, moment);
  return due && { kind: 'underpaid', due, received: shownOf(received, method) };
}

function reviewed({ received, method }: PageFacts): Screen | null {
  return received && method && { kind: 'review', received: shownOf(received, method) };
}

function shownOf(
  { sum, parts }: NonNullable<PageFacts['received']>,
  { asset, final: { scale } }: NonNullable<PageFacts['method']>,
): Received {
  return {
    amount: formatAmount({ units: sum, scale }),
    asset,
    parts: parts.map(({ units, transactionId }) => ({
      amount: formatAmount({ units, scale }),
      transactionId,
    })),
  };
}

/** Why the payer may want to ask for something back, until the shop has dealt with that. */
function moreOf({ exception, payment, stray }: PageFacts): { more?: More; refund?: Refund } {
  if (exception !== 'overpaid' && exception !== 'duplicate') return {};
  const [more, about] = exception === 'overpaid' ? (['over', payment] as const) : (['again', stray] as const);
  return about?.resolution === 'dismissed' ? {} : { more, ...refundOf(about) };
}

function confirming({ payment, progress }: PageFacts, due: Due | null, { networks }: Moment): Screen | null {
  if (!payment || !due) return null;
  const finality = networks.get(due.network as NetworkCode)?.finality;
  const needed = finality?.by === 'depth' ? finality.depth : null;
  const { height, transactionId, isFinal } = payment;
  const deep = height === null || !progress ? 0 : Math.max(0, progress.height - height + 1);
  const most = needed ?? Number.POSITIVE_INFINITY;
  const confirmations = isFinal && needed !== null ? needed : Math.min(deep, most);
  return { kind: 'confirming', due, transactionId, confirmations, needed };
}

/** Relative to the page, as its style and script are. */
function logoOf({ logo }: PageFacts['merchant']): PageState['merchant']['logo'] {
  return logo && { url: `./logos/${logo.hash}`, width: logo.width, height: logo.height };
}

function dueOf(
  { method, requested }: Pick<PageFacts, 'method' | 'requested'>,
  { networks }: Moment,
): Due | null {
  if (!method) return null;
  const { asset, network, address, final } = method;
  const row = networks.get(network);
  const uri = method.qr === 'uri' && row ? paymentUri(row, method) : null;
  const qr: Due['qr'] = uri ? { text: uri, holds: 'payment' } : { text: address, holds: 'address' };
  return {
    asset,
    network,
    address,
    amount: formatAmount(final),
    tail: tailOf(final, requestedAmount({ method, requested })),
    qr,
  };
}

/** How many of the last digits of the amount as it is shown come after the first decimal that is not as was asked. */
function tailOf(final: Decimal, requested: Decimal): number {
  const [whole = '', shown = ''] = formatAmount(final).split('.');
  const [askedWhole, asked = ''] = formatAmount(requested).split('.');
  if (whole !== askedWhole) return shown.length;
  const first = [...shown].findIndex((digit, index) => digit !== (asked[index] ?? '0'));
  return first === -1 ? 1 : shown.length - first;
}

function isBehind({ method, progress }: PageFacts, { networks, now }: Moment): boolean {
  const network = method && networks.get(method.network);
  return !isFresh(progress, now, network?.onDemand ?? false);
}

/** In the order of the domain's tables, so that a page always looks the same. */
function methodsOf(offers: readonly Offer[], { networks, now, isPayable }: Moment): Method[] {
  return offers
    .filter(({ network, asset, progress }) => {
      const row = networks.get(network);
      return row && isFresh(progress, now, row.onDemand ?? false) && isPayable(asset);
    })
    .sort((a, b) => rank(a) - rank(b))
    .map(({ asset, network }) => ({ asset, network }));
}

/** What the payer may change to: all that is offered but what they have chosen. */
function othersOf({ method, offers }: PageFacts, moment: Moment): Method[] {
  return methodsOf(offers, moment).filter(
    ({ network, asset }) => network !== method?.network || asset !== method.asset,
  );
}

const rank = ({ asset, network }: Offer): number =>
  assetCodes.indexOf(asset) * networkCodes.length + networkCodes.indexOf(network);

function isFresh(progress: Progress | null, now: number, onDemand: boolean): boolean {
  return progress !== null && lag(progress, now, onDemand) <= MAX_LAG;
}

/** A link to the shop, followed without a click only to a host the merchant named as its own. */
function exitTo(url: string | null, merchant: PageFacts['merchant']): Exit | null {
  if (url === null || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return { url, automatic: returnHostsOf(merchant).includes(host) };
}

function returnHostsOf({ returnHosts, url }: PageFacts['merchant']): string[] {
  return returnHosts ?? (URL.canParse(url) ? [new URL(url).host] : []);
}
