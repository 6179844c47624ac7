/** Stories of what happens to a network while somebody reads it: another one reads it, too, a wallet is added, it forks. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import { addAddress } from './actions.ts';
import {
  type Asked,
  type Chapter,
  forksBelow,
  mines,
  oneOf,
  pays,
  reads,
  type Story,
  works,
} from './chapters.ts';
import { hides, misdates } from './lies.ts';
import { confirmBy } from './people.ts';
import { tick } from './stages.ts';
import type { World } from './world.ts';

const anyNetwork = (world: World) => world.focused.pick([...world.networks.keys()]);

/** A stage begins, and somewhere on the way, after at least and at most so many calls, this happens. */
const worksWhile =
  (stage: string, [least, most]: readonly [number, number], aside: Chapter): Chapter =>
  async (here, server) => {
    here.aside = [...Array.from({ length: here.focused.between(least, most) }, () => null), aside];
    return `${stage} ${await tick(here, server, stage)}`;
  };

const readsWhile = (code: NetworkCode, aside: Chapter): Chapter => worksWhile(`watch ${code}`, [0, 4], aside);

/** A process reads, and before it writes that down another one has read further, what was paid since with it. */
const overtaken: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  const code = due?.network ?? anyNetwork(world);
  const further: Chapter = async here => {
    here.chains.get(code)?.chain.mine(here.now);
    const moved: number[] = [];
    for (const server of here.servers)
      if (!server.node.gate.isDead) moved.push(await tick(here, server, `watch ${code}`));
    return `others read on: ${moved}`;
  };
  return [mines(code), readsWhile(code, further), ...(due ? [pays(due)] : []), mines(code), reads(code)];
};

/** A wallet is added, and paid to, while its network is read for those that were there before. */
const addedMeanwhile: Story = async world => {
  const code = anyNetwork(world);
  return [mines(code), readsWhile(code, addAddress), mines(code), reads(code)];
};

/** What is final is read again; before that ends, a fork deeper than finality takes a payment of it away for good. */
const forkedUnderReread: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  const { network: code } = due ?? {};
  if (!due || !code || world.faults.deepReorg === 0 || world.networks.get(code)?.onDemand) return [];
  let sent = '';
  const forked: Chapter = async (here, server) => {
    const told = await forksBelow(code, () => sent, false)(here, server);
    await mines(code, { blocks: here.focused.between(5, 9) })(here, server);
    return `${told}; watch ${await tick(here, server, `watch ${code}`)}`;
  };
  return [
    pays(due, id => (sent = id)),
    mines(code),
    reads(code),
    mines(code, { blocks: 4 }),
    reads(code),
    worksWhile(`recheck ${code}`, [4, 11], forked),
    mines(code),
    reads(code, 'settle'),
  ];
};

/**
 * Nobody reads for a while; a provider keeps a fork that the others leave, and shows when it is read again, or somebody names it, what
 * only it has.
 */
const keptFork: Story = async world => {
  const due = await oneOf(world, `status = 'new'`);
  const { network: code } = due ?? {};
  if (!due || !code || world.faults.deepReorg === 0 || world.networks.get(code)?.onDemand) return [];
  let sent = '';
  const keeps: Chapter = here => {
    const known = here.chains.get(code);
    if (!known) return 'nobody to keep it';
    here.focused.pick(known.providers).frozen = known.chain.blocks;
    return `a provider of ${code} stays where it is`;
  };
  const names: Chapter = async (here, server) => {
    const other = await oneOf(here, `status in ('new', 'expired') and network = '${code}'`);
    return other ? confirmBy(here, server, other, sent) : 'nobody to name it for';
  };
  return [
    pays(due, id => (sent = id)),
    mines(code, { blocks: 5 }),
    keeps,
    forksBelow(code, () => sent, false),
    mines(code, { blocks: world.focused.between(6, 10) }),
    reads(code),
    world.focused.happens(0.5) ? names : works(`recheck ${code}`),
    reads(code, 'settle'),
  ];
};

/** A provider hides a payment when it reads, and when it reads again; or tells another time of it. */
const liedAbout =
  (lies: (due: Asked) => Chapter): Story =>
  async world => {
    const due = await oneOf(world, `status = 'new'`);
    if (!due) return [];
    const { network: code } = due;
    return [
      lies(due),
      pays(due),
      mines(code),
      reads(code),
      mines(code, { blocks: 4 }),
      reads(code),
      works(`recheck ${code}`),
      mines(code, { blocks: 2 }),
      reads(code, 'settle'),
    ];
  };

const hidden = liedAbout(({ network, address_key }) => hides(network, address_key));
const misdated = liedAbout(({ network }) => misdates(network));

export const watchStories = { hidden, misdated, keptFork, overtaken, addedMeanwhile, forkedUnderReread };
