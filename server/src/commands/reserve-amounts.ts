/**
 * Reserving an amount for each of many new invoices. What is held is read once per price and remembered; it is a
 * hint. The database's constraint decides, and whoever loses an amount to a faster transaction draws again.
 */
import type { CoinRate } from '../domain/invoice.ts';
import type { Decimal } from '../domain/money.ts';
import { drawTail } from '../domain/tail.ts';
import { Overloaded } from '../lib/group.ts';
import type { Tx } from '../store/db.ts';
import { heldTails, reserve } from '../store/reservations.ts';
import type { WalletRow } from '../store/wallets.ts';
import type { TailMemory } from './tail-memory.ts';

/**
 * A wallet that could take the payment: the amount due there, in base units, and the worth of one tail unit. The
 * commission is in US dollars.
 */
export type Place = {
  wallet: WalletRow;
  commission: Decimal;
  decimals: number;
  rate: CoinRate | null;
  base: bigint;
  step: bigint;
};

/** Something to reserve an amount for, with the places that could take it, first choice first. New without `invoiceId`. */
export type Candidate<Item> = { item: Item; places: readonly Place[]; invoiceId?: number };

export type Reserved<Item> = Place & { item: Item; units: bigint; invoiceId: number };

export type ReserveDeps = { tx: Tx; random: (n: number) => number; memory: TailMemory };

type Entry<Item> = Candidate<Item> & { at: number };
type Draw<Item> = { entry: Entry<Item>; place: Place; units: bigint };

/** Losing in so many rounds means that others take amounts faster than we can draw them. */
const LOST_ROUNDS = 12;

/**
 * Answers those for which an amount was reserved, each with the id its invoice will have; for the others nothing is
 * free anywhere. Throws Overloaded when it keeps losing amounts to other transactions.
 */
export async function reserveAmounts<Item>(
  deps: ReserveDeps,
  candidates: readonly Candidate<Item>[],
  now: number,
): Promise<Reserved<Item>[]> {
  const held = new HeldTails(deps, now);
  const reserved: Reserved<Item>[] = [];
  let open: Entry<Item>[] = candidates.map(candidate => ({ ...candidate, at: 0 }));
  let lostRounds = 0;
  while (open.length > 0) {
    if (lostRounds === LOST_ROUNDS) throw new Overloaded();
    await held.load(open.flatMap(entry => entry.places[entry.at] ?? []));
    const draws = open.flatMap(entry => draw(entry, held, deps.random) ?? []);
    const ids = draws.length > 0 ? await reserve(deps.tx, draws.map(wanted), now) : [];
    const lost: Entry<Item>[] = [];
    draws.forEach(({ entry, place, units }, index) => {
      const invoiceId = ids[index] ?? null;
      if (invoiceId === null) lost.push(entry);
      else reserved.push({ ...place, item: entry.item, units, invoiceId });
    });
    if (lost.length > 0) lostRounds++;
    open = [...lost, ...open.filter(entry => isDeferred(entry, draws))];
    held.forget(lost.flatMap(entry => entry.places[entry.at] ?? []));
  }
  return reserved;
}

/** Entries that drew nothing here but have another place to try. */
function isDeferred<Item>(entry: Entry<Item>, draws: readonly Draw<Item>[]): boolean {
  return entry.at < entry.places.length && !draws.some(drawn => drawn.entry === entry);
}

/**
 * Draws at the entry's place. Where nothing is free the entry moves on to its next place and draws in the next round; where
 * that is only remembered, the place is read first.
 */
function draw<Item>(entry: Entry<Item>, held: HeldTails, random: (n: number) => number): Draw<Item> | null {
  const place = entry.places[entry.at];
  if (!place) return null;
  const taken = held.of(place);
  const tail = drawTail(place.wallet.max_tail, taken, random);
  if (tail === null) {
    if (held.isRead(place)) entry.at++;
    else held.forget([place]);
    return null;
  }
  taken.add(tail);
  return { entry, place, units: place.base + BigInt(tail) * place.step };
}

function wanted<Item>({ entry, place, units }: Draw<Item>) {
  const { network, address_key: addressKey, asset } = place.wallet;
  return { network, addressKey, asset, units, invoiceId: entry.invoiceId ?? null };
}

/** The held tails of the prices of one batch: remembered, or read in this transaction. */
class HeldTails {
  readonly #deps: ReserveDeps;
  readonly #now: number;
  readonly #inUse = new Map<string, Set<number>>();
  /** Prices read in this transaction, whose answer may be believed when it is that nothing is free. */
  readonly #read = new Set<string>();

  constructor(deps: ReserveDeps, now: number) {
    this.#deps = deps;
    this.#now = now;
  }

  of(place: Place): Set<number> {
    const known = this.#inUse.get(key(place));
    if (!known) throw new Error('the held tails of a price were not loaded');
    return known;
  }

  isRead(place: Place): boolean {
    return this.#read.has(key(place));
  }

  /** Recalls the prices that are remembered and reads the others. */
  async load(places: readonly Place[]): Promise<void> {
    const unread = [...new Map(places.map(place => [key(place), place])).values()].filter(place => {
      const price = key(place);
      if (this.#inUse.has(price)) return false;
      const remembered = this.#deps.memory.recall(price, this.#now);
      if (remembered) this.#inUse.set(price, remembered);
      return !remembered;
    });
    if (unread.length === 0) return;
    const held = await heldTails(this.#deps.tx, unread.map(priced), this.#now);
    unread.forEach((place, index) => {
      const tails = held[index] ?? new Set<number>();
      this.#inUse.set(key(place), tails);
      this.#read.add(key(place));
      this.#deps.memory.remember(key(place), tails, this.#now);
    });
  }

  /** What is remembered of these has proved wrong: they are read at the next load. */
  forget(places: readonly Place[]): void {
    for (const place of places) {
      this.#inUse.delete(key(place));
      this.#deps.memory.forget(key(place));
    }
  }
}

function priced({ wallet, base, step }: Place) {
  const { network, address_key: addressKey, asset, max_tail: maxTail } = wallet;
  return { network, addressKey, asset, base, step, maxTail };
}

function key({ wallet, base, step }: Place): string {
  return `${wallet.network} ${wallet.address_key} ${wallet.asset} ${base} ${step} ${wallet.max_tail}`;
}
