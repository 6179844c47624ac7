/** Whether a transfer that somebody names for an invoice is another one's by its very amount. */
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import { askedIn } from '../domain/invoice.ts';
import { match } from '../domain/match.ts';
import { heldAs } from '../domain/parts.ts';
import type { Tx } from '../store/db.ts';
import { lockInvoices } from '../store/invoices.ts';
import { findHolders } from '../store/payments.ts';
import { restsOf } from '../store/remainders.ts';
import { replacedMethods } from '../store/replaced-methods.ts';

/** Times in ms; `units` in base units, `from` and `to` as keys. */
type Sent = {
  network: NetworkCode;
  asset: AssetCode;
  from: string;
  to: string;
  units: bigint;
  time: number;
  detectedAt: number;
};

/** A transfer of an amount that another invoice holds is that invoice's, whoever names it. Locks that invoice. */
export async function isHeldByOther(tx: Tx, sent: Sent, invoiceId: number): Promise<boolean> {
  const { network, to: addressKey, asset, units } = sent;
  const [amount] = await findHolders(tx, [{ network, addressKey, asset, units: units.toString() }]);
  if (!amount || amount.invoiceId === invoiceId) return false;
  const holder = (await lockInvoices(tx, [amount.invoiceId])).get(amount.invoiceId);
  if (!holder) return false;
  const replaced = (await replacedMethods(tx, [holder.id])).get(holder.id) ?? [];
  const invoice = askedIn(holder, replaced, { network, asset, addressKey });
  const rests = (await restsOf(tx, [holder.id])).get(holder.id) ?? [];
  const rest = heldAs({ network, asset, addressKey, units }, rests);
  const verdict = match(sent, { invoice, heldUntil: amount.heldUntil, hasPayment: false, rest });
  return verdict.kind === 'counts' || (verdict.kind === 'unmatched' && verdict.belongs);
}
