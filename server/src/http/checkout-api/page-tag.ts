/** What of a page an open stream is told about: a tag that changes when the page would show something new. */
import type { Network, NetworkCode } from '../../domain/asset.ts';
import { isEnded } from '../../domain/invoice.ts';
import { lag, MAX_LAG } from '../../domain/network-lag.ts';
import type { Standing } from '../../store/page-standings.ts';

export type Moment = { now: number; networks: ReadonlyMap<NetworkCode, Network> };

/**
 * Made of all that page-state.ts shows and the page cannot foresee: the invoice, the blocks on a payment, a late or second one and what a person has said of it, and
 * whether the network is behind or out of use. The end of the time is not in it, since the page has a timer; nor are the coins on
 * offer, which hardly change while somebody chooses, and are found by the page's own slow look.
 */
export function tagOf(standing: Standing, { now, networks }: Moment): string {
  const { version, isConfirming, blocksRead, stray, network, progress, isRetired } = standing;
  const onDemand = (network && networks.get(network)?.onDemand) ?? false;
  const isBehind = network !== null && (!progress || lag(progress, now, onDemand) > MAX_LAG);
  const blocks = isConfirming ? blocksRead : null;
  return [
    version,
    blocks ?? '',
    stray?.id ?? '',
    stray?.resolution ?? '',
    isRetired ? 'retired' : isBehind ? 'behind' : '',
  ].join('-');
}

/** Nothing will happen any more that is worth an open stream: a payment in time that is found late is a rare exception. */
export function isOver({ status, isConfirming }: Standing): boolean {
  return isEnded(status) && !isConfirming;
}
