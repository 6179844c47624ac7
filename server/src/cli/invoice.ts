/** cryptoscan invoice show | cancel | resolve | export: invoices of any merchant, in the operator's hands. */
import type { Command } from 'commander';
import { cancelInvoice } from '../commands/cancel-invoice.ts';
import { dismissException } from '../commands/mark-transfer.ts';
import type { CancelFault } from '../domain/errors.ts';
import { finalAmount, type Invoice, requestedAmount } from '../domain/invoice.ts';
import { formatAmount, formatDecimal, formatNumber } from '../domain/money.ts';
import { never } from '../lib/never.ts';
import { findInvoice, merchantOfInvoice } from '../store/invoices.ts';
import { type Received, receivedInParts } from '../store/part-payments.ts';
import { CommandError } from './exit.ts';
import { type Installation, onInstallation } from './installation.ts';
import { registerExport } from './invoice-export.ts';
import { type Common, installationOptions, wholeNumber } from './options.ts';
import { accept, print, printJson } from './output.ts';

export function registerInvoice(program: Command): void {
  const invoice = program.command('invoice').description('one invoice, by its id, or all of a filter');
  installationOptions(invoice.command('show').argument('<id>', 'the invoice', wholeNumber))
    .description('everything that is known of it')
    .action(async (id: number, options: Common) => {
      const [found, received] = await onInstallation(options, async installation => {
        const invoice = await find(installation, id);
        return [invoice, await receivedInParts(installation.db, invoice)] as const;
      });
      tell(found, received, options);
    });
  installationOptions(invoice.command('cancel').argument('<id>', 'the invoice', wholeNumber))
    .description('give it up, while no payment for it has been seen; the shop is told')
    .action(async (id: number, options: Common) => {
      const cancelled = await onInstallation(options, installation => cancel(installation, id));
      tell(cancelled, null, options);
    });
  registerResolve(invoice);
  registerExport(invoice);
}

function registerResolve(invoice: Command): void {
  installationOptions(invoice.command('resolve').argument('<id>', 'the invoice', wholeNumber))
    .description('note that what is unusual about it was dealt with')
    .action(async (id: number, options: Common) => {
      const done = await onInstallation(options, async installation =>
        accept(await dismissException(installation, id), {}),
      );
      if (options.json) printJson(done);
      else print(`Invoice ${id} waits for nobody any more.`);
    });
}

const unknown = (id: number) => new CommandError(1, `There is no invoice ${id}.`);

async function find({ db }: Installation, id: number): Promise<Invoice> {
  const merchantId = await merchantOfInvoice(db, id);
  const invoice = merchantId === null ? null : await findInvoice(db, merchantId, id);
  if (!invoice) throw unknown(id);
  return invoice;
}

async function cancel(installation: Installation, id: number): Promise<Invoice> {
  const { merchantId } = await find(installation, id);
  const cancelled = await cancelInvoice(installation, { merchantId, invoiceId: id });
  if (cancelled.ok) return cancelled.value;
  throw refusal(cancelled.fault, id);
}

function refusal(fault: CancelFault, id: number): CommandError {
  switch (fault) {
    case 'invoice_unknown':
      return unknown(id);
    case 'invoice_ended':
      return new CommandError(1, `Invoice ${id} has ended and stays as it is.`);
    case 'payment_seen':
      return new CommandError(1, `A payment for invoice ${id} has been seen; it is not cancelled.`);
    default:
      return never(fault);
  }
}

function tell(invoice: Invoice, received: Received | null, { json }: Common): void {
  const facts = factsOf(invoice, received);
  if (json) printJson(facts);
  else for (const [name, value] of Object.entries(facts)) print(`${name.padEnd(20)}  ${value ?? '-'}`);
}

const time = (milliseconds: number | null) => milliseconds && new Date(milliseconds).toISOString();

function factsOf(invoice: Invoice, received: Received | null) {
  const { method, seen, source } = invoice;
  const inCoin = (units: bigint) => method && formatAmount({ units, scale: method.final.scale });
  return {
    id: invoice.id,
    merchant: invoice.merchantId,
    client_reference_id: invoice.clientReferenceId,
    status: invoice.status,
    exception: invoice.exception,
    requested_amount: formatDecimal(requestedAmount(invoice)),
    source_amount: source && `${formatDecimal(source.amount)} ${source.currency}`,
    source_rate: source && formatDecimal(source.rate),
    source_rate_origin: source?.rateOrigin ?? null,
    final_amount: formatNumber(finalAmount(invoice)),
    received_in_parts: received && inCoin(received.sum),
    rest_due: received?.rest ? inCoin(received.rest) : null,
    commission_percent: formatNumber(invoice.commissionPercent),
    top_up_user: invoice.topUpUserId,
    cryptocurrency: method?.asset ?? null,
    network: method?.network ?? null,
    wallet: method?.address ?? null,
    transaction_id: seen?.transactionId ?? null,
    payer_wallet: seen?.payerWallet ?? null,
    created_at: time(invoice.createdAt),
    expire_at: time(invoice.expireAt),
    paid_at: time(seen?.paidAt ?? null),
    ended_at: time(invoice.endedAt),
  };
}
