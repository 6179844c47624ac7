/** How an invoice should have ended, judged from the chains and from what people did by hand. */
import {
  type Asked,
  askedText,
  type ChainFacts,
  identityOf,
  type RestAsked,
  rowIdentity,
  type Settled,
} from './facts.ts';
import { isPartKind, judgePartMark, judgeParts } from './judge-parts.ts';
import {
  type AskedByAll,
  type Counted,
  isAt,
  judgeMark,
  lastTime,
  mayCount,
  mustCount,
} from './judge-policy.ts';
import type { World } from './world.ts';

const GRACE = 120_000;

export type Judged = {
  id: number;
  merchant_id: number;
  client_reference_id: string;
  requested_amount: string;
  source_currency: string | null;
  status: string;
  exception: string | null;
  transaction_id: string | null;
  network: string | null;
  address_key: string | null;
  /** Every amount it ever asked for. */
  asked: readonly Asked[];
  /** Every amount it asked for the rest of one of those. */
  rests: readonly RestAsked[];
  final_units: string | null;
  expire_at: number;
  ended_at: number | null;
  /** Told to the shop then, whatever came after. */
  cancelled_at: number | null;
  /** When its amounts began to be held for no longer than a hold, if no payment came: it may have ended otherwise after that. */
  given_up_at: number | null;
};

export const JUDGED = `select i.*, o.created_at as cancelled_at, coalesce(o.created_at, e.created_at, i.ended_at) as given_up_at
  from invoices i left join outbox o on o.invoice_id = i.id and o.type = 'cancelled'
  left join outbox e on e.invoice_id = i.id and e.type = 'expired' order by i.id`;

/** A transfer that pays an invoice in time, and from when on its amount was the invoice's own. */
type Paying = ChainFacts['canonical'][number] & { since: number };

export type Case = {
  invoice: Judged;
  settled: readonly Settled[];
  facts: ChainFacts;
  all: readonly AskedByAll[];
  counted: Counted;
  /** Transfers that somebody has dealt with, by identity: they need not count for anything. */
  dealt: ReadonlySet<string>;
};

export function judgeInvoice(world: World, question: Case): string[] {
  const { invoice, settled, facts, all, counted, dealt } = question;
  const mine = settled.filter(row => row.invoice_id === invoice.id);
  const own = mine.find(({ tx_id }) => tx_id === invoice.transaction_id) ?? mine[0];
  const byParts = own !== undefined && isPartKind(own.kind);
  world.reach(`ended ${invoice.status}${invoice.exception ? ` ${invoice.exception}` : ''}`);
  const name = `invoice ${invoice.id}`;
  if (invoice.cancelled_at !== null && !world.cancelled.has(invoice.id))
    return [`${name} was cancelled by nobody`];
  const known = new Set(invoice.asked.map(askedText));
  const forgotten = [...(world.shown.get(invoice.id) ?? [])].filter(text => !known.has(text));
  if (forgotten.length > 0) return [`${name} asked a payer for ${forgotten}, and knows nothing of it`];
  if (invoice.status === 'paid_manually') return judgeByHand(world, question, mine);
  const reversal = judgeReversal(world, invoice, { mine, facts });
  if (reversal.length > 0) return reversal;
  const paying = payments(world, question);
  // Money sent before there was an invoice is not its payment; while nobody had seen it, it cannot be told apart.
  const inTime = paying.some(({ sentAt, since }) => sentAt >= since);
  if (paying.some(({ transfer }) => transfer.block.time === invoice.expire_at + GRACE))
    world.reach('paid in the very last moment');
  if (new Set(paying.map(({ since }) => since)).size > 1) world.reach('paid in two coins');
  if (paying.length > 0 && !inTime) world.reach('sent before its invoice');
  const marks =
    invoice.status === 'completed' && own
      ? byParts
        ? judgePartMark(invoice, mine)
        : judgeMark(invoice, own)
      : [];
  if (marks.length > 0) return marks;
  const early = judgeLateness(world, question, mine);
  if (early.length > 0) return early;
  if (inTime && !isUnread(world, invoice)) {
    return invoice.status === 'completed' ? [] : [`${name} was paid in time and is ${invoice.status}`];
  }
  const accepted = (isUnread(world, invoice) ? [] : facts.canonical).filter(
    found =>
      !dealt.has(identityOf(found.network, found.transfer)) &&
      mustCount(world, { invoice, found, all, counted }) &&
      isFree(invoice, settled, found),
  );
  if (accepted.length > 0 && invoice.status !== 'completed')
    return [`${name} was paid as its shop accepts it and is ${invoice.status}`];
  const parts = judgeParts(world, question);
  if (parts.faults.length > 0 && !isUnread(world, invoice)) return parts.faults;
  if (invoice.status === 'completed') {
    if (byParts && parts.mayPay) {
      world.reach(`paid in ${mine.length > 2 ? 'several parts' : 'two parts'}`);
      return [];
    }
    const by = own && facts.canonical.find(one => identityOf(one.network, one.transfer) === rowIdentity(own));
    // What counted as exact and in time is so wherever it went, but for a chain that broke its word.
    const isExact = own?.kind === 'exact' && world.deepReorgs === 0;
    if (by && !isExact && mayCount(world, { invoice, found: by, all, counted })) {
      world.reach(`accepted ${own.kind}`);
      return [];
    }
    // Only a chain that broke its word, or was begun anew, leaves an invoice settled by a transfer that is not there.
    const stands = own !== undefined && facts.identities.has(rowIdentity(own));
    const unseen = own !== undefined && paying.some(({ transfer }) => transfer.txId === own.tx_id);
    // By the time that a provider told of it, it may have been in time.
    const isMisdated = mine.some(row => world.misdated.has(rowIdentity(row)));
    const excused =
      unseen ||
      isMisdated ||
      invoice.exception === 'reversed' ||
      world.epochs > 0 ||
      (stands && world.deepReorgs > 0);
    return excused ? [] : [`${name} is completed, but nobody paid it in time`];
  }
  const owed = invoice.cancelled_at === null ? 'expired' : 'cancelled';
  return invoice.status === owed ? [] : [`${name} is still ${invoice.status}`];
}

/** Nothing is taken for late that was in time in the one block it was ever in, by every word that there was of it. */
function judgeLateness(world: World, { invoice, facts }: Case, mine: readonly Settled[]): string[] {
  if (world.epochs > 0) return [];
  const late = new Set(mine.filter(({ kind }) => kind === 'late' || kind === 'late_part').map(rowIdentity));
  const isInTime = facts.canonical.some(
    ({ network, transfer }) =>
      late.has(identityOf(network, transfer)) &&
      !world.takenBack.has(transfer.txId) &&
      !world.misdated.has(identityOf(network, transfer)) &&
      transfer.block.time <= lastTime(invoice),
  );
  return isInTime ? [`invoice ${invoice.id} was paid in time, and that was taken for late`] : [];
}

/** Nobody read what was sent to its address while that was another one in the database. */
const isUnread = (world: World, { asked }: Judged): boolean =>
  asked.some(({ network, addressKey }) => world.everSwapped.has(`${network} ${addressKey}`));

/** A paid invoice is marked reversed exactly where what has settled it is not on the chain; of ended epochs nobody can tell. */
function judgeReversal(
  world: World,
  { id, status, exception }: Judged,
  { mine, facts }: { mine: readonly Settled[]; facts: ChainFacts },
): string[] {
  if (!['completed', 'paid_manually'].includes(status) || world.epochs > 0) return [];
  const isGone = mine.some(row => !facts.identities.has(rowIdentity(row)));
  if (isGone === (exception === 'reversed')) return [];
  return [
    `what has settled invoice ${id} is ${isGone ? 'not ' : ''}on the chain, and it is marked ${exception}`,
  ];
}

/**
 * Transfers on the chains that pay the invoice in any way it asked for, but for those that a person could give to another one: before there was
 * this one, or while a fork had them in a block of another time.
 */
function payments(world: World, { invoice, settled, facts, dealt }: Case): Paying[] {
  const elsewhere = namedElsewhere(invoice, settled);
  const until = Math.min(invoice.expire_at + GRACE, invoice.cancelled_at ?? Number.POSITIVE_INFINITY);
  return facts.canonical.flatMap(({ network, transfer, sentAt }): Paying[] => {
    const { asset, to, units, block } = transfer;
    const { since } =
      invoice.asked.find(
        other =>
          other.network === network &&
          other.asset === asset &&
          other.addressKey === to &&
          other.units === units.toString(),
      ) ?? {};
    if (since === undefined || transfer.from === to) return [];
    const identity = identityOf(network, transfer);
    const counts = settled.some(row => row.invoice_id === invoice.id && rowIdentity(row) === identity);
    if (dealt.has(identity) && !counts) return [];
    const takenAt = elsewhere.get(identity);
    // By the time that a provider told of it, it may have been nobody's when somebody named it.
    const isMisdated = world.misdated.has(identity);
    if (takenAt !== undefined && (takenAt <= since || isMisdated || world.takenBack.size > 0)) return [];
    const inTime = block.time >= since - GRACE && block.time <= until;
    return inTime ? [{ network, transfer, sentAt, since }] : [];
  });
}

const namedElsewhere = (invoice: Judged, settled: readonly Settled[]) =>
  new Map(
    settled
      .filter(row => row.invoice_id !== invoice.id && row.invoice_status === 'paid_manually')
      .map(row => [rowIdentity(row), row.settled_at]),
  );

/** What a shop would accept is nobody's until it is judged: a person may give it to another invoice. */
const isFree = (
  invoice: Judged,
  settled: readonly Settled[],
  { network, transfer }: ChainFacts['canonical'][number],
) => !namedElsewhere(invoice, settled).has(identityOf(network, transfer));

/**
 * Somebody named this transaction; it is either a transfer to the invoice's wallet, or said to be unverified, as long as nothing on
 * the chains verifies it.
 */
function judgeByHand(world: World, question: Case, mine: readonly Settled[]): string[] {
  const { invoice, facts } = question;
  const own = mine.find(({ tx_id }) => tx_id === invoice.transaction_id) ?? mine[0];
  const name = `invoice ${invoice.id}`;
  const named = [...(world.named.get(invoice.id) ?? [])].map(digitsOf);
  if (invoice.transaction_id === null || !named.includes(digitsOf(invoice.transaction_id))) {
    return [`${name} was confirmed by a transaction that nobody named`];
  }
  if (invoice.exception === 'unverified_manual') {
    if (own) return [`${name} is unverified and has a settled payment`];
    const [proof] = verifying(world, question);
    return proof
      ? [`${name} is unverified, and ${proof.transfer.txId.slice(-4)} is on the chain for it`]
      : [];
  }
  if (own?.tx_id !== invoice.transaction_id) return [`${name} was confirmed without a transfer`];
  if (own.settled_at > (invoice.ended_at ?? 0)) world.reach('verified later');
  const reversal = isUnread(world, invoice) ? [] : judgeReversal(world, invoice, { mine, facts });
  if (reversal.length > 0) return reversal;
  const fits = invoice.network === null || own.to_key === invoice.address_key;
  return fits ? [] : [`${name} was confirmed by a transfer to somebody else`];
}

/** Transfers of the transaction that an invoice was confirmed by, which can be nobody else's. */
function verifying(world: World, { invoice, settled, facts, all, dealt }: Case): ChainFacts['canonical'] {
  if (world.epochs > 0 || isUnread(world, invoice)) return [];
  const taken = new Set(settled.map(rowIdentity));
  return facts.canonical.filter(found => {
    const { transfer, network } = found;
    const identity = identityOf(network, transfer);
    const isOthers = all.some(
      other => other.invoiceId !== invoice.id && isAt(other, found) && BigInt(other.units) === transfer.units,
    );
    return (
      digitsOf(transfer.txId) === digitsOf(invoice.transaction_id ?? '') &&
      transfer.from !== transfer.to &&
      invoice.asked.some(one => isAt(one, found)) &&
      !isOthers &&
      !taken.has(identity) &&
      !dealt.has(identity)
    );
  });
}

/** An id is written with or without 0x, as its network does; the merchant of a widget may mean any of them. */
const digitsOf = (transactionId: string) => transactionId.replace(/^0x/, '');
