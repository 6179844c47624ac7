/**
 * The fields that the answers and the webhooks have in common, as schemas with their meaning. Each answer is put together
 * from them beside the function that writes it; no answer is validated at run time, the tests validate live ones.
 */
import { z } from 'zod';
import { assetCodes, networkCodes } from '../../domain/asset.ts';

export const id = z
  .int()
  .positive()
  .meta({ description: 'Id of the invoice.', examples: [12589] });

export const cryptocurrency = z
  .enum(assetCodes)
  .meta({ description: 'Coin the invoice is to be paid in.', examples: ['USDT'] });

export const network = z
  .enum(networkCodes)
  .meta({ description: 'Blockchain network the invoice is to be paid on.', examples: ['TRC-20'] });

export const wallet = z.string().meta({
  description: 'Wallet the payment is to be made to.',
  examples: ['TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir'],
});

export const payerWallet = z.string().meta({
  description: 'Wallet the payment was made from.',
  examples: ['TQ5XWv7zBc9eK8yN2mQ3pR1dL4jG6fDs9x'],
});

export const transactionId = z.string().meta({
  description: 'Id of the transaction on the network of the invoice.',
  examples: ['b3a76a538701fd4e2a25ad9aac777f841a49f4d0b3a76a538701fd4e2a25ad9a'],
});

export const sourceCurrency = z.string().meta({
  description: 'Currency of the request; only where it was not USD.',
  examples: ['EUR'],
});

/** Prices are printed with all their decimals. */
const price = z.string().regex(/^\d+\.\d{8}$/);

export const sourceAmount = price.meta({
  description: 'Amount in that currency; only where it was not USD.',
  examples: ['45.74900000'],
});

const REQUESTED = 'Amount asked for, in the coin of the payment (in USD until a coin is chosen).';

export const requestedText = price.meta({ description: REQUESTED, examples: ['53.80526186'] });

export const requestedNumber = z.number().meta({ description: REQUESTED, examples: [53.80526186] });

const DUE =
  'Exactly what the payer must send, no more and no less: the tail that tells invoices apart is in it, and the commission if the payer pays it.';

export const amountText = z
  .string()
  .regex(/^\d+\.\d{2,}$/)
  .meta({ description: DUE, examples: ['125.69'] });

/** Printed from the exact decimal; a reader with binary floats keeps 15 significant digits of it. */
export const amountNumber = z.number().meta({ description: DUE, examples: [125.69] });

export const status = z.enum(['new', 'completed', 'expired', 'paid_manually', 'cancelled']).meta({
  description: 'Status of the payment. `new` also while a payment is seen but not final yet.',
  examples: ['new'],
});

export const reference = z.string().meta({
  description: 'Number of the payment in your system.',
  examples: ['order-1042'],
});

export const metadata = z.string().meta({
  description: 'The text given when the invoice was created.',
  examples: ['basket 7781'],
});

const unixTime = z.int().nonnegative();

export const createdAt = unixTime.meta({
  description: 'Time of creation, in unix seconds.',
  examples: [1678991717],
});

export const paidAt = unixTime.meta({
  description: 'Time the payment was first detected, in unix seconds.',
  examples: [1678992017],
});

export const expireAt = unixTime.meta({
  description: 'Time the invoice expires, in unix seconds.',
  examples: [1678993517],
});
