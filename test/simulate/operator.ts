/** What an operator does, and what happens to a whole network: it falls silent, goes out of use, and comes back. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import { setRetired } from '../../server/src/store/cursors.ts';
import type { Server, World } from './world.ts';

const MINUTE = 60_000;

/** Nothing is heard of a network for a while, while its blocks go on. */
export function silence(world: World): string {
  const code = world.focused.pick([...world.networks.keys()]);
  return silenceFor(world, code, world.focused.between(2, 150) * MINUTE);
}

export function silenceFor(world: World, code: NetworkCode, span: number): string {
  world.silentUntil.set(code, world.now + span);
  world.reach('network fell silent');
  return `nothing is heard of ${code} for ${span / MINUTE} minutes`;
}

export const isSilent = ({ silentUntil, now, calm }: World, code: NetworkCode): boolean =>
  !calm && now < (silentUntil.get(code) ?? 0);

/** A network goes out of use, or comes back into it. */
export async function retire(world: World, server: Server): Promise<string> {
  const code = world.focused.pick([...world.networks.keys()]);
  return retireOne(world, server, { code, isBack: world.focused.happens(0.5) });
}

export async function retireOne(
  world: World,
  { node }: Server,
  { code, isBack }: { code: NetworkCode; isBack: boolean },
): Promise<string> {
  // Put on record first: whoever does it may die before it could be.
  if (!isBack) world.retired.add(code);
  await setRetired(node.db, code, isBack ? null : world.now);
  if (!isBack) world.reach('network retired');
  return `${code} is ${isBack ? 'in use' : 'out of use'}`;
}
