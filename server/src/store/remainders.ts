/**
 * The amounts that invoices ask for the rest, when a part of what is due has come. Each is held like the invoice's other
 * amounts, and none is ever forgotten: a transfer of it is the invoice's, whatever became of the part.
 */
import { sql } from 'kysely';
import type { Invoice, Method } from '../domain/invoice.ts';
import { MOST_RESTS, type Rest } from '../domain/parts.ts';
import { drawTail } from '../domain/tail.ts';
import type { Db, Tx } from './db.ts';
import { heldTails, reserve } from './reservations.ts';

/** The rests each of these invoices has asked for, in every place. */
export async function restsOf(db: Db | Tx, invoiceIds: readonly number[]): Promise<Map<number, Rest[]>> {
  const rests = new Map<number, Rest[]>();
  if (invoiceIds.length === 0) return rests;
  const rows = await db
    .selectFrom('remainders')
    .selectAll()
    .where('invoice_id', '=', sql<number>`any(${[...new Set(invoiceIds)]}::bigint[])`)
    .orderBy('invoice_id')
    .orderBy('asked_at')
    .execute();
  for (const row of rows) {
    const { network, asset, address_key: addressKey, asked_at: since } = row;
    const rest = {
      network,
      asset,
      addressKey,
      received: BigInt(row.received),
      units: BigInt(row.units),
      since,
    };
    rests.set(row.invoice_id, [...(rests.get(row.invoice_id) ?? []), rest]);
  }
  return rests;
}

/** An open invoice, locked, of whose amount this much has come. */
export type Short = { invoice: Invoice; received: bigint };

/** Losing an amount to another transaction this often means that they are taken faster than we can draw. */
const ROUNDS = 6;

/**
 * Holds an amount for the rest of each of these, unless the same sum was asked for before. One for which no amount is free,
 * or which has asked too often, gets none. `random(n)` is uniform in 0..n-1; `now` in ms.
 */
export async function askRests(
  tx: Tx,
  shorts: readonly Short[],
  { now, random }: { now: number; random: (n: number) => number },
): Promise<void> {
  let open = await unasked(tx, shorts);
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const held = await heldTails(tx, open, now);
    const drawn = open.flatMap((place, index) => {
      const taken = new Set([...(held[index] ?? []), ...place.tails]);
      const tail = place.maxTail < 1 ? null : drawTail(place.maxTail, taken, random);
      return tail === null ? [] : [{ ...place, units: place.base + BigInt(tail) * place.step }];
    });
    const ids = drawn.length > 0 ? await reserve(tx, drawn, now) : [];
    await insert(
      tx,
      drawn.filter((_, index) => ids[index] !== null),
      now,
    );
    open = drawn.filter((_, index) => ids[index] === null);
  }
}

/** Where the rest of an invoice is to be paid, before its tail. */
type Place = Pick<Method, 'network' | 'asset' | 'addressKey' | 'walletId'> & {
  invoiceId: number;
  received: bigint;
  base: bigint;
  step: bigint;
  maxTail: number;
  /** Tails that would ask for the amount of what has come for it already: nobody could tell the two apart. */
  tails: number[];
};

async function unasked(tx: Tx, shorts: readonly Short[]): Promise<Place[]> {
  if (shorts.length === 0) return [];
  const ids = shorts.map(({ invoice }) => invoice.id);
  const rests = await restsOf(tx, ids);
  const come = await amountsCome(tx, ids);
  const wallets = await tx
    .selectFrom('wallets')
    .select(['id', 'digits', 'max_tail'])
    .where(
      'id',
      '=',
      sql<number>`any(${shorts.flatMap(({ invoice }) => invoice.method?.walletId ?? [])}::bigint[])`,
    )
    .execute();
  return shorts.flatMap(({ invoice: { id, method }, received }): Place[] => {
    const asked = rests.get(id) ?? [];
    const wallet = wallets.find(one => one.id === method?.walletId);
    if (!method || !wallet || asked.length >= MOST_RESTS) return [];
    const { network, asset, addressKey, walletId } = method;
    if (asked.some(rest => rest.network === network && rest.asset === asset && rest.received === received))
      return [];
    const step = 10n ** BigInt(method.final.scale - wallet.digits);
    const base = ((method.final.units - received + step - 1n) / step) * step;
    // The rest is less than the whole, whatever tails the wallet may use.
    const room = (method.final.units - 1n - base) / step;
    const maxTail = room < BigInt(wallet.max_tail) ? Number(room) : wallet.max_tail;
    const tails = come
      .filter(one => one.invoiceId === id && one.units > base && (one.units - base) % step === 0n)
      .map(({ units }) => Number((units - base) / step));
    return [{ invoiceId: id, network, asset, addressKey, walletId, received, base, step, maxTail, tails }];
  });
}

/** The amounts of transfers that count, or counted, for these invoices, wherever they are. */
async function amountsCome(tx: Tx, invoiceIds: readonly number[]) {
  const { rows } = await sql<{ invoice_id: number; units: string }>`
    select p.invoice_id, t.units from payments p join transfers t on t.id = p.transfer_id
     where p.invoice_id = any(${[...invoiceIds]}::bigint[])`.execute(tx);
  return rows.map(row => ({ invoiceId: row.invoice_id, units: BigInt(row.units) }));
}

async function insert(tx: Tx, rests: readonly (Place & { units: bigint })[], now: number): Promise<void> {
  if (rests.length === 0) return;
  await tx
    .insertInto('remainders')
    .values(
      rests.map(({ invoiceId, network, asset, walletId, addressKey, received, units }) => ({
        invoice_id: invoiceId,
        network,
        asset,
        wallet_id: walletId,
        address_key: addressKey,
        received,
        units,
        asked_at: new Date(now),
      })),
    )
    .execute();
}
