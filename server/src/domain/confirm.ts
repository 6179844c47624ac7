/** Confirming by hand: which transfer of the named transaction pays the invoice, and what to say where none does. */
import type { AssetCode, NetworkCode } from './asset.ts';
import type { Exception } from './exception.ts';
import type { Invoice, Method } from './invoice.ts';
import { timingOf } from './match.ts';
import { compare, type Decimal } from './money.ts';

/** A transfer of the named transaction, as the chain has it. */
export type NamedTransfer = { network: NetworkCode; asset: AssetCode; to: string; units: bigint };

/** What the networks say of the named transaction, all taken together. */
export type Finding<T extends NamedTransfer> =
  /** Transfers to a wallet the invoice was asked to, in its coin; an exact amount first. */
  | { kind: 'fitting'; transfers: T[] }
  /** It is on a chain, and was undone there. */
  | { kind: 'failed' }
  /** It is on a chain, and pays somebody else or in another coin. */
  | { kind: 'foreign' }
  /** No network knows it, or none could be asked. */
  | { kind: 'unseen' };

export type Answer<T extends NamedTransfer> =
  | { kind: 'found'; transfers: readonly T[] }
  | { kind: 'failed' }
  | { kind: 'unknown' }
  | { kind: 'unreachable' };

/** A wallet the payment may have gone to; `asset` as registered. */
export type OwnWallet = { network: NetworkCode; asset: AssetCode; addressKey: string };

/**
 * Weighs the answers of the networks that were asked; a fitting transfer on any of them counts. `asked` is every way in which
 * the invoice asked to be paid; while nothing was chosen there is none, and each of the merchant's wallets fits.
 */
export function weigh<T extends NamedTransfer>(
  asked: readonly Method[],
  wallets: readonly OwnWallet[],
  answers: readonly Answer<T>[],
): Finding<T> {
  const found = answers.flatMap(answer => (answer.kind === 'found' ? answer.transfers : []));
  const places: readonly OwnWallet[] = asked.length > 0 ? asked : wallets;
  const fitting = found.filter(transfer => places.some(place => isTo(place, transfer)));
  if (fitting.length > 0) return { kind: 'fitting', transfers: exactFirst(asked, fitting) };
  if (answers.some(({ kind }) => kind === 'failed')) return { kind: 'failed' };
  return answers.some(({ kind }) => kind === 'found') ? { kind: 'foreign' } : { kind: 'unseen' };
}

/** Whether a transfer pays this wallet in its coin. */
export function isTo({ network, asset, addressKey }: OwnWallet, t: NamedTransfer): boolean {
  return t.network === network && t.asset === asset && t.to === addressKey;
}

function exactFirst<T extends NamedTransfer>(asked: readonly Method[], transfers: T[]): T[] {
  const isExact = (transfer: T) =>
    Number(asked.some(method => isTo(method, transfer) && method.final.units === transfer.units));
  return transfers.toSorted((a, b) => isExact(b) - isExact(a));
}

/** What is unusual about the transfer that a person named for an invoice, which is given as it was asked there. `time` in ms. */
export function markOf(
  invoice: Invoice,
  { amount, time }: { amount: Decimal; time: number },
): Exception | null {
  const due = invoice.method?.final;
  // By value: it may have come on a network that counts in other units.
  const more = due ? compare(amount, due) : 0;
  if (more !== 0) return more < 0 ? 'underpaid' : 'overpaid';
  if (!due || timingOf(invoice, time) !== 'after') return null;
  return invoice.status === 'cancelled' ? 'paid_after_cancel' : 'paid_late';
}
