/**
 * Things that rarely happen in a row by themselves. A story is told a chapter at a time, with whatever else happens in between,
 * so that none of them goes as it is written every time.
 */
import { create } from './actions.ts';
import type { Chapter } from './chapters.ts';
import type { Focus } from './focus.ts';
import { pageStories } from './page-stories.ts';
import { isTaker, partStories } from './part-stories.ts';
import { otherStories } from './stories.ts';
import { watchStories } from './watch-stories.ts';
import type { Server, World } from './world.ts';

const stories = { ...otherStories, ...partStories, ...pageStories, ...watchStories };
type Name = keyof typeof stories;

const ANY = Object.fromEntries(Object.keys(stories).map(name => [name, 1])) as Record<Name, number>;
const MOST: Partial<Record<Focus, Partial<Record<Name, number>>>> = {
  forks: { undone: 18, secondFirst: 6, lessUnderFork: 8, sentBack: 10, forkedUnderReread: 10, keptFork: 6 },
  late: { atTheBrink: 24, tooLate: 10 },
  parts: {
    partLost: 8,
    partLikeRest: 8,
    partThenWhole: 6,
    partLate: 14,
    partsInTwoPlaces: 6,
    partOfTwo: 8,
    forgedRest: 8,
  },
  hands: { namedTwice: 6, namedEarly: 10, givenUp: 4, partOfTwo: 3 },
  silence: { unheard: 12, givenUpNetwork: 8 },
  coins: { partsInTwoPlaces: 8, everyCoin: 8, unheard: 2 },
  shops: { twoSenders: 12 },
  'changed addresses': { partUnderSwap: 14 },
  watching: { overtaken: 8, addedMeanwhile: 8, forkedUnderReread: 4, hidden: 6, misdated: 6 },
};
/** Those that need no invoice which knows already how it is to be paid. */
const ON_PAGES: readonly Name[] = ['everyCoin', 'partsInTwoPlaces', 'unheard'];

/** The next chapter, of a new story where none has begun. */
export async function tellStory(world: World, server: Server): Promise<string> {
  if (world.story.length === 0) {
    const name = drawStory(world);
    if (!(await begin(world, name)) && !ON_PAGES.includes(name)) world.story = [orders, again(name)];
  }
  const next = world.story.shift();
  return next ? next(world, server) : 'nobody to tell of';
}

/** What cannot be in a history is not told. */
function drawStory({ focused, faults, focus }: World): Name {
  const weights = { ...ANY, ...(faults.lie > 0 && { invented: 5 }), ...MOST[focus] };
  if (faults.deepReorg === 0) Object.assign(weights, { undone: 0, forkedUnderReread: 0, keptFork: 0 });
  if (faults.lie === 0) Object.assign(weights, { invented: 0, forgedRest: 0, hidden: 0, misdated: 0 });
  return focused.weighted(weights);
}

async function begin(world: World, name: Name): Promise<boolean> {
  world.story = await stories[name](world);
  if (world.story.length > 0) world.reach(`story ${name}`);
  world.note(`  a story begins: ${name}`);
  return world.story.length > 0;
}

/** Where there was nobody to tell of, somebody orders first. */
const orders: Chapter = (world, server) => {
  const takers = world.merchants.filter(({ id }) => isTaker(world, id));
  const { id: merchantId } = world.focused.pick(takers.length > 0 ? takers : world.merchants);
  const { code: network, tokens } = world.focused.pick([...world.networks.values()]);
  return create(world, server, { merchantId, network, asset: world.focused.pick(tokens).asset });
};

const again =
  (name: Name): Chapter =>
  async (world, server) => {
    if (!(await begin(world, name))) return 'nobody to tell of';
    const next = world.story.shift();
    return next ? next(world, server) : 'nothing';
  };
