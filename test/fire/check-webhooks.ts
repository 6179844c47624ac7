/** Whether shops were told what they were owed: each event under one id, delivered, on the published schedule. */
import type { Invoice } from '@cryptoscan/sdk';
import { type Evidence, groupBy, type Told, type Trouble } from './evidence.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** As published: docs/reliability.md, P3. Written out here, for the program's own table may be wrong. */
const GAPS = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];
/** A request counts from its start, and comes a little later. */
const EARLY = 2 * SECOND;
const LATE = 8 * SECOND;
/** A claim of a process that died runs out after a minute, and then somebody must come by. */
const LEASE = 75 * SECOND;

/** The events an invoice owes by its status. */
const owed: Record<string, string | null> = { completed: 'paid', expired: 'expired', new: null };

export function checkWebhooks(evidence: Evidence): string[] {
  const { invoices, told } = evidence;
  const byInvoice = groupBy(told, ({ data }) => data.id);
  const known = new Set(invoices.map(({ id }) => id));
  const strange = [...byInvoice.keys()].filter(id => !known.has(id));
  return [
    ...strange.map(id => `a webhook tells of an invoice ${id}, which is not there`),
    ...told.flatMap(({ webhookId, isSigned }) =>
      isSigned ? [] : [`${webhookId} is not signed by the shop's keys`],
    ),
    ...invoices.flatMap(invoice => checkEvents(invoice, byInvoice.get(invoice.id) ?? [])),
    ...[...groupBy(told, ({ webhookId }) => webhookId).values()].flatMap(sent =>
      checkRequests(sent, evidence.troubles),
    ),
  ];
}

function checkEvents({ id, status, transaction_id: transaction }: Invoice, told: readonly Told[]): string[] {
  const due = owed[status] ?? null;
  const events = [...groupBy(told, ({ type }) => type)];
  const said = events.flatMap(([type, sent]) => {
    const ids = new Set(sent.map(({ webhookId }) => webhookId));
    if (type !== due && !(type === 'expired' && due === 'paid'))
      return [`the invoice ${id} is ${status} and ${type} was told`];
    return ids.size > 1 ? [`${type} of the invoice ${id} was told under ${ids.size} ids`] : [];
  });
  if (due === null) return said;
  const own = told.filter(({ type }) => type === due);
  if (!own.some(({ status }) => status === 200)) said.push(`${due} of the invoice ${id} was never delivered`);
  for (const { data, webhookId } of own) {
    if (data.status !== status) said.push(`${webhookId} calls the invoice ${id} ${data.status}`);
    if (due === 'paid' && data.transaction_id !== transaction)
      said.push(`${webhookId} names another transaction than the invoice ${id}`);
  }
  return said;
}

/** The requests of one event, in the order they came. */
function checkRequests(sent: readonly Told[], troubles: readonly Trouble[]): string[] {
  const id = sent[0]?.webhookId;
  const said =
    new Set(sent.map(({ text, type }) => type + text)).size > 1 ? [`${id} says different things`] : [];
  if (sent[0]?.retryCount !== 0) said.push(`${id} begins with retry_count ${sent[0]?.retryCount}`);
  for (const [index, next] of sent.entries()) {
    const last = sent[index - 1];
    if (last) said.push(...checkNext(last, next, troubles));
  }
  return said;
}

function checkNext(last: Told, next: Told, troubles: readonly Trouble[]): string[] {
  const { webhookId: id, retryCount } = next;
  const isTroubled = troubles.some(({ from, to }) => from <= next.at && to >= last.at - SECOND);
  if (retryCount === last.retryCount || last.status === 200)
    return isTroubled
      ? []
      : [`${id} was sent again with retry_count ${retryCount} and nothing had gone wrong`];
  if (retryCount !== last.retryCount + 1)
    return [`${id} goes from retry_count ${last.retryCount} to ${retryCount}`];
  const gap = GAPS[last.retryCount];
  if (gap === undefined) return [`${id} was sent more than ten times`];
  const waited = next.at - last.at;
  if (waited < gap - EARLY) return [`${id} was retried after ${waited} ms instead of ${gap}`];
  const patience = gap + LATE + troubled(troubles, last.at, next.at);
  return waited > patience ? [`${id} was retried only after ${waited} ms instead of ${gap}`] : [];
}

/** How much later a request may be for what went wrong meanwhile, in ms: all of it, and a lease for each time. */
function troubled(troubles: readonly Trouble[], from: number, to: number): number {
  const during = troubles.filter(trouble => trouble.from <= to && trouble.to >= from);
  return during.reduce((sum, trouble) => sum + trouble.to - trouble.from + LEASE, 0);
}

/** Requests beyond the first of each number: what shops got twice. */
export function sentTwice(told: readonly Told[]): number {
  const requests = new Set(told.map(({ webhookId, retryCount }) => `${webhookId} ${retryCount}`));
  return told.length - requests.size;
}
