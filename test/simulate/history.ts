/** One history: a seed decides everything that happens, and after every step everything is checked. */
import { createHash } from 'node:crypto';
import { ChainError } from '../../server/src/chains/chain.ts';
import { findForgedWallets } from '../../server/src/store/invariants.ts';
import {
  addAddress,
  approachDeadline,
  create,
  disturbProviders,
  lie,
  mine,
  newEpoch,
  passTime,
  pay,
  reorg,
} from './actions.ts';
import type { AdminSession, InvoiceState } from './admin.ts';
import { moveRate } from './euro.ts';
import { factsOf, noteFinal } from './facts.ts';
import { checkDrift } from './judge-policy.ts';
import type { Lines } from './lines.ts';
import { Crash } from './node.ts';
import { checkEdges, checkEnd, checkExpiry, checkNotEarly, noteRead } from './oracle.ts';
import { attach } from './pay-part.ts';
import { cancel, choose, confirm } from './people.ts';
import { setUp } from './setup.ts';
import { drain, stages, tick } from './stages.ts';
import { DEPTH, type Server, vault, World } from './world.ts';

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
    let before: InvoiceState[] = [];
    wire(world);
    for (const length = world.chance.between(STEPS.least, STEPS.most); steps < length; steps++) {
      const statements = statementsOf(world);
      world.ratesOfStep = [world.rate];
      await step(world);
      if (statementsOf(world) !== statements) before = await check(world, before, violations);
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

/** Statements run so far by processes, those that died included: without one nothing in the tables can have changed. */
function statementsOf(world: World): number {
  return world.statementsOfTheDead + world.servers.reduce((sum, { node }) => sum + node.gate.taken, 0);
}

/** Makes providers fail, and lets others act while a process waits for one. */
function wire(world: World): void {
  let isNested = false;
  world.meanwhile = async () => {
    if (isNested || world.calm || !world.chance.happens(world.faults.meanwhile)) return;
    world.note('  meanwhile:');
    isNested = true;
    try {
      // What was read may be taken back again before anybody looks.
      await noteRead(world);
      await step(world);
    } finally {
      isNested = false;
    }
  };
  for (const { providers } of world.chains.values()) {
    for (const provider of providers) {
      provider.onCall = async call => {
        if (world.servers.some(({ node }) => !node.gate.isDead && node.gate.open > 0)) {
          throw new Error(`a transaction is open during ${call}`);
        }
        await world.meanwhile();
        if (world.calm || !world.chance.happens(world.faults.rpc)) return;
        throw new ChainError('the provider fails', { retryable: true });
      };
    }
  }
}

const WEIGHTS = {
  create: 14,
  pay: 14,
  mine: 18,
  tick: 60,
  time: 10,
  deadline: 3,
  reorg: 14,
  providers: 5,
  lie: 4,
  choose: 9,
  cancel: 2,
  confirm: 4,
  rate: 2,
  wallet: 1,
  epoch: 1,
};

async function step(world: World): Promise<void> {
  const { chance, faults } = world;
  // No two things happen at quite the same time.
  world.now += 1;
  const index = chance.below(world.servers.length);
  const server = world.servers[index];
  if (!server) throw new Error('no server');
  if (chance.happens(faults.crash)) server.node.gate.arm(chance.between(1, 14));
  try {
    world.note(await act(world, server));
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
  const dead = world.servers[index]?.node;
  await dead?.kill();
  if (dead?.gate.diedAfterCommit) world.reach('killed between COMMIT and reply');
  world.statementsOfTheDead += (dead?.gate.taken ?? 0) + 1;
  world.start(index);
  // A wallet may have been registered by a process that died before it could say so.
  world.addresses = await world.admin.rows(
    'select distinct network, asset, address_key as key from wallets order by 1, 2, 3',
  );
  world.reach('process died');
  world.note(`  node ${index} died and starts again`);
}

async function act(world: World, server: Server): Promise<string> {
  const { chance, faults } = world;
  if (world.partly.happens(0.04)) return attach(world, server);
  switch (chance.weighted(WEIGHTS)) {
    case 'create':
      return create(world, server);
    case 'pay':
      return pay(world);
    case 'mine':
      return mine(world);
    case 'time':
      return passTime(world);
    case 'deadline':
      return approachDeadline(world);
    case 'providers':
      return chance.happens(faults.lag) ? disturbProviders(world) : mine(world);
    case 'lie':
      return world.lies.happens(faults.lie) ? lie(world) : mine(world);
    case 'choose':
      return choose(world, server);
    case 'cancel':
      return cancel(world, server);
    case 'confirm':
      return confirm(world, server);
    case 'rate':
      return moveRate(world);
    case 'wallet':
      return addAddress(world, server);
    case 'epoch':
      return newEpoch(world);
    case 'reorg':
      if (chance.happens(faults.deepReorg)) return reorg(world, chance.between(DEPTH, DEPTH + 4));
      return chance.happens(faults.reorg) ? reorg(world, chance.between(1, DEPTH - 1)) : mine(world);
    default:
      return tickSome(world, server);
  }
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

/** Everything that must hold after every step. Answers this look at the invoices, for the next one. */
async function check(world: World, before: InvoiceState[], violations: string[]): Promise<InvoiceState[]> {
  const [now, ...found] = await Promise.all([
    world.admin.invoices(),
    world.admin.violations(),
    checkNotEarly(world),
    checkDrift(world),
    noteRead(world),
  ]);
  violations.push(
    ...checkEdges(before, now),
    ...found.flat(),
    ...(await checkExpiry(
      world,
      now
        .filter(({ status }, index) => status === 'expired' && before[index]?.status !== 'expired')
        .map(({ id }) => id),
    )),
  );
  for (const [index, invoice] of now.entries()) {
    const was = before[index];
    if (was === undefined) continue;
    if (was.status !== invoice.status) world.reach(`${was.status} → ${invoice.status}`);
    const paid = invoice.status === 'confirming' || was.status === 'expired' || was.status === 'cancelled';
    if (was.asked !== null && was.asked !== invoice.asked && paid) world.reach('paid a replaced amount');
  }
  return now;
}

/** Wallets whose address is not the one that was registered. */
async function forgedWallets({ servers: [server] }: World): Promise<string[]> {
  const found = server ? await findForgedWallets(server.node.db, vault) : [];
  return found.map(({ detail, invariant }) => `${detail}: ${invariant}`);
}

const ROUNDS = 60;
const HOUR = 3_600_000;

/** The faults stop. Within a bounded time everything must be where it belongs. */
async function quietEnd(world: World): Promise<string[]> {
  world.calm = true;
  for (const { providers, chain, liar } of world.chains.values()) {
    for (const provider of providers) Object.assign(provider, { lag: 0, frozen: null });
    if (liar) liar.lie = null;
    chain.mine(Math.max(world.now, chain.tip.time));
  }
  for (let round = 0; round < ROUNDS; round++) {
    world.now += round < 4 ? 40 * 60_000 : HOUR;
    for (const { chain } of world.chains.values()) {
      for (let block = 0; block < DEPTH; block++) chain.mine(world.now);
    }
    noteFinal(world);
    if ((await drain(world)) && round >= 4) break;
  }
  return [
    ...(await world.admin.violations()),
    ...(await checkNotEarly(world)),
    ...(await checkEnd(world, factsOf(world))),
    ...(await forgedWallets(world)),
  ];
}
