/**
 * What a history has more of than others. Each seed draws one: what is rare everywhere is frequent somewhere, and no history
 * grows longer for it.
 */
import { Chance } from '../seeded.ts';
import type { Faults } from './faults.ts';

const focuses = [
  'forks',
  'shops',
  'coins',
  'local',
  'parts',
  'late',
  'hands',
  'watching',
  'silence',
  'changed addresses',
  'older backup',
] as const;
export type Focus = 'everything' | (typeof focuses)[number];

/** Drawn from the seed alone, so that whoever looks for a certain thing can choose seeds by it. */
export function focusOf(seed: number): Focus {
  const chance = new Chance(seed + 0x0f0c5);
  return chance.happens(0.4) ? 'everything' : chance.pick(focuses);
}

/** How often each thing is done, beside the others. */
const WEIGHTS = {
  create: 14,
  pay: 14,
  mine: 18,
  tick: 60,
  time: 10,
  deadline: 3,
  reorg: 14,
  providers: 5,
  lie: 6,
  choose: 9,
  cancel: 2,
  confirm: 4,
  rate: 2,
  wallet: 1,
  epoch: 1,
  part: 6,
  story: 6,
  answer: 6,
  again: 2,
  silence: 1,
  retire: 1,
  swap: 1,
  backup: 0,
};
export type Action = keyof typeof WEIGHTS;

const MORE: Record<Focus, Partial<typeof WEIGHTS>> = {
  everything: {},
  forks: { story: 30, reorg: 20, mine: 24 },
  shops: { story: 14, again: 14, answer: 16, time: 16, deadline: 8, tick: 80 },
  coins: { choose: 35, create: 18, pay: 8, story: 18, mine: 22 },
  local: { epoch: 5, story: 12, mine: 24 },
  parts: { create: 20, pay: 20, part: 14, story: 36, mine: 24, tick: 80 },
  late: { story: 30, rate: 8, mine: 24 },
  hands: { confirm: 26, cancel: 8, pay: 20, part: 12 },
  watching: { wallet: 9, mine: 24, tick: 80, story: 16 },
  silence: { silence: 8, retire: 4, choose: 24, deadline: 12, time: 14, story: 16 },
  'changed addresses': { swap: 12, create: 20, choose: 16, tick: 80, story: 14, mine: 22 },
  'older backup': { backup: 6, story: 12, time: 16 },
};

const weightsOf = Object.fromEntries(
  Object.entries(MORE).map(([focus, more]) => [focus, { ...WEIGHTS, ...more }]),
) as Record<Focus, typeof WEIGHTS>;

export const drawAction = (chance: Chance, focus: Focus): Action => chance.weighted(weightsOf[focus]);

/** Faults without which there would be nothing to look at; in a history without any there are none of these either. */
export function faultsWith(focus: Focus, faults: Faults, isCalm: boolean): Faults {
  if (isCalm) return faults;
  const least: Partial<Faults> = {
    forks: { deepReorg: 0.5, crash: 0.05 },
    shops: { crash: 0.15, shop: 0.3, slow: 0.5 },
    coins: {},
    local: { crash: 0.1 },
    parts: { reorg: 0.3, lie: 0.1 },
    late: { reorg: 0.2 },
    hands: { meanwhile: 0.2 },
    watching: { meanwhile: 0.4, crash: 0.15 },
    silence: {},
    everything: {},
    'changed addresses': {},
    'older backup': {},
  }[focus];
  const raised = Object.entries(least).map(([name, rate]) => [
    name,
    Math.max(rate, faults[name as keyof Faults]),
  ]);
  return { ...faults, ...Object.fromEntries(raised) };
}
