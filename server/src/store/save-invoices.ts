/**
 * The one way an invoice changes: its row, the end of its hold on every amount it asked for, the event it owes the shop
 * and what it owes the operator's books are written together, so that no path can forget the outbox or the commission.
 */

import { sql } from 'kysely';
import { type EventData, eventData, type Told, toldData } from '../domain/event.ts';
import {
  type EventType,
  eventTypes,
  type Invoice,
  isSameMethod,
  type OptInType,
  optInTypes,
} from '../domain/invoice.ts';
import { entriesOf } from '../domain/ledger.ts';
import { type Decimal, formatDecimal } from '../domain/money.ts';
import type { WebhookIds } from '../lib/webhook-id.ts';
import { rateColumns } from './coin-rate.ts';
import type { Tx } from './db.ts';
import { post } from './ledger.ts';
import { tell, tellEnded } from './notices.ts';
import { keepMethod, swapMethods } from './replaced-methods.ts';
import { notify } from './wake.ts';

/** `tells`: what the shop hears of as well, if it has asked for that. */
export type InvoiceChange = {
  before: Invoice;
  after: Invoice;
  emits: EventType | null;
  tells?: readonly Told[];
};

/**
 * Saves invoices that this transaction has locked. One whose method is another one than before takes it back from those
 * that were replaced, with its commission. `webhookId` makes the id that all requests of one event carry.
 * Throws when a row is not at the version that was read: it was not locked, which is a bug.
 */
export async function saveInvoices(
  tx: Tx,
  changes: readonly InvoiceChange[],
  context: { now: number; webhookId: WebhookIds },
): Promise<void> {
  if (changes.length === 0) return;
  await swapMethods(
    tx,
    changes.flatMap(({ before, after }) =>
      after.method && !isSameMethod(before.method, after.method)
        ? [{ invoiceId: after.id, method: after.method }]
        : [],
    ),
    context.now,
  );
  const optedIn = await updateInvoices(tx, changes);
  // What becomes known of an invoice after its end, like a late payment, lengthens no hold.
  const ended = changes.filter(
    ({ before, after }) => after.endedAt !== null && after.endedAt !== before.endedAt,
  );
  await holdAmounts(
    tx,
    ended.map(({ after }) => after.id),
    context.now,
  );
  const owed = changes.flatMap(({ after, emits }) => (emits ? [{ invoice: after, type: emits }] : []));
  if (owed.length > 0) await enqueue(tx, owed, context);
  const paid = owed.filter(({ type }) => type === 'paid' || type === 'paid_manually');
  const causes = paid.map(({ invoice }) => ({ subject: String(invoice.id), merchantId: invoice.merchantId }));
  await tell(tx, 'paid', causes, context.now);
  const left = changes.filter(({ before, after }) => isLeft(after) && !isLeft(before));
  await tellEnded(
    tx,
    left.map(({ after }) => after),
    context.now,
  );
  const told = changes.flatMap(({ after, tells = [] }) =>
    tells
      .filter(({ type }, index) => tells.findIndex(other => other.type === type) === index)
      .filter(({ type }) => optedIn.get(after.id)?.includes(type))
      .map(({ type, about }) => ({ invoice: after, type, data: toldData(after, about) })),
  );
  if (told.length > 0) await write(tx, told, context);
  // Last of all: the accounts it locks are shared by all invoices of their users.
  await post(tx, changes.flatMap(entriesOf), context.now);
}

/** It ended unpaid, and a part of it has come, or a payment may have come that nobody saw: a person has to look. */
const isLeft = ({ status, exception }: Invoice) =>
  (status === 'expired' || status === 'cancelled') &&
  (exception === 'underpaid' || exception === 'expired_blind');

/**
 * Saves the payer's choice of a new amount on an invoice that this transaction has locked; what it was asked in before is
 * kept, and held on. No shop is told of it. `now` in ms.
 */
export async function saveChoice(
  tx: Tx,
  { before, after, commission }: { before: Invoice; after: Invoice; commission: Decimal },
  now: number,
): Promise<void> {
  const { id, version, status, method } = after;
  if (!method) throw new Error('a choice without a method');
  if (before.method) await keepMethod(tx, id, now);
  const { numUpdatedRows } = await tx
    .updateTable('invoices')
    .set({
      status,
      network: method.network,
      asset: method.asset,
      wallet_id: method.walletId,
      address: method.address,
      address_key: method.addressKey,
      final_units: method.final.units.toString(),
      final_decimals: method.final.scale,
      method_at: new Date(method.since),
      ...rateColumns(method),
      commission: formatDecimal(commission),
      version: version + 1,
    })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new Error('an invoice was changed without its lock');
}

/** Answers the opt-in events that the merchant of each invoice wants. */
async function updateInvoices(tx: Tx, changes: readonly InvoiceChange[]): Promise<Map<number, OptInType[]>> {
  const after = changes.map(change => change.after);
  const { rows } = await sql<{ id: number; opt_in_events: OptInType[] }>`
    update invoices i
       set status = n.status, transaction_id = n.transaction_id, payer_wallet = n.payer_wallet, paid_at = n.paid_at,
           exception = n.exception,
           exception_resolved_at = case when n.exception = i.exception then i.exception_resolved_at end, ended_at = n.ended_at, version = i.version + 1
      from unnest(
        ${after.map(invoice => invoice.id)}::bigint[], ${after.map(invoice => invoice.version)}::int[],
        ${after.map(invoice => invoice.status)}::text[], ${after.map(invoice => invoice.seen?.transactionId ?? null)}::text[],
        ${after.map(invoice => invoice.seen?.payerWallet ?? null)}::text[], ${after.map(invoice => date(invoice.seen?.paidAt))}::timestamptz[],
        ${after.map(invoice => invoice.exception)}::text[], ${after.map(invoice => date(invoice.endedAt))}::timestamptz[]
      ) as n (id, version, status, transaction_id, payer_wallet, paid_at, exception, ended_at),
           merchants m
     where i.id = n.id and i.version = n.version and m.id = i.merchant_id
    returning i.id, m.opt_in_events`.execute(tx);
  if (rows.length !== changes.length) throw new Error('an invoice was changed without its lock');
  return new Map(rows.map(row => [row.id, row.opt_in_events]));
}

/** From the end of an invoice each of its amounts stays held for as long as the amount's own wallet says. */
async function holdAmounts(tx: Tx, ids: readonly number[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update reservations r set held_until = ${new Date(now)}::timestamptz + make_interval(secs => w.hold_seconds)
      from (select id as invoice_id, network, address_key, asset, final_units, wallet_id
              from invoices where id = any(${ids}::bigint[])
             union all
            select invoice_id, network, address_key, asset, final_units, wallet_id
              from replaced_methods where invoice_id = any(${ids}::bigint[])
             union all
            select invoice_id, network, address_key, asset, units, wallet_id
              from remainders where invoice_id = any(${ids}::bigint[])) m
      join wallets w on w.id = m.wallet_id
     where r.invoice_id = m.invoice_id and r.network = m.network and r.address_key = m.address_key
       and r.asset = m.asset and r.units = m.final_units`.execute(tx);
}

/**
 * A later event ends the earlier open deliveries of its invoice: a stale `expired` can never follow `paid`. A request
 * under way keeps its lease, for the later one to wait for. Opt-in events neither end others nor are ended.
 */
async function enqueue(
  tx: Tx,
  owed: readonly { invoice: Invoice; type: EventType }[],
  context: { now: number; webhookId: WebhookIds },
): Promise<void> {
  const ids = owed.map(({ invoice }) => invoice.id);
  await sql`
    update deliveries d set state = 'superseded', ended_at = ${new Date(context.now)}
     where d.invoice_id = any(${ids}::bigint[]) and d.state = 'open'
       and exists (select from outbox o where o.id = d.outbox_id and o.type = any(${[...eventTypes]}::text[]))`.execute(
    tx,
  );
  const events = owed.map(({ invoice, type }) => ({ invoice, type, data: eventData(type, invoice) }));
  await write(tx, events, context);
}

/** Events with their deliveries. One that was told before is not told again. */
async function write(
  tx: Tx,
  events: readonly { invoice: Invoice; type: EventType | OptInType; data: EventData }[],
  { now, webhookId }: { now: number; webhookId: WebhookIds },
): Promise<void> {
  const time = new Date(now);
  await sql`
    with event as (
      insert into outbox (invoice_id, merchant_id, type, webhook_id, data, created_at)
      select e.invoice_id, e.merchant_id, e.type, e.webhook_id, e.data, ${time}
        from unnest(
          ${events.map(({ invoice }) => invoice.id)}::bigint[],
          ${events.map(({ invoice }) => invoice.merchantId)}::bigint[],
          ${events.map(({ type }) => type)}::text[], ${events.map(({ invoice, type }) => webhookId(invoice.id, type))}::text[],
          ${events.map(({ data }) => JSON.stringify(data))}::text[]
        ) as e (invoice_id, merchant_id, type, webhook_id, data)
       where e.type <> all(${[...optInTypes]}::text[])
          or not exists (select from outbox o where o.invoice_id = e.invoice_id and o.type = e.type)
      returning id, invoice_id, merchant_id)
    insert into deliveries (outbox_id, invoice_id, merchant_id, state, attempts, due_at)
    select id, invoice_id, merchant_id, 'open', 0, ${time} from event`.execute(tx);
  await notify(tx, 'dispatch');
}

function date(time: number | null | undefined): Date | null {
  return time === null || time === undefined ? null : new Date(time);
}
