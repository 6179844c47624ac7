/** What each refusal to create an invoice looks like on the wire. */
import type { CreateInvoice, Refused } from '../../commands/create-invoice.ts';
import { formatBalance } from '../../domain/usd.ts';
import { never } from '../../lib/never.ts';
import { HttpError, InvalidRequest } from './envelope.ts';

export function refusal(
  { fault, balance = 0n }: Refused,
  { clientReferenceId, method }: CreateInvoice,
): Error {
  switch (fault) {
    case 'reference_taken':
      return new InvalidRequest({
        client_reference_id: [`Client Reference Id "${clientReferenceId}" has already been taken.`],
      });
    case 'compat_network':
      return new InvalidRequest({
        network: ['This merchant receives USDT on TRC-20 only (compatibility mode is on).'],
      });
    case 'no_wallet':
      return new InvalidRequest({
        network: [
          method
            ? `There is no active wallet for ${method.asset} on ${method.network}.`
            : 'This merchant has no active wallet.',
        ],
      });
    case 'no_free_amount':
      return new HttpError(
        409,
        'All amounts near this price are held by other invoices of this wallet. Try again later, under a new Idempotency-Key, or add a wallet.',
      );
    case 'network_behind':
      return new HttpError(
        503,
        `Payments on ${method?.network ?? 'this network'} cannot be seen at the moment. Try again later.`,
        60,
      );
    case 'wallet_integrity':
      return new HttpError(503, 'wallet_integrity: a wallet of this merchant failed its integrity check.');
    case 'key_in_use':
      return new HttpError(409, 'This Idempotency-Key is another request’s.', 1);
    case 'balance_low':
      return new HttpError(
        409,
        `The balance of this account is ${formatBalance(balance)} USD, which is too low for new invoices. Ask the operator how to top it up, then try again under a new Idempotency-Key.`,
      );
    default:
      return never(fault);
  }
}
