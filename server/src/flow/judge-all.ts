/** The verdicts on a batch of transfers, each in the light of those before it. */
import { askedIn, type Invoice, isSameMethod, type Method } from '../domain/invoice.ts';
import { match as judge, type Verdict } from '../domain/match.ts';
import { covers, heldAs, isPart, sumOf } from '../domain/parts.ts';
import { judgeLate, judgeNear, type RatesNow } from '../domain/policy.ts';
import type { PartPayment } from '../store/part-payments.ts';
import type { TransferRow } from '../store/transfers.ts';
import type { Judged } from './changes-of.ts';
import type { Known } from './known.ts';

type RatesOf = (invoice: Invoice) => RatesNow;

export type Verdicts = {
  /** In the order of the chain, and after them the parts that came second to a payment of the whole. */
  judged: Judged[];
  /** Those parts, whose payments are to be released. */
  released: PartPayment[];
  /** What has come in parts for each invoice that has any. */
  received: Map<number, bigint>;
};

/** In the order of the chain: of two transfers of one amount, the first one counts. */
export function judgeAll(transfers: readonly TransferRow[], known: Known, ratesOf: RatesOf): Verdicts {
  return new Judge(known, ratesOf).all(transfers);
}

class Judge {
  readonly #known: Known;
  readonly #ratesOf: RatesOf;
  readonly #received: Map<number, bigint>;
  readonly #paid: Set<number>;
  readonly #verified: Set<number>;
  /** Where the parts of an invoice are: they count together in one place only. */
  readonly #places: Map<number, Pick<Method, 'network' | 'asset'>>;
  readonly #judged: Judged[] = [];
  readonly #seconds: Judged[] = [];
  readonly #released: PartPayment[] = [];

  constructor(known: Known, ratesOf: RatesOf) {
    this.#known = known;
    this.#ratesOf = ratesOf;
    this.#received = new Map([...known.parts].map(([id, parts]) => [id, sumOf(parts)]));
    this.#paid = new Set(known.paid);
    this.#verified = new Set(known.verified);
    this.#places = new Map([...known.parts].flatMap(([id, [part]]) => (part ? [[id, part]] : [])));
    for (const [id, sum] of this.#received) {
      const method = known.invoices.get(id)?.method;
      if (method && covers(sum, method)) this.#paid.add(id);
    }
  }

  all(transfers: readonly TransferRow[]): Verdicts {
    for (const [index, transfer] of transfers.entries()) this.#judge(transfer, index);
    return {
      judged: [...this.#judged, ...this.#seconds],
      released: this.#released,
      received: this.#received,
    };
  }

  #judge(transfer: TransferRow, index: number): void {
    const { holders, near, named } = this.#known;
    const meant = this.#asked(transfer, near[index] ?? holders[index]?.invoiceId);
    const verifies = this.#verifies(transfer, index, meant.invoice);
    const { before, invoice } = verifies ? this.#asked(transfer, named[index]?.invoiceId) : meant;
    const verdict = verifies ? BY_HAND : this.#verdict(transfer, index, invoice);
    if (verdict.kind === 'counts' && invoice) this.#count(transfer, invoice, verdict);
    this.#judged.push({ transfer, before, invoice, verdict });
  }

  /** An invoice as it stands, and as it was asked where the transfer went. */
  #asked(transfer: TransferRow, id: number | undefined): Pick<Judged, 'before' | 'invoice'> {
    const before = (id !== undefined && this.#known.invoices.get(id)) || null;
    if (!before) return { before, invoice: null };
    const { network, asset, to_key: addressKey } = transfer;
    const others = this.#known.replaced.get(before.id) ?? [];
    return { before, invoice: askedIn(before, others, { network, asset, addressKey }) };
  }

  /**
   * Whether it verifies what a person has confirmed by its transaction: of any amount, as if it had been seen then, but for one
   * that another invoice holds. Of several transfers in the transaction the exact one does.
   */
  #verifies(transfer: TransferRow, index: number, meant: Invoice | null): boolean {
    const { named, near, holders, invoices } = this.#known;
    const naming = named[index];
    if (!naming) return false;
    const invoice = invoices.get(naming.invoiceId);
    if (invoice?.exception !== 'unverified_manual' || this.#verified.has(invoice.id)) return false;
    if (transfer.from_key === transfer.to_key || transfer.resolution === 'refunded') return false;
    const isOther = named.some(other => other?.invoiceId === invoice.id && other.isExact);
    if (isOther && !naming.isExact) return false;
    if (!holders[index] || near[index] !== null || meant?.id === invoice.id) return true;
    const verdict = this.#verdict(transfer, index, meant);
    return verdict.kind === 'unmatched' && !verdict.belongs;
  }

  #verdict(transfer: TransferRow, index: number, invoice: Invoice | null): Verdict {
    const { from_key: from, to_key: to, block_time, detected_at: detectedAt } = transfer;
    const { holders, near, earlier, rests, policies } = this.#known;
    const seen = { from, to, time: block_time ?? 0, detectedAt };
    const units = BigInt(transfer.units);
    const policy = invoice && policies.get(invoice.merchantId);
    const hasPayment = invoice !== null && this.#paid.has(invoice.id);
    const isElsewhere = invoice !== null && this.#hasPartsElsewhere(invoice);
    if (invoice && policy && typeof near[index] === 'number') {
      const was = earlier.get(transfer.id)?.kind ?? null;
      return judgeNear({ ...seen, units }, { invoice, policy, hasPayment, isElsewhere, was });
    }
    const holder = holders[index];
    if (!holder || !invoice?.method) return judge(seen, null);
    const { network, asset } = transfer;
    const rest = heldAs({ network, asset, addressKey: to, units }, rests.get(invoice.id) ?? []);
    // It holds an amount that it does not ask for: nothing but its own amount counts as that.
    if (!rest && units !== invoice.method.final.units) return judge(seen, null);
    const isSecond = hasPayment || (rest !== null && isElsewhere);
    const verdict = judge(seen, { invoice, heldUntil: holder.heldUntil, hasPayment: isSecond, rest });
    const isLate = verdict.kind === 'unmatched' && verdict.reason === 'after_deadline';
    if (!isLate || !policy) return verdict;
    // A person decides about one payment more of a link than its shop wanted.
    if (this.#known.usedUp.has(invoice.id) && policy.late === 'accept') return verdict;
    const late = judgeLate(invoice, policy, this.#ratesOf(invoice));
    return rest && late.kind === 'counts' ? { ...late, as: 'late_part' } : late;
  }

  #hasPartsElsewhere({ id, method }: Invoice): boolean {
    const place = this.#places.get(id);
    return place !== undefined && !isSameMethod(place, method);
  }

  #count(transfer: TransferRow, { id, method }: Invoice, verdict: Verdict & { kind: 'counts' }): void {
    if (verdict.as === 'manual') this.#verified.add(id);
    if (!isPart(verdict.as)) {
      this.#paid.add(id);
      this.#release(id);
      return;
    }
    const received = (this.#received.get(id) ?? 0n) + BigInt(transfer.units);
    this.#received.set(id, received);
    this.#places.set(id, transfer);
    if (!method || !covers(received, method)) return;
    verdict.completes = true;
    this.#paid.add(id);
  }

  /** A payment of the whole counts on its own: every part came second to it. */
  #release(id: number): void {
    this.#received.delete(id);
    this.#places.delete(id);
    for (const judged of this.#judged)
      if (judged.invoice?.id === id && judged.verdict.kind === 'counts') judged.verdict = SECOND;
    for (const part of this.#known.parts.get(id) ?? []) {
      const before = this.#known.invoices.get(id) ?? null;
      const transfer = { ...part, id: part.transfer_id, units: part.units.toString() };
      this.#released.push(part);
      this.#seconds.push({ transfer, before, invoice: before, verdict: SECOND });
    }
  }
}

const BY_HAND: Verdict = { kind: 'counts', as: 'manual' };
const SECOND: Verdict = { kind: 'unmatched', reason: 'second_transfer', belongs: true };
