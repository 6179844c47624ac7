/**
 * POST /payment/{uuid}/simulate: test mode, as `action=exact`. The route is there only where a simulator was given, which
 * `dev` alone has.
 */
import type { Simulated } from '@cryptoscan/checkout';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Simulate, type Simulation, simulationFaults, simulations } from '../../domain/simulation.ts';
import { HttpError } from '../merchant-api/envelope.ts';
import { textOf } from './query.ts';
import { backToPage, type FormDeps, fieldOf, formPage } from './receive-form.ts';

export type SimulateDeps = FormDeps & { simulate: Simulate };

/** As the API shows it, with 0x or without. */
const TRANSACTION_ID = /^(?:0x)?[0-9a-f]{64}$/;
/** More than one test sends. */
const MOST_IDS = 4;

export function simulateRoute(app: FastifyInstance, deps: SimulateDeps): void {
  app.post('/:pageId/simulate', async (request, reply) => {
    const { page, invoiceId } = await formPage(deps, request);
    const action = simulationOf(fieldOf(request, 'action'));
    if (!action) throw new HttpError(400, `action: must be one of ${simulations.join(', ')}.`);
    const done = await deps.simulate({ invoiceId, action });
    return backWith(request, reply, page.id, {
      action,
      transactionIds: done.ok ? done.value : [],
      fault: done.ok ? null : done.fault,
    });
  });
}

const simulationOf = (text: string | null): Simulation | undefined =>
  simulations.find(known => known === text);

function backWith(
  request: FastifyRequest,
  reply: FastifyReply,
  pageId: string,
  { action, transactionIds, fault }: Simulated,
): FastifyReply {
  const tx = transactionIds.join(',');
  const also = { simulated: action, ...(tx && { tx }), ...(fault && { fault }) };
  return backToPage(request, reply, { pageId, notice: null, also });
}

/** What the address of a page says was just tried; null where it says nothing, or what no test would say. */
export function simulatedOf(request: FastifyRequest): Simulated | null {
  const action = simulationOf(textOf(request, 'simulated'));
  if (!action) return null;
  const fault = textOf(request, 'fault');
  const ids = textOf(request, 'tx')?.split(',') ?? [];
  if (ids.length > MOST_IDS || !ids.every(id => TRANSACTION_ID.test(id))) return null;
  return {
    action,
    transactionIds: ids,
    fault: simulationFaults.find(known => known === fault) ?? null,
  };
}
