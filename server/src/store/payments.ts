/**
 * Payments: a transfer that counts, or counted, for an invoice. One per transfer; what settles an invoice is one of them for
 * ever, or parts that cover it together (part-payments.ts).
 */
import { sql } from 'kysely';
import type { LargeAmount } from '../domain/agreement.ts';
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { PaymentKind } from '../domain/exception.ts';
import { GRACE } from '../domain/match.ts';
import { isLarge } from './agreements.ts';
import type { Tx } from './db.ts';

export type HeldAmount = { network: NetworkCode; addressKey: string; asset: AssetCode; units: string };

/** The invoice that holds an amount, and until when (ms; null: for as long as it is open). */
export type AmountHolder = { invoiceId: number; heldUntil: number | null };

/** The holder of each amount, in order; null where nobody holds it. */
export async function findHolders(tx: Tx, amounts: readonly HeldAmount[]): Promise<(AmountHolder | null)[]> {
  const { rows } = await sql<{ n: number; invoice_id: number; held_until: number | null }>`
    select a.n::int as n, r.invoice_id, r.held_until
      from unnest(${amounts.map(a => a.network)}::text[], ${amounts.map(a => a.addressKey)}::text[],
                  ${amounts.map(a => a.asset)}::text[], ${amounts.map(a => a.units)}::numeric[])
        with ordinality as a (network, address_key, asset, units, n)
      join reservations r using (network, address_key, asset, units)`.execute(tx);
  const holders: (AmountHolder | null)[] = amounts.map(() => null);
  for (const row of rows) {
    holders[row.n - 1] = { invoiceId: row.invoice_id, heldUntil: row.held_until };
  }
  return holders;
}

/** Which of these (locked) invoices have a payment that counts, pending or settled; parts that still wait are none. */
export async function invoicesWithPayment(tx: Tx, invoiceIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ invoice_id: number }>`
    select invoice_id from payments
     where invoice_id = any(${invoiceIds}::bigint[])
       and (state = 'settled' or (state = 'pending' and kind not in ('part', 'late_part')))`.execute(tx);
  return new Set(rows.map(row => row.invoice_id));
}

export type CountingPayment = {
  id: number;
  invoice_id: number;
  state: 'pending' | 'settled';
  kind: PaymentKind;
};

/** By which payment a transfer counts for an invoice; null: by none. */
export async function countingPayment(tx: Tx, transferId: number): Promise<CountingPayment | null> {
  const { rows } = await sql<CountingPayment>`
    select id, invoice_id, state, kind from payments
     where transfer_id = ${transferId} and state in ('pending', 'settled')`.execute(tx);
  return rows[0] ?? null;
}

/** Makes transfers count for invoices; one that counted before and was released counts again. */
export async function openPayments(
  tx: Tx,
  pairs: readonly { transferId: number; invoiceId: number; kind: PaymentKind }[],
  now: number,
): Promise<void> {
  if (pairs.length === 0) return;
  await sql`
    insert into payments (transfer_id, invoice_id, kind, state, created_at)
    select p.*, 'pending', ${new Date(now)}
      from unnest(${pairs.map(p => p.transferId)}::bigint[], ${pairs.map(p => p.invoiceId)}::bigint[],
                  ${pairs.map(p => p.kind)}::text[]) as p
    on conflict (transfer_id) do update
      set state = 'pending', invoice_id = excluded.invoice_id, kind = excluded.kind
      where payments.state = 'released'`.execute(tx);
}

/** A payment on which something is to be decided, with its transfer and how final its network is. Times in ms. */
export type OpenPayment = {
  id: number;
  transfer_id: number;
  invoice_id: number;
  height: number | null;
  block_time: number | null;
  final_height: number;
  network: NetworkCode;
  asset: AssetCode;
  tx_id: string;
  from_key: string;
  to_key: string;
  units: string;
  detected_at: number;
  kind: PaymentKind;
};

/**
 * Locks pending payments whose transfer is final or has left the chain, but for parts. A transfer of an earlier epoch that still has
 * its block was final there, when that chain ended. One above what is `large` on its network is left until two
 * providers agree on it. `after`: only those of a higher id.
 */
export async function lockDecidable(
  tx: Tx,
  { after, limit }: { after: number; limit: number },
  large: readonly LargeAmount[],
): Promise<OpenPayment[]> {
  const { rows } = await sql<OpenPayment>`
    select p.id, p.transfer_id, p.invoice_id, t.height, t.block_time, t.network, t.asset, t.tx_id, t.from_key, t.to_key, t.units,
           t.detected_at, p.kind,
           case when t.epoch < c.epoch then t.height else c.final_height end as final_height
      from payments p
      join transfers t on t.id = p.transfer_id
      join cursors c on c.network = t.network
     where p.state = 'pending' and p.id > ${after} and p.kind not in ('part', 'late_part')
       and (t.height is null or t.epoch < c.epoch or t.height <= c.final_height)
       and (t.height is null or p.agreed_at is not null or not ${isLarge(large)})
     order by p.id limit ${limit} for update of p, t skip locked`.execute(tx);
  return rows;
}

export async function closePayments(
  tx: Tx,
  closed: readonly { id: number; state: 'settled' | 'released' }[],
  now: number,
): Promise<void> {
  if (closed.length === 0) return;
  await sql`
    update payments p set state = c.state, settled_at = case when c.state = 'settled' then ${new Date(now)}::timestamptz end,
           agreed_at = case when c.state = 'settled' then p.agreed_at end
      from unnest(${closed.map(c => c.id)}::bigint[], ${closed.map(c => c.state)}::text[]) as c (id, state)
     where p.id = c.id`.execute(tx);
}

/** An invoice's settled payment whose transfer is not on the chain any more (`gone`), or one of those that are all back on it. */
export type Reversal = Pick<
  OpenPayment,
  'invoice_id' | 'network' | 'asset' | 'tx_id' | 'from_key' | 'units' | 'block_time' | 'detected_at' | 'kind'
> & {
  gone: boolean;
};

const REVERSAL = sql`t.network, t.asset, t.tx_id, t.from_key, t.units, t.block_time, t.detected_at, p.kind`;

/**
 * Finds, one for each invoice, settled payments whose transfer has left the chain although it was final (`gone`), or is back
 * on it with all others, while the invoice does not say so yet. What a person named need not be final then, nor read: it is gone when
 * its network is final past that moment without it.
 */
export async function findReversals(tx: Tx, limit: number): Promise<Reversal[]> {
  const { rows } = await sql<Reversal>`
    (select distinct on (p.invoice_id) p.invoice_id, ${REVERSAL}, true as gone
       from transfers t
       join payments p on p.transfer_id = t.id and p.state = 'settled'
       join invoices i on i.id = p.invoice_id
      where t.height is null and i.exception is distinct from 'reversed'
        and (i.status = 'completed' or (i.status = 'paid_manually' and exists (
          select from cursors c join blocks b on b.network = c.network and b.height <= c.final_height
           where c.network = t.network and c.epoch = t.epoch
             and b.block_time > p.settled_at + ${`${GRACE} milliseconds`}::interval))) limit ${limit})
    union all
    (select distinct on (i.id) i.id, ${REVERSAL}, false
       from invoices i
       join payments p on p.invoice_id = i.id and p.state = 'settled'
       join transfers t on t.id = p.transfer_id
      where i.exception = 'reversed' and not exists (
        select from payments o join transfers g on g.id = o.transfer_id
         where o.invoice_id = i.id and o.state = 'settled' and g.height is null)
      order by i.id, p.kind = 'manual' desc limit ${limit})`.execute(tx);
  return rows;
}
