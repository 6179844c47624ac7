/** The payer chooses coin and network on the page: from then on an amount of its own is held for the invoice. */
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { ChooseFault } from '../domain/errors.ts';
import { apply, type Invoice } from '../domain/invoice.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Db, type Tx, transact } from '../store/db.ts';
import { lockPage } from '../store/invoices.ts';
import { saveChoice } from '../store/save-invoices.ts';
import { methodOf } from './create-invoice.ts';
import { findPlaces, type PlaceDeps } from './find-places.ts';
import { type Reserved, reserveAmounts } from './reserve-amounts.ts';
import type { TailMemory } from './tail-memory.ts';

export type ChooseDeps = PlaceDeps & {
  db: Db;
  clock: Clock;
  memory: TailMemory;
  /** Whether a coin is not worth a dollar at a moment, in ms. */
  isOffPeg: (asset: AssetCode, now: number) => boolean;
};

export type ChooseMethod = { pageId: string; method: { network: NetworkCode; asset: AssetCode } };

/** Answers the invoice with its amount. Whoever chooses second, in another tab, gets what was chosen first. */
export async function chooseMethod(
  deps: ChooseDeps,
  { pageId, method }: ChooseMethod,
): Promise<Result<Invoice, ChooseFault>> {
  const now = deps.clock.now();
  return transact(deps.db, async (tx): Promise<Result<Invoice, ChooseFault>> => {
    const before = await lockPage(tx, pageId);
    if (!before) return fail('page_unknown');
    if (before.method) return ok(before);
    const changed = apply(before, 'method_chosen', { now });
    if (typeof changed !== 'object' || now >= before.expireAt) return fail('invoice_ended');
    if (deps.isOffPeg(method.asset, now)) return fail('off_peg');
    const reserved = await reserveOne(deps, tx, { before, method, now });
    if (!reserved.ok) return reserved;
    const chosen = { ...methodOf(reserved.value), since: now };
    await saveChoice(
      tx,
      { ...changed.after, version: before.version },
      {
        method: chosen,
        commission: reserved.value.commission,
      },
    );
    return ok({ ...changed.after, method: chosen });
  });
}

async function reserveOne(
  deps: ChooseDeps,
  tx: Tx,
  { before, method, now }: { before: Invoice; method: ChooseMethod['method']; now: number },
): Promise<Result<Reserved<Invoice>, ChooseFault>> {
  const merchant = { id: before.merchantId, compat: before.compat };
  const payable = { merchant, method, requested: before.requested };
  const [places] = await findPlaces(deps, tx, [payable], now);
  if (!places) throw new Error('no answer for a choice');
  if (!places.ok) {
    const { fault } = places;
    // The page offers no coin that cannot be paid; whoever asks for one all the same finds no wallet for it.
    return fail(fault === 'network_behind' || fault === 'wallet_integrity' ? fault : 'no_wallet');
  }
  const candidate = { item: before, places: places.value, invoiceId: before.id };
  const [reserved] = await reserveAmounts({ ...deps, tx }, [candidate], now);
  return reserved ? ok(reserved) : fail('no_free_amount');
}
