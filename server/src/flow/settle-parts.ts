/**
 * parts → invoices + outbox. Parts that cover their invoice, all of them final, settle it in one transition; those that left
 * the chain or their time are released, and the invoice asks for what is then left.
 */
import { largeAmounts } from '../domain/agreement.ts';
import { tellsOf } from '../domain/event.ts';
import { graver } from '../domain/exception.ts';
import { apply, type Invoice, isEnded, type Method } from '../domain/invoice.ts';
import { afterRelease, covers, markOfParts, type Rest, sumOf, type Weighed, weigh } from '../domain/parts.ts';
import type { Tx } from '../store/db.ts';
import { genuineAddresses } from '../store/genuine-wallets.ts';
import { lockInvoices } from '../store/invoices.ts';
import { invoicesToWeigh, lockParts, type PartPayment } from '../store/part-payments.ts';
import { closePayments } from '../store/payments.ts';
import { askRests, restsOf, type Short } from '../store/remainders.ts';
import { type InvoiceChange, saveInvoices } from '../store/save-invoices.ts';
import { judgeTransfers, rejudgeSeconds } from '../store/transfers.ts';
import { aboutOf, seenOf } from './seen-of.ts';
import type { SettleDeps } from './settle.ts';

const INVOICES_PER_TICK = 200;

/** What is written of one invoice. */
type Outcome = {
  settled: PartPayment[];
  released: PartPayment[];
  change: InvoiceChange;
  short: Short | null;
};

/**
 * Decides the parts of one batch of invoices, which are locked before their payments. Answers of how many. A batch of which nothing
 * may be decided, since nobody agrees or its addresses were changed in the database, holds up no other one.
 */
export async function settleParts(deps: SettleDeps, tx: Tx, now: number): Promise<number> {
  for (let after = 0; ; ) {
    const ids = await invoicesToWeigh(tx, { after, limit: INVOICES_PER_TICK });
    const decided = ids.length > 0 ? await decideParts(deps, tx, { ids, now }) : 0;
    if (decided > 0 || ids.length < INVOICES_PER_TICK) return decided;
    after = ids.at(-1) ?? after;
  }
}

async function decideParts(
  deps: SettleDeps,
  tx: Tx,
  { ids, now }: { ids: readonly number[]; now: number },
): Promise<number> {
  const invoices = await lockInvoices(tx, ids);
  const parts = await lockParts(tx, ids, largeAmounts(deps.networks.values()));
  const rests = await restsOf(tx, ids);
  const genuine = await genuineAddresses(tx, deps.vault, [...invoices.values()]);
  const outcomes = [...invoices.values()].flatMap((invoice): Outcome[] => {
    const own = parts.get(invoice.id) ?? [];
    const weighed = weigh(invoice, own);
    const { method } = invoice;
    if (!method || weighed.kind === 'wait') return [];
    // Money at an address that nobody registered settles nothing; check-wallets.ts raises the alarm.
    if (weighed.kind === 'settle' && !genuine.has(invoice.id)) return [];
    if (weighed.kind === 'settle') return settled(deps, { ...invoice, method }, own, rests, now);
    return [released(deps, { ...invoice, method }, weighed, now)];
  });
  await write(deps, tx, outcomes, now);
  return outcomes.length;
}

type Asked = Invoice & { method: Method };

function settled(
  deps: SettleDeps,
  invoice: Asked,
  parts: PartPayment[],
  rests: ReadonlyMap<number, Rest[]>,
  now: number,
): Outcome[] {
  const last = parts.at(-1);
  if (!last) return [];
  const changed = apply(invoice, 'transfer_final', { now, seen: seenOf(deps, last) });
  if (typeof changed !== 'object') throw new Error(`parts pay invoice ${invoice.id}, which refuses them`);
  const own = markOfParts(parts, invoice.method, rests.get(invoice.id) ?? []);
  const exception = graver(own, invoice.exception === 'duplicate' ? 'duplicate' : null);
  const type = tellsOf(own);
  const tells = type ? [{ type, about: aboutOf(deps, invoice, textual(last)) }] : [];
  const change = { before: invoice, after: { ...changed.after, exception }, emits: changed.emits, tells };
  return [{ settled: parts, released: [], change, short: null }];
}

const textual = (part: PartPayment) => ({ ...part, units: part.units.toString() });

function released(
  deps: SettleDeps,
  invoice: Asked,
  { gone, left }: Weighed<PartPayment> & { kind: 'release' },
  now: number,
): Outcome {
  const after = afterRelease(
    invoice,
    left.map(part => ({ units: part.units, seen: seenOf(deps, part) })),
    now,
  );
  const received = sumOf(left);
  const isShort = received > 0n && !covers(received, invoice.method) && !isEnded(after.status);
  return {
    settled: [],
    released: gone,
    change: { before: invoice, after, emits: null },
    short: isShort ? { invoice, received } : null,
  };
}

async function write(deps: SettleDeps, tx: Tx, outcomes: readonly Outcome[], now: number): Promise<void> {
  const settled = outcomes.flatMap(outcome => outcome.settled);
  const released = outcomes.flatMap(outcome => outcome.released);
  await closePayments(
    tx,
    [
      ...settled.map(({ id }) => ({ id, state: 'settled' as const })),
      ...released.map(({ id }) => ({ id, state: 'released' as const })),
    ],
    now,
  );
  await judgeTransfers(
    tx,
    released.map(part => ({ id: part.transfer_id, state: 'pending', reason: null, invoiceId: null })),
  );
  await rejudgeSeconds(tx, [...new Set(released.map(part => part.invoice_id))]);
  const changes = outcomes.map(({ change }) => change);
  await saveInvoices(tx, changes, { now, webhookId: deps.webhookId });
  const shorts = outcomes.flatMap(({ short }) => short ?? []);
  await askRests(tx, shorts, { now, random: deps.random });
}
