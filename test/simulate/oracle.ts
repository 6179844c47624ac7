/**
 * What must be true whatever happened, judged from the chains themselves and from what the shop heard. It shares no code
 * with what it judges but the table of allowed transitions.
 */

import { type AssetCode, coinOn, type NetworkCode } from '../../server/src/domain/asset.ts';
import {
  ASKED,
  type Asked,
  type ChainFacts,
  identityOf,
  RESTS,
  type RestAsked,
  rowIdentity,
  SETTLED,
  type Settled,
  type StoredTransfer,
} from './facts.ts';
import { dealtWith } from './give-back.ts';
import { JUDGED, type Judged, judgeInvoice } from './judge-invoice.ts';
import { judgeLedger } from './judge-ledger.ts';
import { judgeNotices } from './judge-notices.ts';
import { isPartKind } from './judge-parts.ts';
import { askedByAll, judgeHolds } from './judge-policy.ts';
import type { World } from './world.ts';

/**
 * Nothing but what a person confirmed is settled before it was as deep on the real chain as finality asks, and nothing large on the
 * word of one.
 */
export async function checkNotEarly(world: World): Promise<string[]> {
  const rows = await world.admin.rows<Settled>(SETTLED);
  const settled = rows.filter(row => row.invoice_status === 'completed');
  const alone = settled.filter(row => isLarge(world, row) && row.agreed_at === null);
  const early = settled.filter(row => !world.everFinal.has(rowIdentity(row)) && !mayBeBelieved(world, row));
  return [
    ...early.map(row => `invoice ${row.invoice_id} was settled before its transfer was final`),
    ...alone.map(
      row => `invoice ${row.invoice_id} was settled by a large transfer, and nobody was asked twice`,
    ),
  ];
}

/** The word of one provider that lies is enough for what is not large; for what is, two must say the same. */
function mayBeBelieved(world: World, row: Settled): boolean {
  const isBelieved = world.liedOn.has(row.network as NetworkCode) && !isLarge(world, row);
  if (isBelieved) world.reach('a lie was believed');
  return isBelieved;
}

/** Whether two must agree: what counts is all that is settled by it, or with it where it is a part. */
function isLarge(world: World, { network: code, units, asset, kind, final_units }: Settled): boolean {
  const network = world.networks.get(code as NetworkCode);
  if (network?.agreeAbove === undefined) return false;
  const decimals = coinOn(network, asset as AssetCode)?.decimals ?? 0;
  const above = BigInt(network.agreeAbove) * 10n ** BigInt(decimals);
  return BigInt(units) > above || (isPartKind(kind) && BigInt(final_units) > above);
}

/** At the end, with every fault gone and everything read: did each invoice, transfer and event end as it should? */
export async function checkEnd(world: World, facts: ChainFacts): Promise<string[]> {
  const invoices = await judgedInvoices(world);
  const settled = await world.admin.rows<Settled>(SETTLED);
  const all = askedByAll(invoices);
  const misled = await misledBy(world);
  const counted = await countedEver(world);
  const { dealt, faults } = await dealtWith(world);
  return [
    ...invoices
      .filter(({ id }) => !misled.has(id))
      .flatMap(invoice => judgeInvoice(world, { invoice, settled, facts, all, counted, dealt })),
    ...faults,
    ...judgeAnswers(world, invoices),
    ...judgeNames(invoices),
    ...(await judgeTransfers(world, facts, invoices)),
    ...(await judgeWebhooks(world, invoices)),
    ...(await judgeLedger(world)),
    ...(await judgeHolds(world)),
    ...(await judgeNotices(world)),
    ...(await noteMet(world)),
  ];
}

/** What only the tables can tell of, for the count of what was met. */
const MET = `
  select 'settled by agreement' as name from payments where state = 'settled' and agreed_at is not null
  union select 'rest asked for' from remainders
  union select 'sent again ' || state || coalesce(' ' || status, '') from resends
  union select 'part ' || state from payments where kind in ('part', 'late_part')
  union select 'late part ' || state from payments where kind = 'late_part'
  union select 'part gone from the chain' from payments p join transfers t on t.id = p.transfer_id
   where p.kind in ('part', 'late_part') and p.state = 'released' and t.height is null
  union select 'part as much as a rest' from payments p join transfers t on t.id = p.transfer_id
    join remainders r on r.invoice_id = p.invoice_id and r.units = t.units and r.asked_at > t.detected_at
   where p.kind in ('part', 'late_part')
  union select 'whole after parts' from payments p join payments w using (invoice_id)
   where p.kind in ('part', 'late_part') and p.state = 'released' and w.state = 'settled' and w.kind = 'exact'`;

async function noteMet(world: World): Promise<string[]> {
  for (const { name } of await world.admin.rows<{ name: string }>(MET)) world.reach(name);
  return [];
}

/** Invoices for which a transfer counts that a provider has invented: no other one can, until a person looks. */
async function misledBy(world: World): Promise<Set<number>> {
  if (world.forged.size === 0) return new Set();
  const rows = await world.admin.rows<Settled>(
    `select p.invoice_id, p.state, t.* from payments p join transfers t on t.id = p.transfer_id where p.state <> 'released'`,
  );
  const misled = rows.filter(row => world.forged.has(rowIdentity(row)));
  if (misled.length > 0) world.reach('misled by a forged transfer');
  return new Set(misled.map(row => row.invoice_id));
}

/** What counted for which invoice at any time, of amounts that nobody held. */
async function countedEver(world: World): Promise<Map<string, number>> {
  const rows = await world.admin.rows<Settled & { detected_at: number }>(
    `select p.invoice_id, t.* from payments p join transfers t on t.id = p.transfer_id
      where p.kind in ('part', 'late_part', 'under', 'over')`,
  );
  return new Map(rows.map(row => [`${row.invoice_id} ${rowIdentity(row)}`, row.detected_at]));
}

async function judgedInvoices(world: World): Promise<Judged[]> {
  const rows = await world.admin.rows<Omit<Judged, 'asked' | 'rests'>>(JUDGED);
  const rests = await world.admin.rows<RestAsked & { invoice_id: number }>(RESTS);
  const asked = await world.admin.rows<Asked & { invoice_id: number }>(ASKED);
  return rows.map(row => ({
    ...row,
    asked: asked.filter(({ invoice_id }) => invoice_id === row.id),
    rests: rests.filter(({ invoice_id }) => invoice_id === row.id),
  }));
}

/** Every id that was answered exists; no reference has two invoices. */
function judgeAnswers(world: World, invoices: readonly Judged[]): string[] {
  const byReference = new Map(invoices.map(invoice => [invoice.client_reference_id, invoice.id]));
  return [...world.sent].flatMap(([reference, id]) =>
    id !== null && byReference.get(reference) !== id ? [`invoice ${id} was answered and is not there`] : [],
  );
}

/** What nobody has seen pays for one invoice only. */
function judgeNames(invoices: readonly Judged[]): string[] {
  const unseen = invoices.filter(({ exception }) => exception === 'unverified_manual');
  const named = new Set(unseen.map(invoice => invoice.transaction_id));
  return named.size < unseen.length ? ['a transaction that nobody saw was named for two invoices'] : [];
}

type Row = StoredTransfer & {
  height: number | null;
  invoice_id: number | null;
  block_hash: string | null;
  state: string;
  reason: string | null;
};

/** Every transfer on the chain stands in the table once, on its block, judged; and no other one stands on a block. */
async function judgeTransfers(
  world: World,
  facts: ChainFacts,
  invoices: readonly Judged[],
): Promise<string[]> {
  const rows = await world.admin.rows<Row>(
    `select t.* from transfers t join cursors c on c.network = t.network and c.epoch = t.epoch`,
  );
  const stored = new Map(rows.filter(row => row.height !== null).map(row => [rowIdentity(row), row]));
  for (const { state, reason } of rows) world.reach(`transfer ${state}${reason ? ` ${reason}` : ''}`);
  const missing = facts.canonical.flatMap(({ network, transfer }) => {
    const row = stored.get(identityOf(network, transfer));
    if (!row && world.everSwapped.has(`${network} ${transfer.to}`)) return [];
    if (!row) return [`transfer ${transfer.txId.slice(-4)}/${transfer.ordinal} of ${network} is lost`];
    if (row.block_hash !== transfer.block.hash)
      return [`transfer ${row.tx_id.slice(-4)} stands on another block`];
    return row.state === 'pending' ? [`transfer ${row.tx_id.slice(-4)} was not judged`] : [];
  });
  const invented = [...stored.keys()].filter(
    identity => !facts.identities.has(identity) && !world.forged.has(identity),
  );
  return [
    ...missing,
    ...judgeSeconds(rows, invoices, await world.admin.rows<Settled>(SETTLED)),
    ...invented.map(identity => `transfer ${identity} is not on the chain`),
  ];
}

/**
 * Of all the amounts of a paid invoice one transfer counts, or the parts that have settled it; every other of its transfers
 * came second, or out of its time.
 */
function judgeSeconds(
  rows: readonly Row[],
  invoices: readonly Judged[],
  settled: readonly Settled[],
): string[] {
  const paid = new Set(invoices.filter(({ status }) => status === 'completed').map(({ id }) => id));
  const counted = new Map<number, number>();
  for (const { invoice_id: id, state } of rows)
    if (id !== null && paid.has(id) && state === 'matched') counted.set(id, (counted.get(id) ?? 0) + 1);
  return [...counted].flatMap(([id, times]) => {
    const parts = settled.filter(row => row.invoice_id === id && isPartKind(row.kind)).length;
    return times > Math.max(1, parts) ? [`${times} transfers count for invoice ${id}`] : [];
  });
}

type Event = { invoice_id: number; type: string; webhook_id: string; state: string; attempts: number };

async function judgeWebhooks(world: World, invoices: readonly Judged[]): Promise<string[]> {
  const events = await world.admin.rows<Event>(
    'select o.invoice_id, o.type, o.webhook_id, d.state, d.attempts from outbox o join deliveries d on d.outbox_id = o.id',
  );
  const wanted = new Map(world.merchants.map(({ id, optedIn }) => [id, optedIn]));
  for (const { type } of events) world.reach(`told ${type}`);
  for (const { state, attempts } of events)
    world.reach(`delivery ${state}${attempts > 1 ? ' after several' : ''}`);
  return [
    ...events.flatMap(event => judgeEvent(world, event)),
    ...invoices.flatMap(({ id }) => judgeOrder(world, id)),
    ...invoices.flatMap(invoice => judgeOptIn(invoice, events, wanted.get(invoice.merchant_id) ?? [])),
    ...strangers(world, events),
  ];
}

function judgeEvent(world: World, event: Event): string[] {
  const heard = world.shop.arrivals.filter(({ webhookId }) => webhookId === event.webhook_id);
  const name = `event ${event.type} of invoice ${event.invoice_id}`;
  if (event.state === 'open') return [`${name} still waits`];
  if (event.state === 'delivered' && !heard.some(({ status }) => status === 200))
    return [`${name} was not heard`];
  if (heard.some(({ type, invoice }) => type !== event.type || invoice !== event.invoice_id)) {
    return [`${name} was heard as another`];
  }
  return heard.length < event.attempts ? [`${name} has more requests on record than were heard`] : [];
}

/** One event of each kind an invoice, and nothing else once it was heard that it is paid. */
function judgeOrder(world: World, invoice: number): string[] {
  const heard = world.shop.arrivals.filter(arrival => arrival.invoice === invoice);
  const paid = heard.findIndex(({ type }) => type === 'paid' || type === 'paid_manually');
  const kinds = new Set(heard.map(({ type, webhookId }) => `${type} ${webhookId}`));
  const types = new Set(heard.map(({ type }) => type));
  if (kinds.size !== types.size) return [`the shop heard two events of one kind for invoice ${invoice}`];
  const stale =
    paid >= 0 && heard.slice(paid).some(({ type }) => type !== heard[paid]?.type && !BESIDE.has(type));
  return stale ? [`the shop heard another event after "${heard[paid]?.type}" of invoice ${invoice}`] : [];
}

/** Events that a shop has asked for, which are told whatever else is. */
const BESIDE = new Set(['detected', 'underpaid', 'overpaid', 'late', 'duplicate', 'reversed']);

/** Only those who asked for it are told, and they are told of every mark that is left on an invoice. */
function judgeOptIn(invoice: Judged, events: readonly Event[], wanted: readonly string[]): string[] {
  const types = events.filter(event => event.invoice_id === invoice.id).map(({ type }) => type);
  const unasked = types.filter(type => BESIDE.has(type) && !wanted.includes(type));
  if (unasked.length > 0) return [`the shop did not ask for ${unasked} of invoice ${invoice.id}`];
  const marks: Record<string, string> = { paid_late: 'late', paid_after_cancel: 'late' };
  const owed = marks[invoice.exception ?? ''] ?? invoice.exception ?? '';
  const isOwed = BESIDE.has(owed) && wanted.includes(owed) && invoice.status !== 'paid_manually';
  return isOwed && !types.includes(owed) ? [`the shop was not told ${owed} of invoice ${invoice.id}`] : [];
}

function strangers(world: World, events: readonly Event[]): string[] {
  const known = new Set(events.map(({ webhook_id }) => webhook_id));
  return world.shop.arrivals
    .filter(({ webhookId }) => !known.has(webhookId))
    .map(({ type, invoice }) => `the shop heard "${type}" of invoice ${invoice}, which is not in the outbox`);
}
