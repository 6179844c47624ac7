/** Reading what a request says: against its schema, all faults told at once. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { check } from '../../commands/faults.ts';
import { DashboardError, invalidFields } from './errors.ts';

/** The body, or a 400 that names each faulty field. */
export function bodyOf<T>(schema: z.ZodType<T>, { body }: FastifyRequest): T {
  const checked = check(schema, body);
  if (checked.ok) return checked.value;
  throw invalidFields(
    checked.fault.map(fault => ({ ...fault, field: fault.field === 'input' ? 'body' : fault.field })),
  );
}

/** A number in the path; what is none names nothing. */
export function idOf({ params }: FastifyRequest, name: string): number {
  const text = (params as Record<string, string>)[name] ?? '';
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new DashboardError(404, 'not_found', 'There is nothing here.');
  return Number(text);
}

/** Text up to a bound, judged further by the command. */
export const shortText = z.string('must be a text').max(1000, 'is too long');
export const tokenText = z.string('must be a text').max(200, 'is too long');
