/**
 * The payer chooses coin and network on the page, or changes them while nothing was seen. From the first choice of each on
 * an amount of its own is held for the invoice, and stays so: what was already sent counts, whatever is chosen later.
 */
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { ChooseFault } from '../domain/errors.ts';
import {
  apply,
  type CoinRate,
  type Invoice,
  isPayersChoice,
  isSameMethod,
  type Method,
  MOST_CHANGES,
} from '../domain/invoice.ts';
import type { NoRate } from '../domain/rate.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { hasMoney, lockPage } from '../store/invoices.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { saveChoice, saveInvoices } from '../store/save-invoices.ts';
import { methodOf } from './create-invoice.ts';
import { findPlaces, type PlaceDeps } from './find-places.ts';
import { type Place, reserveAmounts } from './reserve-amounts.ts';
import type { TailMemory } from './tail-memory.ts';

export type ChooseDeps = PlaceDeps & {
  db: Db;
  clock: Clock;
  memory: TailMemory;
  /** What a dollar is of a coin at a moment, in ms; a fault where it cannot be paid in. */
  coinRate: (asset: AssetCode, now: number) => Result<CoinRate | null, NoRate>;
};

type Way = { network: NetworkCode; asset: AssetCode };

export type ChooseMethod = {
  pageId: string;
  /** What the payer had before them when they chose; null: nothing was chosen yet. */
  from: Way | null;
  method: Way;
};

type Choice = { before: Invoice; after: Invoice; method: Way; rate: CoinRate | null; now: number };

/**
 * Answers the invoice with its amount. Whoever chooses on a page that is no longer what it was, in another tab, changes
 * nothing and gets what is current.
 */
export async function chooseMethod(
  deps: ChooseDeps,
  { pageId, from, method }: ChooseMethod,
): Promise<Result<Invoice, ChooseFault>> {
  const now = deps.clock.now();
  return transact(deps.db, async (tx): Promise<Result<Invoice, ChooseFault>> => {
    const before = await lockPage(tx, pageId);
    if (!before) return fail('page_unknown');
    if (!isSameMethod(before.method, from) || isSameMethod(before.method, method)) return ok(before);
    if (!isPayersChoice(before)) return fail('no_wallet');
    if (before.status === 'confirming' || (await hasMoney(tx, before))) return fail('payment_seen');
    const changed = apply(before, 'method_chosen', { now });
    if (typeof changed !== 'object' || now >= before.expireAt) return fail('invoice_ended');
    const rate = deps.coinRate(method.asset, now);
    if (!rate.ok) return fail(rate.fault === 'off_peg' ? 'off_peg' : 'no_rate');
    const choice = { before, after: changed.after, method, rate: rate.value, now };
    const places = await placesFor(deps, tx, choice);
    return places.ok ? take(deps, tx, choice, places.value) : places;
  });
}

async function placesFor(
  deps: ChooseDeps,
  tx: Tx,
  { before, method, rate, now }: Choice,
): Promise<Result<Place[], ChooseFault>> {
  const merchant = { id: before.merchantId, compat: before.compat };
  const { requested, commissionPercent: percent } = before;
  const [places] = await findPlaces(deps, tx, [{ merchant, method, requested, percent, rate }], now);
  if (!places) throw new Error('no answer for a choice');
  if (places.ok) return places;
  const { fault } = places;
  // The page offers no coin that cannot be paid; whoever asks for one all the same finds no wallet for it.
  return fail(fault === 'network_behind' || fault === 'wallet_integrity' ? fault : 'no_wallet');
}

/** The amount that is held for this choice already, or a new one. */
async function take(
  deps: ChooseDeps,
  tx: Tx,
  choice: Choice,
  places: readonly Place[],
): Promise<Result<Invoice, ChooseFault>> {
  const replaced = (await replacedMethods(tx, [choice.before.id])).get(choice.before.id) ?? [];
  const held = replaced.find(other => isSameMethod(other, choice.method));
  if (held) return takeBack(tx, choice, held, places);
  return replaced.length < MOST_CHANGES ? takeNew(deps, tx, choice, places) : fail('too_many_changes');
}

async function takeBack(
  tx: Tx,
  { before, after, now }: Choice,
  held: Method,
  places: readonly Place[],
): Promise<Result<Invoice, ChooseFault>> {
  // A wallet that the merchant has put out of use since is shown to no payer anew.
  // Nor is an address that is not, or no longer, that of a wallet which has proved itself.
  const isPlace = ({ wallet }: Place) => wallet.id === held.walletId && wallet.address === held.address;
  if (!places.some(isPlace)) return fail('no_wallet');
  const again = { ...after, method: held };
  await saveInvoices(tx, [{ before, after: again, emits: null }], {
    now,
    webhookId: () => {
      throw new Error('a choice owes no event');
    },
  });
  return ok(again);
}

async function takeNew(
  deps: ChooseDeps,
  tx: Tx,
  { before, after, now }: Choice,
  places: readonly Place[],
): Promise<Result<Invoice, ChooseFault>> {
  const candidate = { item: before, places, invoiceId: before.id };
  const [reserved] = await reserveAmounts({ ...deps, tx }, [candidate], now);
  if (!reserved) return fail('no_free_amount');
  const chosen = { ...after, method: { ...methodOf(reserved), since: now } };
  await saveChoice(tx, { before, after: chosen, commission: reserved.commission }, now);
  return ok(chosen);
}
