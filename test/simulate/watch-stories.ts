/** Stories of two who read one network at the same time, and of wallets that are added while it is read. */
import { addAddress } from './actions.ts';
import { type Chapter, mines, oneOf, pays, reads, type Story } from './chapters.ts';
import { tick } from './stages.ts';
import type { World } from './world.ts';

const anyNetwork = (world: World) => world.focused.pick([...world.networks.keys()]);

/** Begins to read, and somewhere on the way this happens. */
const readsWhile =
  (world: World, code: ReturnType<typeof anyNetwork>, aside: Chapter): Chapter =>
  async (here, server) => {
    here.aside = [...Array.from({ length: world.focused.below(5) }, () => null), aside];
    return `watch ${code} ${await tick(here, server, `watch ${code}`)}`;
  };

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
  return [
    mines(code),
    readsWhile(world, code, further),
    ...(due ? [pays(due)] : []),
    mines(code),
    reads(code),
  ];
};

/** A wallet is added, and paid to, while its network is read for those that were there before. */
const addedMeanwhile: Story = async world => {
  const code = anyNetwork(world);
  return [mines(code), readsWhile(world, code, addAddress), mines(code), reads(code)];
};

export const watchStories = { overtaken, addedMeanwhile };
