/**
 * What a person confirmed an invoice by before anybody had seen it is final now: the invoice, which is paid and told already, is
 * marked no longer as unverified, but with what is unusual about the payment.
 */
import { coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { markOf } from '../domain/confirm.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { OpenPayment } from '../store/payments.ts';
import { seenOf } from './seen-of.ts';

type Deps = { networks: ReadonlyMap<NetworkCode, Network> };

/** The invoice as it is asked in what was paid. Null where it was verified otherwise meanwhile. */
export function verifiedBy(deps: Deps, invoice: Invoice, payment: OpenPayment): Invoice | null {
  if (invoice.exception !== 'unverified_manual') return null;
  const { network, asset, block_time: time } = payment;
  const scale = coinOn(deps.networks.get(network), asset)?.decimals ?? invoice.method?.final.scale ?? 0;
  const amount = { units: BigInt(payment.units), scale };
  const seen = seenOf(deps, payment);
  return {
    ...invoice,
    seen: { ...seen, paidAt: invoice.seen?.paidAt ?? seen.paidAt },
    exception: markOf(invoice, { amount, time: time ?? payment.detected_at }),
  };
}
