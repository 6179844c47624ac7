/** Reading what stands behind the question mark of an address: against its schema, all faults told at once. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { check } from '../../commands/faults.ts';
import { rule } from '../../commands/rule.ts';
import { networkCodes } from '../../domain/asset.ts';
import { parseDay } from '../../lib/calendar-day.ts';
import { invalidFields } from './errors.ts';

/** What stands there, each once, or a 400 that names what stands there twice. */
export function parametersOf({ query }: FastifyRequest): Record<string, string> {
  const parameters = query as Record<string, string | string[]>;
  const repeated = Object.keys(parameters).filter(name => Array.isArray(parameters[name]));
  if (repeated.length === 0) return parameters as Record<string, string>;
  throw invalidFields(repeated.map(field => ({ field, text: 'must be given once', ...rule('once') })));
}

/** The query, or a 400 that names each faulty part of it. */
export function queryOf<T>(schema: z.ZodType<T>, request: FastifyRequest): T {
  const checked = check(schema, parametersOf(request));
  if (checked.ok) return checked.value;
  throw invalidFields(checked.fault);
}

/** A whole number above 0. */
export const numberParameter = z
  .string()
  .refine(text => /^[1-9]\d{0,14}$/.test(text), {
    error: 'must be a positive integer',
    params: rule('positive_integer'),
  })
  .transform(Number);

/** A number that names something; null when it is not asked for. */
export const idParameter = numberParameter.nullable().default(null);

export const networkParameter = z
  .enum(networkCodes, `must be one of ${networkCodes.join(', ')}`)
  .nullable()
  .default(null);

export const dayParameter = z.string('must be a day, such as 2026-10-25').superRefine((text, context) => {
  const parsed = parseDay(text);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.fault, params: rule('day') });
});
