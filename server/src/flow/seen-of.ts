/** What an invoice, and an event about it, show of a transfer. */
import { addressText } from '../chains/registry.ts';
import type { Network, NetworkCode } from '../domain/asset.ts';
import type { About } from '../domain/event.ts';
import type { Invoice, Seen } from '../domain/invoice.ts';
import type { TransferRow } from '../store/transfers.ts';

type Networks = { networks: ReadonlyMap<NetworkCode, Network> };
type Sent = Pick<TransferRow, 'network' | 'tx_id' | 'from_key'>;

/** What an invoice shows of the transfer that counts for it. */
export function seenOf(deps: Networks, transfer: Sent & Pick<TransferRow, 'detected_at'>): Seen {
  return {
    transactionId: transfer.tx_id,
    payerWallet: payerOf(deps, transfer),
    paidAt: transfer.detected_at,
  };
}

/** What an opt-in event tells of a transfer to an invoice, which is given as it was asked there. */
export function aboutOf(deps: Networks, { method }: Invoice, transfer: Sent & { units: string }): About {
  if (!method) throw new Error('a transfer for an invoice that asked for nothing');
  const received = { units: BigInt(transfer.units), scale: method.final.scale };
  return { method, transactionId: transfer.tx_id, payerWallet: payerOf(deps, transfer), received };
}

function payerOf({ networks }: Networks, { network: code, from_key: key }: Sent): string {
  const network = networks.get(code);
  return network ? addressText(network, key) : key;
}
