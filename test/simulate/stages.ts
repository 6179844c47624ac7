/** The stages of a process, each of which does one bounded piece of work at a time. */
import { ChainError } from '../../server/src/chains/chain.ts';
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import { agree } from '../../server/src/flow/agree.ts';
import { expire } from '../../server/src/flow/expire.ts';
import { match } from '../../server/src/flow/match.ts';
import { noteProviders } from '../../server/src/flow/note-providers.ts';
import { recheck } from '../../server/src/flow/recheck.ts';
import { type ResendDeps, resend } from '../../server/src/flow/resend.ts';
import { settle } from '../../server/src/flow/settle.ts';
import { watch } from '../../server/src/flow/watch.ts';
import { type Server, vault, type World } from './world.ts';

const NEVER = new AbortController().signal;

/** Of a network: reading it, and all that holds its providers against one another. */
const ofNetwork = { watch, recheck, agree, providers: noteProviders };

/** Every stage, in the order in which work flows. */
export function stages(world: World): string[] {
  const { networks } = world;
  const each = (kind: keyof typeof ofNetwork) =>
    [...networks.values()]
      .filter(({ onDemand }) => kind === 'watch' || !onDemand)
      .map(({ code }) => `${kind} ${code}`);
  return [
    ...each('watch'),
    ...each('recheck'),
    'match',
    ...each('agree'),
    'settle',
    'expire',
    'dispatch',
    'resend',
    ...each('providers'),
  ];
}

/** One tick of one stage on one server. Answers what it moved. */
export async function tick(world: World, server: Server, stage: string): Promise<number> {
  const { clock, networks, webhookId, logger, rateOf, coinRateOf } = world;
  const random = (n: number) => world.partly.below(n);
  const base = { db: server.node.db, vault, clock, logger, networks, webhookId, rateOf, coinRateOf, random };
  switch (stage) {
    case 'match':
      return match(base);
    case 'settle':
      return settle(base);
    case 'expire':
      return expire(base);
    case 'dispatch':
      return dispatch(world, server);
    case 'resend':
      return sendAgain(world, server);
    default: {
      const [kind, code] = stage.split(' ') as [keyof typeof ofNetwork, NetworkCode];
      const network = networks.get(code);
      const providers = server.providers.get(code);
      const memory = server.memories.get(code);
      if (!network || !providers || !memory) throw new Error(`no stage ${stage}`);
      const deps = { ...base, network, providers };
      if (kind === 'agree') return agree({ ...deps, memory: memory.agree }, NEVER);
      if (kind === 'providers') return noteProviders({ ...deps, memory: memory.note }, NEVER);
      return ofNetwork[kind](deps, NEVER);
    }
  }
}

/**
 * Sends what is due and waits for the answers, or lets them come later; while a server waits for some, it is not asked to
 * wait for more.
 */
async function dispatch(world: World, server: Server): Promise<number> {
  const { node, dispatcher } = server;
  if (server.isSending) return 0;
  server.isSending = true;
  if (!world.calm && world.focused.happens(world.faults.slow)) world.shop.holdAnswers(node);
  try {
    const claimed = await dispatcher.tick(NEVER);
    if (world.shop.isWaiting(node)) return claimed;
    world.shop.answer(node);
    await dispatcher.idle();
    return claimed;
  } finally {
    if (!world.shop.isWaiting(node)) server.isSending = false;
  }
}

/** Sends what people have asked for again, and waits for the answers. */
async function sendAgain(world: World, server: Server): Promise<number> {
  const { clock, shop, chance } = world;
  const { node } = server;
  if (server.isSending) return 0;
  server.isSending = true;
  try {
    const post: ResendDeps['post'] = (url, request) => shop.post(node, url, request);
    return await resend({ db: node.db, vault, clock, post, uuid: () => chance.uuid() }, NEVER);
  } finally {
    server.isSending = false;
  }
}

/** The late answers that a server still waits for come in. */
export async function hearAnswers(world: World, server: Server): Promise<void> {
  const isWaiting = world.shop.isWaiting(server.node);
  world.shop.answer(server.node);
  // While something else happens it waits for that to end, and not the other way round.
  if (!isWaiting) return;
  await server.dispatcher.idle();
  server.isSending = false;
}

/** Whether all is at rest: no request is owed to a shop, and no network is silent; and when the next request is due, in ms. */
export type Rest = { isAtRest: boolean; nextDue: number };

/** Ticks every stage until none moves anything. */
export async function drain(world: World): Promise<Rest> {
  const server = world.servers[0];
  if (!server) throw new Error('no server');
  let isSilent = false;
  for (let moved = 1, rounds = 0; moved > 0; rounds++) {
    if (rounds > 100) throw new Error('the stages never come to rest');
    moved = 0;
    isSilent = false;
    for (const stage of stages(world)) {
      // Once is enough to notice how the providers are.
      if (rounds > 0 && stage.startsWith('providers')) continue;
      try {
        moved += await tick(world, server, stage);
      } catch (error) {
        // Those who lied, or were taken for liars, are not asked for a while.
        if (!(error instanceof ChainError)) throw error;
        isSilent = true;
      }
    }
  }
  const [row] = await world.admin.rows<{ n: number; due: number | null }>(
    `select count(*)::int + (select count(*)::int from resends where state = 'open') as n, min(due_at) as due
       from deliveries where state = 'open'`,
  );
  return { isAtRest: row?.n === 0 && !isSilent, nextDue: row?.due ?? 0 };
}
