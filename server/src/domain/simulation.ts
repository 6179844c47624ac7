/**
 * What may be tried out on an invoice in test mode, which only `dev` has, on its local chains. Decided from how the
 * invoice stands, for the page that offers it and for what carries it out alike.
 */
import type { Result } from '../lib/result.ts';
import { isEnded, type Status } from './invoice.ts';

export const simulations = [
  'exact',
  'less',
  'more',
  'late',
  'twice',
  'wrong-token',
  'block',
  'reorg',
  'expire',
] as const;
export type Simulation = (typeof simulations)[number];

export const simulationFaults = [
  /** The invoice does not stand so that it makes sense, or no longer. */
  'not_now',
  /** Another one is under way on the same chain. */
  'busy',
  /** The payment is final, or as good as, and a chain does not undo that. */
  'final',
  /** The chain or the database did not do it; the log says why. */
  'failed',
] as const;
export type SimulationFault = (typeof simulationFaults)[number];

/** Carries one out, and answers the ids of the transactions it sent, as the API shows them. */
export type Simulate = (command: {
  invoiceId: number;
  action: Simulation;
}) => Promise<Result<string[], SimulationFault>>;

/** How an invoice stands. `isOver`: its deadline has passed. `isFinal`: what it was paid by can no longer be undone. */
type Standing = { status: Status; hasMethod: boolean; isOver: boolean; isFinal: boolean };

/** What makes sense as it stands, in the order of `simulations`. */
export function simulationsFor({ status, hasMethod, isOver, isFinal }: Standing): readonly Simulation[] {
  if (!hasMethod) return isOver || isEnded(status) ? [] : ['expire'];
  switch (status) {
    case 'awaiting_method':
      return [];
    case 'new':
      if (isOver) return ['late', 'block'];
      return simulations.filter(action => action !== 'reorg');
    case 'confirming':
      return isFinal ? ['exact', 'block'] : ['exact', 'block', 'reorg'];
    case 'completed':
    case 'paid_manually':
      return ['exact', 'block'];
    case 'expired':
    case 'cancelled':
      return ['late', 'block'];
  }
}
