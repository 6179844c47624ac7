/**
 * Giving a transfer that settled nothing to the invoice it was meant for. A person decides, by the evidence that the server
 * has worked out, and both stand in the audit log from then on.
 */

import { addressText } from '../chains/registry.ts';
import { coinOn, type Network, type NetworkCode } from '../domain/asset.ts';
import { type Candidate, rank } from '../domain/candidates.ts';
import type { ConfirmFault } from '../domain/errors.ts';
import type { Invoice } from '../domain/invoice.ts';
import { formatAmount } from '../domain/money.ts';
import type { Clock } from '../lib/clock.ts';
import { fail, type Result } from '../lib/result.ts';
import type { Vault } from '../lib/vault.ts';
import { type Acting, appendAudit } from '../store/audit-log.ts';
import { candidateInvoices } from '../store/candidate-invoices.ts';
import type { Db, Tx } from '../store/db.ts';
import { findStrayTransfer, lockStanding, type StrayTransfer } from '../store/stray-transfers.ts';
import { resolveException } from '../store/tasks.ts';
import type { ConfirmManually } from './confirm-manually.ts';

export type AcceptDeps = {
  db: Db;
  clock: Clock;
  vault: Vault;
  networks: ReadonlyMap<NetworkCode, Network>;
  confirmInvoice: (command: ConfirmManually) => Promise<Result<Invoice, ConfirmFault>>;
};

export type AcceptTransfer = {
  userId: number;
  transferId: number;
  invoiceId: number;
  acting: Acting;
  /** What the person has to say to it; null: nothing. */
  note: string | null;
};

export type AcceptFault =
  | ConfirmFault
  /** No such transfer on a wallet of the account. */
  | 'transfer_unknown'
  /** Something has become of it already. */
  | 'transfer_settled'
  /** It could still be undone. */
  | 'transfer_not_final'
  /** Nothing speaks for it being this invoice's. */
  | 'no_candidate';

/** Answers the invoice, now paid manually. Accepting the same transfer for it again answers it once more. */
export async function acceptTransfer(
  deps: AcceptDeps,
  command: AcceptTransfer,
): Promise<Result<Invoice, AcceptFault>> {
  const { userId, transferId, invoiceId } = command;
  const transfer = await findStrayTransfer(deps.db, userId, transferId);
  if (!transfer) return fail('transfer_unknown');
  const block = blockOf(transfer);
  if (transfer.state === 'ignored' || transfer.resolution !== null) return fail('transfer_settled');
  if (!block || !transfer.is_final) return fail('transfer_not_final');
  const candidates = await candidatesOf(deps, userId, transfer);
  const chosen = candidates.find(({ invoice }) => invoice.id === invoiceId);
  if (!chosen) return fail('no_candidate');
  const { network, tx_id: txId, asset, from_key: from, to_key: to, units, ordinal } = transfer;
  const confirmed = await settled(() =>
    deps.confirmInvoice({
      merchantId: chosen.invoice.merchantId,
      verifiedOnly: false,
      invoiceId,
      transactionId: txId,
      stored: { id: transfer.id, network, txId, asset, from, to, units: BigInt(units), ordinal, block },
      alsoSave: tx => note(deps, tx, { command, transfer, chosen }),
    }),
  );
  return confirmed ?? fail('transfer_settled');
}

/** The invoices a transfer may have been meant for, the likeliest first. */
export async function candidatesOf(
  { db, networks }: Pick<AcceptDeps, 'db' | 'networks'>,
  userId: number,
  transfer: StrayTransfer,
): Promise<Candidate[]> {
  const { network: code, asset, to_key: to, from_key, units, block_time, detected_at, invoice_id } = transfer;
  const network = networks.get(code);
  const token = coinOn(network, asset);
  if (!network || !token) return [];
  const amount = { units: BigInt(units), scale: token.decimals };
  const stray = { network: code, asset, to, amount, time: block_time ?? detected_at };
  const payer = addressText(network, from_key);
  return rank(stray, await candidateInvoices(db, { ...stray, userId, invoiceId: invoice_id, payer }));
}

function blockOf({ height, block_hash: hash, block_time: time }: StrayTransfer) {
  return height === null || hash === null || time === null ? null : { height, hash, time };
}

/** Somebody else was faster, and has given the transfer back or set it aside. */
class AlreadyResolved extends Error {
  override name = 'AlreadyResolved';
}

async function settled<T>(confirm: () => Promise<T>): Promise<T | null> {
  try {
    return await confirm();
  } catch (error) {
    if (error instanceof AlreadyResolved) return null;
    throw error;
  }
}

type Noted = { command: AcceptTransfer; transfer: StrayTransfer; chosen: Candidate };

async function note({ vault, clock }: AcceptDeps, tx: Tx, { command, transfer, chosen }: Noted) {
  const standing = await lockStanding(tx, transfer.id);
  if (standing?.resolution !== null) throw new AlreadyResolved();
  const { acting, userId, note: text } = command;
  const { invoice, evidence, score, due } = chosen;
  // Whoever accepts it has seen what came and what was due: what is unusual about that waits for nobody.
  await resolveException(tx, invoice.id, clock.now());
  await appendAudit(
    tx,
    vault,
    {
      acting,
      userId,
      action: 'transfer.accepted',
      target: `invoice ${invoice.id}`,
      before: { status: invoice.status, due: formatAmount(due) },
      after: {
        status: 'paid_manually',
        transfer: transfer.id,
        transaction_id: transfer.tx_id,
        network: transfer.network,
        asset: transfer.asset,
        units: transfer.units,
        reason: transfer.reason,
        evidence,
        score,
        note: text,
      },
    },
    clock.now(),
  );
}
