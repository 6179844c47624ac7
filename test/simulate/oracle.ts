/**
 * What must be true whatever happened, judged from the chains themselves and from what the shop heard. It shares no code
 * with what it judges but the table of allowed transitions.
 */

import type { InvoiceState } from './admin.ts';
import { type ChainFacts, identityOf } from './facts.ts';
import type { World } from './world.ts';

const GRACE = 120_000;

/** Edges of the invoice machine, as docs/states.md has them; several may lie between two looks. */
const EDGES: Record<string, readonly string[]> = {
  new: ['confirming', 'expired'],
  confirming: ['new', 'completed'],
  expired: ['completed'],
  completed: [],
};

/** Whether a status may have come from another by any number of edges. */
function isReachable(from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const step of EDGES[next] ?? []) {
      if (seen.has(step)) continue;
      seen.add(step);
      open.push(step);
    }
  }
  return seen.has(to);
}

/** Compares two looks at the invoices. */
export function checkEdges(before: readonly InvoiceState[], after: readonly InvoiceState[]): string[] {
  const now = new Map(after.map(invoice => [invoice.id, invoice]));
  return before.flatMap(({ id, status }) => {
    const next = now.get(id);
    if (!next) return [`invoice ${id} is gone`];
    return isReachable(status, next.status) ? [] : [`invoice ${id} went from ${status} to ${next.status}`];
  });
}

type Settled = {
  invoice_id: number;
  network: string;
  epoch: number;
  tx_id: string;
  asset: string;
  from_key: string;
  to_key: string;
  units: string;
  ordinal: number;
  height: number | null;
};

const SETTLED = `select p.invoice_id, t.network, t.epoch, t.tx_id, t.asset, t.from_key, t.to_key, t.units, t.ordinal, t.height
  from payments p join transfers t on t.id = p.transfer_id where p.state = 'settled'`;

function rowIdentity(row: Omit<Settled, 'invoice_id' | 'height'>): string {
  return identityOf(row.network, {
    txId: row.tx_id,
    asset: row.asset,
    from: row.from_key,
    to: row.to_key,
    units: BigInt(row.units),
    ordinal: row.ordinal,
  });
}

/** Nothing is settled before it was as deep on the real chain as finality asks. */
export async function checkNotEarly(world: World): Promise<string[]> {
  const settled = await world.admin.rows<Settled>(SETTLED, [], 'settled');
  return settled
    .filter(row => !world.everFinal.has(rowIdentity(row)))
    .map(row => `invoice ${row.invoice_id} was settled before its transfer was final`);
}

type Judged = {
  id: number;
  client_reference_id: string;
  status: string;
  exception: string | null;
  network: string;
  asset: string;
  address_key: string;
  final_units: string;
  created_at: number;
  expire_at: number;
};

/** At the end, with every fault gone and everything read: did each invoice, transfer and event end as it should? */
export async function checkEnd(world: World, facts: ChainFacts): Promise<string[]> {
  const invoices = await world.admin.rows<Judged>('select * from invoices order by id');
  const settled = new Map((await world.admin.rows<Settled>(SETTLED)).map(row => [row.invoice_id, row]));
  return [
    ...invoices.flatMap(invoice => judgeInvoice(world, invoice, settled.get(invoice.id), facts)),
    ...judgeAnswers(world, invoices),
    ...(await judgeTransfers(world, facts)),
    ...(await judgeWebhooks(world, invoices)),
  ];
}

function judgeInvoice(
  world: World,
  invoice: Judged,
  settled: Settled | undefined,
  facts: ChainFacts,
): string[] {
  const candidates = facts.canonical.filter(
    ({ network, transfer }) =>
      network === invoice.network &&
      transfer.to === invoice.address_key &&
      transfer.asset === invoice.asset &&
      transfer.units === BigInt(invoice.final_units) &&
      transfer.from !== transfer.to &&
      transfer.block.time >= invoice.created_at - GRACE &&
      transfer.block.time <= invoice.expire_at + GRACE,
  );
  const name = `invoice ${invoice.id}`;
  // Money sent before there was an invoice is not its payment; while nobody had seen it, it cannot be told apart.
  const inTime = candidates.some(({ sentAt }) => sentAt >= invoice.created_at);
  if (candidates.length > 0 && !inTime) world.reach('sent before its invoice');
  if (inTime && invoice.status !== 'completed') return [`${name} was paid in time and is ${invoice.status}`];
  if (!inTime && invoice.status === 'completed') {
    // Only a chain that broke its word, or was begun anew, leaves an invoice settled by a transfer that is not there.
    const stands = settled !== undefined && facts.identities.has(rowIdentity(settled));
    const unseen = settled !== undefined && candidates.some(c => c.transfer.txId === settled.tx_id);
    const excused =
      unseen || invoice.exception === 'reversed' || world.epochs > 0 || (stands && world.deepReorgs > 0);
    if (!excused) return [`${name} is completed, but nobody paid it in time`];
  }
  if (!inTime && invoice.status !== 'completed' && invoice.status !== 'expired') {
    return [`${name} is still ${invoice.status}`];
  }
  world.reach(`ended ${invoice.status}${invoice.exception ? ` ${invoice.exception}` : ''}`);
  return [];
}

/** Every id that was answered exists; no reference has two invoices. */
function judgeAnswers(world: World, invoices: readonly Judged[]): string[] {
  const byReference = new Map(invoices.map(invoice => [invoice.client_reference_id, invoice.id]));
  return [...world.sent].flatMap(([reference, id]) =>
    id !== null && byReference.get(reference) !== id ? [`invoice ${id} was answered and is not there`] : [],
  );
}

type Row = Omit<Settled, 'invoice_id'> & { block_hash: string | null; state: string; reason: string | null };

/** Every transfer on the chain stands in the table once, on its block, judged; and no other one stands on a block. */
async function judgeTransfers(world: World, facts: ChainFacts): Promise<string[]> {
  const rows = await world.admin.rows<Row>(
    `select t.* from transfers t join cursors c on c.network = t.network and c.epoch = t.epoch`,
  );
  const stored = new Map(rows.filter(row => row.height !== null).map(row => [rowIdentity(row), row]));
  for (const { state, reason } of rows) world.reach(`transfer ${state}${reason ? ` ${reason}` : ''}`);
  const missing = facts.canonical.flatMap(({ network, transfer }) => {
    const row = stored.get(identityOf(network, transfer));
    if (!row) return [`transfer ${transfer.txId.slice(-4)}/${transfer.ordinal} of ${network} is lost`];
    if (row.block_hash !== transfer.block.hash)
      return [`transfer ${row.tx_id.slice(-4)} stands on another block`];
    return row.state === 'pending' ? [`transfer ${row.tx_id.slice(-4)} was not judged`] : [];
  });
  const invented = [...stored.keys()].filter(identity => !facts.identities.has(identity));
  return [...missing, ...invented.map(identity => `transfer ${identity} is not on the chain`)];
}

type Event = { invoice_id: number; type: string; webhook_id: string; state: string; attempts: number };

async function judgeWebhooks(world: World, invoices: readonly Judged[]): Promise<string[]> {
  const events = await world.admin.rows<Event>(
    'select o.invoice_id, o.type, o.webhook_id, d.state, d.attempts from outbox o join deliveries d on d.outbox_id = o.id',
  );
  for (const { state, attempts } of events)
    world.reach(`delivery ${state}${attempts > 1 ? ' after several' : ''}`);
  return [
    ...events.flatMap(event => judgeEvent(world, event)),
    ...invoices.flatMap(({ id }) => judgeOrder(world, id)),
    ...strangers(world, events),
  ];
}

function judgeEvent(world: World, event: Event): string[] {
  const heard = world.arrivals.filter(({ webhookId }) => webhookId === event.webhook_id);
  const name = `event ${event.type} of invoice ${event.invoice_id}`;
  if (event.state === 'open') return [`${name} still waits`];
  if (event.state === 'delivered' && !heard.some(({ status }) => status === 200))
    return [`${name} was not heard`];
  if (heard.some(({ type, invoice }) => type !== event.type || invoice !== event.invoice_id)) {
    return [`${name} was heard as another`];
  }
  return heard.length < event.attempts ? [`${name} has more requests on record than were heard`] : [];
}

/** One event of each kind an invoice, and nothing but `paid` once `paid` was heard. */
function judgeOrder(world: World, invoice: number): string[] {
  const heard = world.arrivals.filter(arrival => arrival.invoice === invoice);
  const paid = heard.findIndex(({ type }) => type === 'paid');
  const kinds = new Set(heard.map(({ type, webhookId }) => `${type} ${webhookId}`));
  const types = new Set(heard.map(({ type }) => type));
  if (kinds.size !== types.size) return [`the shop heard two events of one kind for invoice ${invoice}`];
  const stale = paid >= 0 && heard.slice(paid).some(({ type }) => type !== 'paid');
  return stale ? [`the shop heard an older event after "paid" of invoice ${invoice}`] : [];
}

function strangers(world: World, events: readonly Event[]): string[] {
  const known = new Set(events.map(({ webhook_id }) => webhook_id));
  return world.arrivals
    .filter(({ webhookId }) => !known.has(webhookId))
    .map(({ type, invoice }) => `the shop heard "${type}" of invoice ${invoice}, which is not in the outbox`);
}
