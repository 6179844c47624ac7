/** Confirming by hand: which transfer of the named transaction pays the invoice, and what to say where none does. */
import type { AssetCode, NetworkCode } from './asset.ts';
import type { Invoice } from './invoice.ts';

/** A transfer of the named transaction, as the chain has it. */
export type NamedTransfer = { network: NetworkCode; asset: AssetCode; to: string; units: bigint };

/** What the networks say of the named transaction, all taken together. */
export type Finding<T extends NamedTransfer> =
  /** Transfers to the invoice's wallet in its coin, the exact amount first. */
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

/** Weighs the answers of the networks that were asked; a fitting transfer on any of them counts. */
export function weigh<T extends NamedTransfer>(
  invoice: Pick<Invoice, 'method'>,
  wallets: readonly OwnWallet[],
  answers: readonly Answer<T>[],
): Finding<T> {
  const found = answers.flatMap(answer => (answer.kind === 'found' ? answer.transfers : []));
  const fitting = found.filter(transfer => isFitting(invoice, wallets, transfer));
  if (fitting.length > 0) return { kind: 'fitting', transfers: exactFirst(invoice, fitting) };
  if (answers.some(({ kind }) => kind === 'failed')) return { kind: 'failed' };
  return answers.some(({ kind }) => kind === 'found') ? { kind: 'foreign' } : { kind: 'unseen' };
}

function isFitting(
  { method }: Pick<Invoice, 'method'>,
  wallets: readonly OwnWallet[],
  t: NamedTransfer,
): boolean {
  if (method) return t.network === method.network && t.asset === method.asset && t.to === method.addressKey;
  return wallets.some(own => own.network === t.network && own.asset === t.asset && own.addressKey === t.to);
}

function exactFirst<T extends NamedTransfer>({ method }: Pick<Invoice, 'method'>, transfers: T[]): T[] {
  const isExact = (transfer: T) => Number(transfer.units === method?.final.units);
  return transfers.toSorted((a, b) => isExact(b) - isExact(a));
}
