/** A backup is made, and later everything is lost and goes back to it, while the chains, the shops and the payers have gone on. */
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { noteRead } from './judge-step.ts';
import { hearAnswers } from './stages.ts';
import type { World } from './world.ts';

/** What was known when a backup was made. */
export type KnownThen = {
  shown: ReadonlyMap<number, ReadonlySet<string>>;
  addresses: readonly { network: NetworkCode; asset: AssetCode; key: string }[];
  /** Requests that the shops had heard. */
  heard: number;
};

export async function backUpOrRestore(world: World): Promise<string> {
  if (world.isMeanwhile || world.swapped) return 'not now';
  const then = world.backup;
  if (then && world.focused.happens(0.6)) return restore(world, then);
  await world.admin.backUp(world.now);
  world.backup = {
    shown: new Map([...world.shown].map(([id, texts]) => [id, new Set(texts)])),
    addresses: [...world.addresses],
    heard: world.shop.arrivals.length,
  };
  world.reach('backed up');
  return 'a backup is made';
}

async function restore(world: World, then: KnownThen): Promise<string> {
  world.backup = null;
  for (const server of world.servers) {
    await server.node.kill();
    await hearAnswers(world, server);
  }
  await world.admin.restore(world.now);
  for (const index of world.servers.keys()) world.start(index);
  world.changesOfTheDead++;
  world.story = [];
  await forget(world, then);
  world.reach('restored');
  return 'the database is as it was when the backup was made';
}

/** What is not in the backup is known to nobody any more. */
async function forget(world: World, { shown, addresses, heard }: KnownThen): Promise<void> {
  world.lostAddresses += world.addresses.length - addresses.length;
  world.addresses = [...addresses];
  world.shop.forget(heard);
  world.looked = await world.admin.invoices();
  const kept = new Set(world.looked.map(({ id }) => id));
  for (const [reference, id] of world.sent) if (id !== null && !kept.has(id)) world.sent.set(reference, null);
  world.shown.clear();
  for (const [id, texts] of shown) world.shown.set(id, new Set(texts));
  world.readUpTo.clear();
  world.heights.clear();
  await noteRead(world);
  const late = await world.admin.rows<{ id: number }>(`select id from payments where kind = 'late'`);
  world.lateSeen.clear();
  for (const { id } of late) world.lateSeen.add(id);
}
