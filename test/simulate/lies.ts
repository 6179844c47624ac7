/** Who lies in a history, and how. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { Lie } from './liar.ts';
import { DUE, type Due } from './pay.ts';
import { address, keyOn } from './setup.ts';
import type { World } from './world.ts';

/** A provider begins to lie, or tells the truth again. */
export async function lie(world: World): Promise<string> {
  const { lies } = world;
  const code = lies.pick([...world.chains.keys()]);
  const { liar, chain } = world.chains.get(code) ?? {};
  if (!liar || !chain) return 'nobody lies';
  const kind = lies.weighted(LIES);
  const due = (await world.admin.rows<Due>(DUE)).filter(({ network }) => network === code);
  const meant = due.length > 0 ? lies.pick(due) : null;
  const height = chain.tip.height + lies.between(0, 2);
  liar.lie = lieOf(kind, { meant, height, world, code, depth: chain.network.finality.depth });
  return `a provider of ${code} lies: ${liar.lie?.kind}`;
}

const LIES = {
  honest: 3,
  forge: 6,
  double: 1,
  hide: 3,
  empty: 1,
  half: 1,
  'another chain': 1,
  fork: 1,
  contradiction: 1,
};

type About = { meant: Due | null; height: number; world: World; code: NetworkCode; depth: number };

function lieOf(kind: keyof typeof LIES, { meant, height, world, code, depth }: About): Lie | null {
  switch (kind) {
    case 'honest':
      return null;
    case 'forge': {
      if (!meant) return null;
      const { asset, address_key: to, final_units } = meant;
      const transfer = { asset, from: keyOn(code, address(200)), to, units: BigInt(final_units) };
      const txId = (0xf0_0000 + world.forged.size + world.lies.below(0xffff)).toString(16).padStart(64, '0');
      return { kind, transfer, height, txId: code === 'TRC-20' ? txId : `0x${txId}` };
    }
    case 'hide':
      return meant && { kind, to: meant.address_key };
    case 'fork':
      return { kind, height: Math.max(1, height - world.lies.below(depth + 3)) };
    default:
      return { kind };
  }
}
