/** Reading what stands behind the question mark of an address: against its schema, all faults told at once. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { check } from '../../commands/faults.ts';
import { networkCodes } from '../../domain/asset.ts';
import { parseDay } from '../../lib/calendar-day.ts';
import { invalidFields } from './errors.ts';

/** The query, or a 400 that names each faulty part of it. */
export function queryOf<T>(schema: z.ZodType<T>, { query }: FastifyRequest): T {
  const checked = check(schema, query);
  if (checked.ok) return checked.value;
  throw invalidFields(checked.fault);
}

/** A number that names something; null when it is not asked for. */
export const idParameter = z
  .string('must be given once')
  .regex(/^[1-9]\d{0,14}$/, 'must be a positive integer')
  .transform(Number)
  .nullable()
  .default(null);

export const networkParameter = z
  .enum(networkCodes, `must be one of ${networkCodes.join(', ')}`)
  .nullable()
  .default(null);

export const dayParameter = z.string('must be a day, such as 2026-10-25').superRefine((text, context) => {
  const parsed = parseDay(text);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.fault });
});
