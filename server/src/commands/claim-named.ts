/**
 * What a transaction that a person named for an invoice brings is made the invoice's payment, unless others have a claim to it;
 * where nobody has seen it, the person is believed, once.
 */
import { addressText } from '../chains/registry.ts';
import { needsTwo } from '../domain/agreement.ts';
import { coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { isTo, markOf, type OwnWallet, weigh } from '../domain/confirm.ts';
import type { ConfirmFault } from '../domain/errors.ts';
import type { Exception } from '../domain/exception.ts';
import { askedIn, type Invoice, type Method } from '../domain/invoice.ts';
import { timingOf } from '../domain/match.ts';
import { covers, markOfParts, type Part, sumOf } from '../domain/parts.ts';
import { fail, ok, type Result } from '../lib/result.ts';
import {
  claimTransfer,
  countingElsewhere,
  isNamedElsewhere,
  lockTransfer,
  type ShownTransfer,
  storedTransfers,
} from '../store/claim-transfer.ts';
import type { Tx } from '../store/db.ts';
import { partsOf } from '../store/part-payments.ts';
import { closePayments } from '../store/payments.ts';
import { restsOf } from '../store/remainders.ts';
import { replacedMethods } from '../store/replaced-methods.ts';
import { judgeTransfers, type TransferRow } from '../store/transfers.ts';
import { namedBy } from '../store/unverified.ts';
import { isHeldByOther } from './held-by-other.ts';

/** `isStored`: it is told by what the watcher has stored, which is the word of one provider; else so many providers show it. */
export type Named = ShownTransfer & { isStored?: boolean; shownBy?: number };

/** Who paid, the invoice as it was asked in what they paid, and what is unusual about it. */
export type Paid = {
  payer: { transactionId: string; payerWallet: string | null };
  invoice: Invoice;
  mark: Exception | null;
};

type Deps = { networks: ReadonlyMap<NetworkCode, Network> };

type Claim = {
  before: Invoice;
  transfers: readonly Named[];
  /** Whether any wallet of the merchant will do, whatever the invoice asks for. */
  toAny: boolean;
  now: number;
};

/** Takes the first fitting transfer that no other invoice has a claim to; else says what is in the way of the last of them. */
export async function claimFirst(
  deps: Deps,
  tx: Tx,
  { before, transfers, toAny, now }: Claim,
): Promise<Result<Paid, ConfirmFault>> {
  const replaced = (await replacedMethods(tx, [before.id])).get(before.id) ?? [];
  const asked = before.method && !toAny ? [before.method, ...replaced] : null;
  let why: ConfirmFault = 'transaction_foreign';
  for (const transfer of transfers) {
    // Where nothing was chosen each wallet fitted; the payer may have chosen one while the chain was asked.
    if (asked?.some(method => isTo(method, transfer)) === false) continue;
    const paid = await claimOne(deps, tx, { before, replaced, transfer, now });
    if (paid.ok) return paid;
    why = paid.fault;
  }
  return fail(why);
}

type One = { before: Invoice; replaced: readonly Method[]; transfer: Named; now: number };

async function claimOne(
  { networks }: Deps,
  tx: Tx,
  { before, replaced, transfer, now }: One,
): Promise<Result<Paid, ConfirmFault>> {
  const invoiceId = before.id;
  const row = await lockTransfer(tx, transfer, now);
  // What was given back pays for nothing.
  if (row.resolution === 'refunded') return fail('transaction_refunded');
  // Somebody named it for another invoice, and it pays that.
  const [naming] = await namedBy(tx, [row]);
  if (naming && naming.invoiceId !== invoiceId) return fail('transaction_taken');
  const sent = { ...transfer, time: transfer.block.time, detectedAt: row.detected_at };
  if (await isHeldByOther(tx, sent, invoiceId)) return fail('transaction_taken');
  const network = networks.get(transfer.network);
  const invoice = askedIn(before, replaced, { ...transfer, addressKey: transfer.to });
  const waits = transfer.isStored === true && needsTwo(network, invoice, transfer);
  if (!(await claimTransfer(tx, { transferId: row.id, invoiceId, waits }, now)))
    return fail('transaction_taken');
  await judgeTransfers(tx, [{ id: row.id, state: 'matched', reason: null, invoiceId }]);
  if (waits)
    return ok({
      payer: { transactionId: row.tx_id, payerWallet: null },
      invoice,
      mark: 'unverified_manual',
    });
  const payerWallet = network ? addressText(network, transfer.from) : transfer.from;
  const token = coinOn(network, transfer.asset);
  const amount = { units: transfer.units, scale: token?.decimals ?? invoice.method?.final.scale ?? 0 };
  const isLate = timingOf(invoice, transfer.block.time) === 'after';
  const named = { row, units: transfer.units, kind: isLate ? ('late_part' as const) : ('part' as const) };
  const together = await claimParts(tx, invoice, named, now);
  const mark = together === undefined ? markOf(invoice, { amount, time: transfer.block.time }) : together;
  return ok({ payer: { transactionId: row.tx_id, payerWallet }, invoice, mark });
}

/**
 * Parts that have come for the invoice are paid with it where the named transfer is not the whole amount; else they came
 * second, and settling finds that out. Answers what is then unusual about all of it.
 */
async function claimParts(
  tx: Tx,
  { id, method }: Invoice,
  named: Pick<Part, 'units' | 'kind'> & { row: TransferRow },
  now: number,
): Promise<Exception | null | undefined> {
  const { row, units } = named;
  if (!method || units >= method.final.units) return undefined;
  const parts = ((await partsOf(tx, [id])).get(id) ?? []).filter(
    part => part.transfer_id !== row.id && part.network === row.network && part.asset === row.asset,
  );
  if (parts.length === 0) return undefined;
  await closePayments(
    tx,
    parts.map(part => ({ id: part.id, state: 'settled' })),
    now,
  );
  const all = [...parts, named];
  const rests = (await restsOf(tx, [id])).get(id) ?? [];
  return covers(sumOf(all), method) ? markOfParts(all, method, rests) : 'underpaid';
}

type Unseen = {
  before: Invoice;
  /** The transaction's id in the form of each network it may be on, and the one it is kept as where none has it. */
  ids: ReadonlyMap<NetworkCode, string>;
  unseenId: string;
  asked: readonly Method[];
  wallets: readonly OwnWallet[];
  now: number;
};

/**
 * No provider shows the transaction now. What the watcher has stored of it is taken as if it was found; without that it is
 * believed, unless it is another invoice's.
 */
export async function claimUnseen(
  deps: Deps,
  tx: Tx,
  { before, ids, unseenId, asked, wallets, now }: Unseen,
): Promise<Result<Paid, ConfirmFault>> {
  const rows = await storedTransfers(tx, ids);
  const stored = rows.map(row => ({ ...row, to: row.to_key, units: BigInt(row.units), row }));
  if (stored.length > 0) {
    const finding = weigh(asked, wallets, [{ kind: 'found', transfers: stored }]);
    if (finding.kind !== 'fitting') return fail('transaction_foreign');
    const fitting = finding.transfers.map(({ row }) => row);
    const onChain = fitting.flatMap(shown);
    if (onChain.length > 0) return claimFirst(deps, tx, { before, transfers: onChain, toAny: false, now });
    const elsewhere = await countingElsewhere(
      tx,
      fitting.map(({ id }) => id),
      before.id,
    );
    const isFree = fitting.some(({ id, resolution }) => resolution !== 'refunded' && !elsewhere.has(id));
    const isBack = fitting.some(({ resolution }) => resolution === 'refunded');
    if (!isFree) return fail(isBack ? 'transaction_refunded' : 'transaction_taken');
  }
  const forms = [...new Set([unseenId, ...ids.values()])];
  if (await isNamedElsewhere(tx, forms, before.id)) return fail('transaction_taken');
  return ok({
    payer: { transactionId: unseenId, payerWallet: null },
    invoice: before,
    mark: 'unverified_manual',
  });
}

/** A stored transfer as a provider would show it, while it is on a block. */
function shown(row: TransferRow): Named[] {
  const { network, tx_id: txId, asset, from_key: from, to_key: to, ordinal } = row;
  const { height, block_hash: hash, block_time: time } = row;
  if (height === null || hash === null || time === null) return [];
  const block = { height, hash, time };
  return [{ network, txId, asset, from, to, units: BigInt(row.units), ordinal, block, isStored: true }];
}
