/**
 * Reserving an amount for each of many new invoices. What is held is read once per price and kept for the batch; it is a
 * hint. The database's constraint decides, and whoever loses an amount to a faster transaction draws again.
 */
import type { Decimal } from '../domain/money.ts';
import { drawTail, FIRST_WINDOW, isOpen } from '../domain/tail.ts';
import { Overloaded } from '../lib/group.ts';
import type { Tx } from '../store/db.ts';
import { heldTails, reserve } from '../store/reservations.ts';
import type { WalletRow } from '../store/wallets.ts';

/** A wallet that could take the payment: the amount due there, in base units, and the worth of one tail unit. */
type Place = { wallet: WalletRow; commission: Decimal; decimals: number; base: bigint; step: bigint };

/** Something to reserve an amount for, with the places that could take it, first choice first. */
export type Candidate<Item> = { item: Item; places: readonly Place[] };

export type Reserved<Item> = Place & { item: Item; units: bigint; invoiceId: number };

type Entry<Item> = { item: Item; places: readonly Place[]; at: number };
type Draw<Item> = { entry: Entry<Item>; place: Place; units: bigint };

/** Losing in so many rounds means that others take amounts faster than we can draw them. */
const LOST_ROUNDS = 12;

/**
 * Answers those for which an amount was reserved, each with the id its invoice will have; for the others nothing is
 * free anywhere. Throws Overloaded when it keeps losing amounts to other transactions.
 */
export async function reserveAmounts<Item>(
  deps: { tx: Tx; random: (n: number) => number },
  candidates: readonly Candidate<Item>[],
  now: number,
): Promise<Reserved<Item>[]> {
  const held = new HeldTails(deps.tx, now);
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

/** Draws at the entry's place; where nothing is free the entry moves on to its next place and draws in the next round. */
function draw<Item>(entry: Entry<Item>, held: HeldTails, random: (n: number) => number): Draw<Item> | null {
  const place = entry.places[entry.at];
  if (!place) return null;
  const taken = held.of(place);
  const tail = drawTail(place.wallet.max_tail, taken, random);
  if (tail === null) {
    entry.at++;
    return null;
  }
  taken.add(tail);
  return { entry, place, units: place.base + BigInt(tail) * place.step };
}

function wanted<Item>({ place, units }: Draw<Item>) {
  const { network, address_key: addressKey, asset } = place.wallet;
  return { network, addressKey, asset, units };
}

/** The held tails of the prices of one batch, its own draws included. */
class HeldTails {
  readonly #tx: Tx;
  readonly #now: number;
  readonly #known = new Map<string, { tails: Set<number>; window: number }>();

  constructor(tx: Tx, now: number) {
    this.#tx = tx;
    this.#now = now;
  }

  of(place: Place): Set<number> {
    const known = this.#known.get(key(place));
    if (!known) throw new Error('the held tails of a price were not loaded');
    return known.tails;
  }

  /** Reads the first window of each price, and the whole of a price whose first window is half full. */
  async load(places: readonly Place[]): Promise<void> {
    const fresh = unique(places).filter(place => !this.#known.has(key(place)));
    await this.#read(fresh, FIRST_WINDOW);
    const full = unique(places).filter(place => {
      const known = this.#known.get(key(place));
      return known && known.window < place.wallet.max_tail && !isOpen(known.window, known.tails);
    });
    await this.#read(full, Number.POSITIVE_INFINITY);
  }

  /** Another transaction has taken one of these: read them anew. */
  forget(places: readonly Place[]): void {
    for (const place of places) this.#known.delete(key(place));
  }

  async #read(places: readonly Place[], limit: number): Promise<void> {
    if (places.length === 0) return;
    const prices = places.map(({ wallet, base, step }) => ({
      network: wallet.network,
      addressKey: wallet.address_key,
      asset: wallet.asset,
      base,
      step,
      window: Math.min(limit, wallet.max_tail),
    }));
    const held = await heldTails(this.#tx, prices, this.#now);
    places.forEach((place, index) => {
      const own = this.#known.get(key(place))?.tails ?? [];
      const tails = new Set([...(held[index] ?? []), ...own]);
      this.#known.set(key(place), { tails, window: prices[index]?.window ?? 0 });
    });
  }
}

function key({ wallet, base, step }: Place): string {
  return `${wallet.network} ${wallet.address_key} ${wallet.asset} ${base} ${step} ${wallet.max_tail}`;
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map(place => [key(place), place])).values()];
}
