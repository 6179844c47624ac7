/**
 * The story of an invoice, put together from what was written down at the time: every state it was in, when, and why.
 * Where no time was written down there is none; nothing is guessed.
 */
import type { AssetCode, NetworkCode } from './asset.ts';
import type { PaymentKind } from './exception.ts';
import {
  type EventType,
  type Invoice,
  isSameMethod,
  type Method,
  type OptInType,
  type Status,
} from './invoice.ts';
import { covers, isPart, sumOf } from './parts.ts';

export type Happened = {
  /** In ms; null where it was not written down. */
  at: number | null;
  kind:
    | 'created'
    | 'method_chosen'
    | 'method_left'
    | 'transfer_seen'
    | 'payment_counts'
    | 'part_counts'
    | 'rest_asked'
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
    units: bigint;
    amount: string;
    detectedAt: number;
    blockTime: number | null;
    reason: string | null;
    payment: { kind: PaymentKind; state: string; countedAt: number; agreedAt: number | null } | null;
  }[];
  /** What was asked for the rest, and what had come by then; both in the coin. */
  rests: readonly {
    network: NetworkCode;
    asset: AssetCode;
    amount: string;
    received: string;
    since: number;
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

/** The act that is told as the part that it made of a transfer. */
const AS_PART = 'transfer.accepted_as_part';

/** Oldest first; what has no time comes last. */
export function timelineOf(story: Story): Happened[] {
  const told = [
    creation(story),
    ...methods(story),
    ...story.transfers.flatMap(one => ofTransfer(one, story)),
    ...story.rests.map(rest),
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

/** The facts of an act, whose reason is what the person has said, never why a transfer had been refused before. */
function factsOf(act: Story['acts'][number] | undefined): Happened['facts'] {
  const { note, ...facts } = act?.facts ?? {};
  return note === undefined ? facts : { ...facts, reason: note };
}

type Sent = Story['transfers'][number];

function ofTransfer(transfer: Sent, story: Story): Happened[] {
  const { network, asset, transactionId, amount, detectedAt, blockTime, reason, payment } = transfer;
  const facts = { transaction_id: transactionId };
  const seen: Happened = {
    ...plain,
    at: detectedAt,
    kind: 'transfer_seen',
    facts: { ...facts, network, asset, amount, block_time: blockTime, reason },
  };
  if (!payment) return [seen];
  const isOpen = !story.events.some(({ type, at }) => reached[type] && at <= payment.countedAt);
  const status = isOpen && isWhole(transfer, story) ? 'confirming' : null;
  const kind = isPart(payment.kind) ? 'part_counts' : 'payment_counts';
  const act = story.acts.find(one => one.action === AS_PART && one.facts.transaction_id === transactionId);
  const counts = { kind, status, person: act?.person ?? null, facts: { ...facts, ...factsOf(act) } } as const;
  return [
    seen,
    { at: payment.countedAt, ...counts },
    ...(payment.agreedAt === null
      ? []
      : [{ ...plain, at: payment.agreedAt, kind: 'payment_agreed' as const, facts }]),
    ...(payment.state === 'released'
      ? [{ ...plain, at: null, kind: 'payment_released' as const, facts }]
      : []),
  ];
}

/** Whether the invoice's amount had come once this transfer counted; of what counts no more nobody knows how long it did. */
function isWhole({ payment, ...transfer }: Sent, { invoice: { method }, transfers }: Story): boolean {
  if (!payment || !isPart(payment.kind)) return true;
  const counted = transfers.filter(
    ({ payment: other, ...one }) =>
      other &&
      isPart(other.kind) &&
      other.state !== 'released' &&
      other.countedAt <= payment.countedAt &&
      isSameMethod(one, transfer),
  );
  return method !== null && covers(sumOf(counted), method);
}

function rest({ since, ...facts }: Story['rests'][number]): Happened {
  return { ...plain, at: since, kind: 'rest_asked', facts };
}

const reached: Partial<Record<EventType | OptInType, Status>> = {
  paid: 'completed',
  expired: 'expired',
  cancelled: 'cancelled',
  paid_manually: 'paid_manually',
};

function events({ invoice, events, acts, transfers }: Story): Happened[] {
  const inParts = transfers.some(({ payment }) => payment?.state === 'settled' && isPart(payment.kind));
  return events.map(({ type, at }): Happened => {
    const act = acts.find(({ action }) => CAUSES[type]?.includes(action));
    const isBlind = type === 'expired' && invoice.exception === 'expired_blind';
    const facts = {
      event: type,
      ...(isBlind && { unseen: true }),
      ...(type === 'paid' && inParts && { parts: true }),
      ...factsOf(act),
    };
    return { at, kind: 'told', status: reached[type] ?? null, person: act?.person ?? null, facts };
  });
}

/** When the chain undid a final payment is not written down on the invoice. */
function reversal({ invoice }: Story): Happened[] {
  return invoice.exception === 'reversed' ? [{ ...plain, at: null, kind: 'reversed' }] : [];
}

function acts({ acts, events }: Story): Happened[] {
  const causes = new Set(['invoice.create', AS_PART, ...events.flatMap(({ type }) => CAUSES[type] ?? [])]);
  return acts
    .filter(({ action }) => !causes.has(action))
    .map((act): Happened => {
      const { at, action, person } = act;
      return { ...plain, at, kind: 'act', person, facts: { action, ...factsOf(act) } };
    });
}
