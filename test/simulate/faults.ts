/** How often things go wrong in a history, and what its operator takes: drawn from its seed. */
import type { OperatorTerms } from '../../server/src/domain/commission.ts';
import type { Chance } from '../seeded.ts';

/** How often things go wrong in this history; drawn from its seed, all zero now and then. */
export type Faults = {
  rpc: number;
  crash: number;
  shop: number;
  reorg: number;
  deepReorg: number;
  lag: number;
  meanwhile: number;
  lie: number;
  /** Answers of shops that come when other things have happened since. */
  slow: number;
};

/** Limits that a few unpaid commissions reach. */
export function drawTerms(chance: Chance): OperatorTerms {
  const percent = { units: BigInt(chance.pick([0, 10_000, 25_001])), scale: 4 };
  const refuseBelow = chance.happens(0.3) ? -BigInt(chance.between(0, 60_000_000)) : null;
  return { percent, warnBelow: null, refuseBelow };
}

/** null: nothing goes wrong. */
export function drawFaults(chance: Chance, lies: Chance): Faults | null {
  if (chance.happens(0.1)) return null;
  const upTo = (most: number) => (chance.happens(0.3) ? 0 : chance.unit() * most);
  return {
    rpc: upTo(0.2),
    crash: upTo(0.3),
    shop: upTo(0.8),
    reorg: upTo(0.8),
    deepReorg: chance.happens(0.35) ? 0.5 : 0,
    lag: upTo(0.3),
    meanwhile: upTo(0.4),
    lie: lies.happens(0.5) ? 0 : lies.unit(),
    slow: lies.happens(0.5) ? 0 : lies.unit() * 0.4,
  };
}

export const noFaults: Faults = {
  rpc: 0,
  crash: 0,
  shop: 0,
  reorg: 0,
  deepReorg: 0,
  lag: 0,
  meanwhile: 0,
  lie: 0,
  slow: 0,
};
