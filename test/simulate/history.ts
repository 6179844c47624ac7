/** One history: a seed decides everything that happens, and after every step everything is checked. */
import { createHash } from 'node:crypto';
import { ChainError } from '../../server/src/chains/chain.ts';
import { setRetired } from '../../server/src/store/cursors.ts';
import { findForgedWallets } from '../../server/src/store/invariants.ts';
import {
  addAddress,
  approachDeadline,
  create,
  disturbProviders,
  mine,
  newEpoch,
  passTime,
  reorg,
} from './actions.ts';
import type { AdminSession } from './admin.ts';
import { askAgain } from './ask-again.ts';
import { backUpOrRestore } from './backup.ts';
import { isThief, restoreAddress, swapAddress } from './changed-address.ts';
import type { Chapter } from './chapters.ts';
import { moveRate } from './euro.ts';
import { factsOf, noteFinal } from './facts.ts';
import { type Action, drawAction } from './focus.ts';
import { checkStep, noteRead } from './judge-step.ts';
import { lie } from './lies.ts';
import type { Lines } from './lines.ts';
import { Crash } from './node.ts';
import { isSilent, retire, silence } from './operator.ts';
import { checkEnd, checkNotEarly } from './oracle.ts';
import { pay } from './pay.ts';
import { attach } from './pay-part.ts';
import { cancel, choose, confirm } from './people.ts';
import { addRegistered, setUp } from './setup.ts';
import { DEPTH } from './simulated-network.ts';
import { drain, hearAnswers, stages, tick } from './stages.ts';
import { tellStory } from './tell-story.ts';
import { type Server, vault, World } from './world.ts';

export type HistoryResult = {
  seed: number;
  steps: number;
  /** Hash over everything that happened: a seed gives the same one every time. */
  hash: string;
  violations: string[];
  reached: Map<string, number>;
  trace: string[];
};

const STEPS = { least: 40, most: 110 };

export async function runHistory(
  seed: number,
  { lines, admin }: { lines: Lines; admin: AdminSession },
): Promise<HistoryResult> {
  const world = new World(seed, { lines, admin });
  const violations: string[] = [];
  let steps = 0;
  try {
    await setUp(world);
    wire(world);
    for (const length = world.chance.between(STEPS.least, STEPS.most); steps < length; steps++) {
      const changes = changesOf(world);
      world.ratesOfStep = [world.rate];
      world.rewound.clear();
      await step(world);
      if (changesOf(world) !== changes) await checkStep(world, violations);
      violations.push(...world.complaints);
      if (violations.length > 0) break;
    }
    if (violations.length === 0) violations.push(...(await quietEnd(world)));
  } catch (error) {
    violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    for (const { node } of world.servers) await node.kill();
  }
  const hash = createHash('sha256').update(world.trace.join('\n')).digest('hex').slice(0, 16);
  return { seed, steps, hash, violations, reached: world.reached, trace: world.trace };
}

/** What processes have changed so far, those that died included: where nothing was, nothing in the tables can be otherwise. */
function changesOf(world: World): number {
  return world.changesOfTheDead + world.servers.reduce((sum, { node }) => sum + node.gate.changes, 0);
}

/** Makes providers fail, and lets others act while a process waits for one. */
function wire(world: World): void {
  world.meanwhile = async () => {
    if (world.isMeanwhile || world.calm) return;
    const aside = world.aside.shift();
    if (!aside && !world.chance.happens(world.faults.meanwhile)) return;
    world.isMeanwhile = true;
    try {
      for (let left = aside ? 1 : world.focused.pick([1, 1, 2, 3]); left > 0; left--) {
        world.note('  meanwhile:');
        // What was read may be taken back again before anybody looks.
        world.complaints.push(...(await noteRead(world)));
        await step(world, aside ?? act);
        world.complaints.push(...(await noteRead(world)));
      }
    } finally {
      world.isMeanwhile = false;
    }
  };
  for (const [code, { providers }] of world.chains) {
    for (const provider of providers) {
      provider.onCall = async call => {
        if (world.servers.some(({ node }) => !node.gate.isDead && node.gate.open > 0)) {
          throw new Error(`a transaction is open during ${call}`);
        }
        await world.meanwhile();
        if (isSilent(world, code)) throw new ChainError('nothing is heard', { retryable: true });
        if (world.calm || !world.chance.happens(world.faults.rpc)) return;
        throw new ChainError('the provider fails', { retryable: true });
      };
    }
  }
}

async function step(world: World, happens: Chapter = act): Promise<void> {
  const { chance, faults } = world;
  // No two things happen at quite the same time.
  world.now += 1;
  const index = chance.below(world.servers.length);
  const server = world.servers[index];
  if (!server) throw new Error('no server');
  const { gate } = server.node;
  if (chance.happens(faults.crash)) {
    if (world.focused.happens(0.4)) gate.armAtCommit(world.focused.pick([1, 1, 2, 3]));
    else gate.arm(chance.between(1, 14));
  }
  try {
    world.note(await happens(world, server));
  } catch (error) {
    if (!isExpected(error)) throw error;
    world.note(`  failed: ${error instanceof Error ? error.message : error}`);
  }
  noteFinal(world);
  for (const [at, { node }] of world.servers.entries()) {
    node.gate.disarm();
    if (node.gate.isDead) await restart(world, at);
  }
}

/** A process that died, a provider that failed: the next step finds the world as they left it. */
function isExpected(error: unknown): boolean {
  return error instanceof Crash || error instanceof ChainError || /Connection terminated/.test(String(error));
}

async function restart(world: World, index: number): Promise<void> {
  const dead = world.servers[index];
  if (!dead) throw new Error('nobody died');
  await dead.node.kill();
  await hearAnswers(world, dead);
  if (dead.node.gate.diedAfterCommit) world.reach('killed between COMMIT and reply');
  world.changesOfTheDead += dead.node.gate.changes + 1;
  world.start(index);
  // A wallet may have been registered by a process that died before it could say so.
  const registered = await world.admin.rows<World['addresses'][number]>(
    'select distinct network, asset, address_key as key from wallets order by 1, 2, 3',
  );
  for (const one of registered) if (!isThief(one.key)) addRegistered(world, one);
  world.reach('process died');
  world.note(`  node ${index} died and starts again`);
}

async function act(world: World, server: Server): Promise<string> {
  const { chance, faults, focused } = world;
  if (world.story.length > 0 && focused.happens(0.6)) return tellStory(world, server);
  const action = drawAction(chance, world.focus);
  switch (action) {
    case 'tick':
      return tickSome(world, server);
    case 'providers':
      return chance.happens(faults.lag) ? disturbProviders(world) : mine(world);
    case 'lie':
      return world.lies.happens(faults.lie) ? lie(world) : mine(world);
    case 'reorg':
      if (chance.happens(faults.deepReorg)) return reorg(world, chance.between(DEPTH, DEPTH + 4));
      return chance.happens(faults.reorg) ? reorg(world, chance.between(1, DEPTH - 1)) : mine(world);
    default:
      return acts[action](world, server);
  }
}

type Act = (world: World, server: Server) => Promise<string> | string;

const acts: Record<Exclude<Action, 'tick' | 'providers' | 'lie' | 'reorg'>, Act> = {
  create,
  pay,
  mine,
  time: passTime,
  deadline: approachDeadline,
  choose,
  cancel,
  confirm,
  rate: moveRate,
  wallet: addAddress,
  epoch: newEpoch,
  part: attach,
  story: tellStory,
  answer,
  again: askAgain,
  silence,
  retire,
  swap: swapAddress,
  backup: backUpOrRestore,
};

/** The shops answer what a server has waited for. */
async function answer(world: World, server: Server): Promise<string> {
  if (!world.shop.isWaiting(server.node)) return tickSome(world, server);
  world.reach('answered late');
  await hearAnswers(world, server);
  return 'the shops answer';
}

/** One stage, or all of them in the order in which work flows. */
async function tickSome(world: World, server: Server): Promise<string> {
  const all = stages(world);
  const moved: string[] = [];
  for (const stage of world.chance.happens(0.4) ? all : [world.chance.pick(all)]) {
    moved.push(`${stage} ${await tick(world, server, stage)}`);
  }
  return moved.join(', ');
}

/** Wallets whose address is not the one that was registered. */
async function forgedWallets({ servers: [server] }: World): Promise<string[]> {
  const found = server ? await findForgedWallets(server.node.db, vault) : [];
  return found.map(({ detail, invariant }) => `${detail}: ${invariant}`);
}

const ROUNDS = 60;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The faults stop. Within a bounded time everything must be where it belongs. */
async function quietEnd(world: World): Promise<string[]> {
  world.calm = true;
  await restoreAddress(world);
  for (const server of world.servers) {
    await hearAnswers(world, server);
    for (const code of world.networks.keys()) await setRetired(server.node.db, code, null);
  }
  for (const { providers, chain, liar } of world.chains.values()) {
    for (const provider of providers) Object.assign(provider, { lag: 0, frozen: null });
    if (liar) liar.lie = null;
    chain.mine(Math.max(world.now, chain.tip.time));
  }
  let nextDue = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Past every deadline first, then from one request that is due to the next.
    world.now = round < 3 ? world.now + 50 * MINUTE : Math.max(world.now + HOUR, nextDue);
    for (const { chain } of world.chains.values()) {
      for (let block = 0; block < DEPTH; block++) chain.mine(world.now);
    }
    noteFinal(world);
    const rest = await drain(world);
    if (rest.isAtRest && round >= 2) break;
    nextDue = rest.nextDue;
  }
  return [
    ...world.complaints,
    ...(await world.admin.violations()),
    ...(await checkNotEarly(world)),
    ...(await checkEnd(world, factsOf(world))),
    ...(await forgedWallets(world)),
  ];
}
