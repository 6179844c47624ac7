/** The networks of the simulation. */
import { type Network, type NetworkCode, networks } from '../../server/src/domain/asset.ts';

export const DEPTH = 4;

/** One of few confirmations, so that a history sees many payments become final. */
export function simulated(
  code: NetworkCode,
  { onDemand, tokens }: { onDemand: boolean; tokens: number },
): Network {
  const row = networks[code];
  return { ...row, finality: { by: 'depth', depth: DEPTH }, tokens: row.tokens.slice(0, tokens), onDemand };
}
