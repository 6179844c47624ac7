/**
 * The story of an invoice, put together from what was written down at the time: every state it was in, when, and why.
 * Where no time was written down there is none; nothing is guessed.
 */
import type { AssetCode, NetworkCode } from './asset.ts';
import type { EventType, Invoice, Method, OptInType, Status } from './invoice.ts';

export type Happened = {
  /** In ms; null where it was not written down. */
  at: number | null;
  kind:
    | 'created'
    | 'method_chosen'
    | 'method_left'
    | 'transfer_seen'
    | 'payment_counts'
    | 'payment_agreed'
    | 'payment_released'
    | 'told'
    | 'reversed'
    | 'act';
  /** The state it brought the invoice to; null where the state stayed. */
  status: Status | null;
  /** The person behind it, where one is known. */
  person: string | null;
  facts: Record<string, string | number | boolean | null>;
};

type Story = {
  invoice: Invoice;
  /** Methods that were left, with when. */
  left: readonly { method: Pick<Method, 'network' | 'asset' | 'since'>; leftAt: number }[];
  transfers: readonly {
    network: NetworkCode;
    asset: AssetCode;
    transactionId: string;
    amount: string;
    detectedAt: number;
    blockTime: number | null;
    reason: string | null;
    payment: { state: string; countedAt: number; agreedAt: number | null } | null;
  }[];
  events: readonly { type: EventType | OptInType; at: number }[];
  acts: readonly { at: number; action: string; person: string | null; facts: Happened['facts'] }[];
  /** The payment link it was made through. */
  link: string | null;
};

/** Acts that stand in the story as what they brought about. */
const CAUSES: Partial<Record<string, readonly string[]>> = {
  cancelled: ['invoice.cancel'],
  paid_manually: ['invoice.confirm', 'transfer.accepted'],
};

/** Oldest first; what has no time comes last. */
export function timelineOf(story: Story): Happened[] {
  const told = [
    creation(story),
    ...methods(story),
    ...story.transfers.flatMap(one => ofTransfer(one, story)),
  ];
  const all = [...told, ...events(story), ...reversal(story), ...acts(story)];
  return all.sort((a, b) => (a.at ?? Number.MAX_VALUE) - (b.at ?? Number.MAX_VALUE));
}

const plain = { status: null, person: null, facts: {} } as const;

function creation({ invoice, left, acts, link }: Story): Happened {
  const act = acts.find(({ action }) => action === 'invoice.create');
  const first = Math.min(...sinces(invoice, left));
  const status = first <= invoice.createdAt ? 'new' : 'awaiting_method';
  const facts = { page: invoice.page !== null, link };
  return { at: invoice.createdAt, kind: 'created', status, person: act?.person ?? null, facts };
}

function sinces({ method }: Invoice, left: Story['left']): number[] {
  return [...(method ? [method.since] : []), ...left.map(one => one.method.since)];
}

function methods({ invoice, left }: Story): Happened[] {
  const chosen = [...(invoice.method ? [invoice.method] : []), ...left.map(({ method }) => method)];
  const choices = chosen
    .filter(({ since }) => since > invoice.createdAt)
    .map(({ network, asset, since }): Happened => {
      return { ...plain, at: since, kind: 'method_chosen', status: 'new', facts: { network, asset } };
    });
  const moments = new Set(choices.map(({ at }) => at));
  // A method is left for another one; only the way back to one that was chosen before has no entry of its own.
  const leaving = left
    .filter(({ leftAt }) => !moments.has(leftAt))
    .map(({ method: { network, asset }, leftAt }): Happened => {
      return { ...plain, at: leftAt, kind: 'method_left', facts: { network, asset } };
    });
  return [...choices, ...leaving];
}

function ofTransfer(transfer: Story['transfers'][number], { events }: Story): Happened[] {
  const { network, asset, transactionId, amount, detectedAt, blockTime, reason, payment } = transfer;
  const facts = { transaction_id: transactionId };
  const seen: Happened = {
    ...plain,
    at: detectedAt,
    kind: 'transfer_seen',
    facts: { ...facts, network, asset, amount, block_time: blockTime, reason },
  };
  if (!payment) return [seen];
  const isOpen = !events.some(({ type, at }) => reached[type] && at <= payment.countedAt);
  return [
    seen,
    { ...plain, at: payment.countedAt, kind: 'payment_counts', status: isOpen ? 'confirming' : null, facts },
    ...(payment.agreedAt === null
      ? []
      : [{ ...plain, at: payment.agreedAt, kind: 'payment_agreed' as const, facts }]),
    ...(payment.state === 'released'
      ? [{ ...plain, at: null, kind: 'payment_released' as const, facts }]
      : []),
  ];
}

const reached: Partial<Record<EventType | OptInType, Status>> = {
  paid: 'completed',
  expired: 'expired',
  cancelled: 'cancelled',
  paid_manually: 'paid_manually',
};

function events({ invoice, events, acts }: Story): Happened[] {
  return events.map(({ type, at }): Happened => {
    const act = acts.find(({ action }) => CAUSES[type]?.includes(action));
    const isBlind = type === 'expired' && invoice.exception === 'expired_blind';
    const facts = { event: type, ...(isBlind && { unseen: true }), ...act?.facts };
    return { at, kind: 'told', status: reached[type] ?? null, person: act?.person ?? null, facts };
  });
}

/** When the chain undid a final payment is not written down on the invoice. */
function reversal({ invoice }: Story): Happened[] {
  return invoice.exception === 'reversed' ? [{ ...plain, at: null, kind: 'reversed' }] : [];
}

function acts({ acts, events }: Story): Happened[] {
  const causes = new Set(['invoice.create', ...events.flatMap(({ type }) => CAUSES[type] ?? [])]);
  return acts
    .filter(({ action }) => !causes.has(action))
    .map(({ at, action, person, facts }): Happened => {
      return { ...plain, at, kind: 'act', person, facts: { action, ...facts } };
    });
}
