/** How an invoice should have ended, judged from the chains and from what people did by hand. */
import { type ChainFacts, identityOf, rowIdentity, type Settled } from './facts.ts';
import type { World } from './world.ts';

const GRACE = 120_000;

export type Judged = {
  id: number;
  client_reference_id: string;
  status: string;
  exception: string | null;
  transaction_id: string | null;
  network: string | null;
  asset: string | null;
  address_key: string | null;
  final_units: string | null;
  created_at: number;
  /** From when on its amount was its own; null while none was chosen. */
  method_at: number | null;
  expire_at: number;
  /** Told to the shop then, whatever came after. */
  cancelled_at: number | null;
};

export const JUDGED = `select i.*, o.created_at as cancelled_at
  from invoices i left join outbox o on o.invoice_id = i.id and o.type = 'cancelled' order by i.id`;

type Case = { invoice: Judged; settled: readonly Settled[]; facts: ChainFacts };

export function judgeInvoice(world: World, { invoice, settled, facts }: Case): string[] {
  const own = settled.find(row => row.invoice_id === invoice.id);
  world.reach(`ended ${invoice.status}${invoice.exception ? ` ${invoice.exception}` : ''}`);
  const name = `invoice ${invoice.id}`;
  if (invoice.cancelled_at !== null && !world.cancelled.has(invoice.id))
    return [`${name} was cancelled by nobody`];
  if (invoice.status === 'paid_manually') return judgeByHand(world, invoice, own);
  const paying = payments(world, { invoice, settled, facts });
  // Money sent before there was an invoice is not its payment; while nobody had seen it, it cannot be told apart.
  const inTime = paying.some(({ sentAt }) => sentAt >= (invoice.method_at ?? invoice.created_at));
  if (paying.length > 0 && !inTime) world.reach('sent before its invoice');
  if (inTime) {
    return invoice.status === 'completed' ? [] : [`${name} was paid in time and is ${invoice.status}`];
  }
  if (invoice.status === 'completed') {
    // Only a chain that broke its word, or was begun anew, leaves an invoice settled by a transfer that is not there.
    const stands = own !== undefined && facts.identities.has(rowIdentity(own));
    const unseen = own !== undefined && paying.some(({ transfer }) => transfer.txId === own.tx_id);
    const excused =
      unseen || invoice.exception === 'reversed' || world.epochs > 0 || (stands && world.deepReorgs > 0);
    return excused ? [] : [`${name} is completed, but nobody paid it in time`];
  }
  const owed = invoice.cancelled_at === null ? 'expired' : 'cancelled';
  return invoice.status === owed ? [] : [`${name} is still ${invoice.status}`];
}

/**
 * Transfers on the chains that pay the invoice, but for those that a person could give to another one: before there was
 * this one, or while a fork had them in a block of another time.
 */
function payments(world: World, { invoice, settled, facts }: Case): ChainFacts['canonical'] {
  const elsewhere = new Set(
    settled
      .filter(row => row.invoice_id !== invoice.id && row.invoice_status === 'paid_manually')
      .filter(row => row.settled_at <= (invoice.method_at ?? invoice.created_at) || world.forks > 0)
      .map(rowIdentity),
  );
  const until = Math.min(invoice.expire_at + GRACE, invoice.cancelled_at ?? Number.POSITIVE_INFINITY);
  return facts.canonical.filter(
    ({ network, transfer }) =>
      network === invoice.network &&
      transfer.to === invoice.address_key &&
      transfer.asset === invoice.asset &&
      transfer.units.toString() === invoice.final_units &&
      transfer.from !== transfer.to &&
      transfer.block.time >= (invoice.method_at ?? invoice.created_at) - GRACE &&
      transfer.block.time <= until &&
      !elsewhere.has(identityOf(network, transfer)),
  );
}

/** Somebody named this transaction; it is either a transfer to the invoice's wallet, or said to be unverified. */
function judgeByHand(world: World, invoice: Judged, own: Settled | undefined): string[] {
  const name = `invoice ${invoice.id}`;
  const named = [...(world.named.get(invoice.id) ?? [])].map(digitsOf);
  if (invoice.transaction_id === null || !named.includes(digitsOf(invoice.transaction_id))) {
    return [`${name} was confirmed by a transaction that nobody named`];
  }
  if (invoice.exception === 'unverified_manual') {
    return own ? [`${name} is unverified and has a settled payment`] : [];
  }
  if (own?.tx_id !== invoice.transaction_id) return [`${name} was confirmed without a transfer`];
  const fits = invoice.network === null || own.to_key === invoice.address_key;
  return fits ? [] : [`${name} was confirmed by a transfer to somebody else`];
}

/** An id is written with or without 0x, as its network does; the merchant of a widget may mean any of them. */
const digitsOf = (transactionId: string) => transactionId.replace(/^0x/, '');
