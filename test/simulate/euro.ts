/** A currency that moves against the dollar: it matters when a payment comes late. */
import type { World } from './world.ts';

/** Thousandths of a euro for a dollar: in every invoice in euros, near it, and far from it. */
const RATES = [900, 900, 905, 960, null];

/** Some shops ask in euros. What they ask for in dollars is as drawn; the rate matters when a payment comes late. */
export function inCurrency({ lenience, focus }: World) {
  if (!lenience.happens(focus === 'late' ? 0.7 : 0.3)) return { source: null };
  const amount = { units: 9n, scale: 0 };
  return { source: { currency: 'EUR', amount, rate: { units: 900n, scale: 3 }, rateOrigin: '{}' } };
}

/** The euro moves a little, or far, or is not known for a while. */
export function moveRate(world: World): string {
  world.rate = world.lenience.pick(RATES);
  world.ratesOfStep.push(world.rate);
  return `a dollar is ${world.rate} thousandths of a euro`;
}
