/** What is sent to give a transfer to an invoice, as its payment or as a part, and what is answered. */
import { z } from 'zod';
import type { Status } from '../../domain/invoice.ts';

/** A line of text of at most so many characters; null where it is empty. */
export const line = (most: number) =>
  z
    .string('must be a text')
    .trim()
    .max(most, `must have at most ${most} characters`)
    .transform(text => text || null)
    .nullable()
    .default(null);

export const acceptBody = z.strictObject({
  invoice_id: z.int('must be the number of an invoice').positive('must be the number of an invoice'),
  note: line(500),
});
export type AcceptBody = z.input<typeof acceptBody>;
export type AcceptedAnswer = { invoice_id: number; status: Status };
