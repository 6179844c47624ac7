/**
 * Brings a chain up from its folder: the newest state that can be loaded, or else a new chain with another genesis. It
 * never passes a new chain off as the old one, and never throws a state away before a new chain runs in its place.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { fail, ok, type Result } from '../lib/result.ts';
import { type Anvil, type AnvilFault, startAnvil } from './anvil.ts';
import {
  type ChainIdentity,
  exitStateFile,
  hasState,
  readIdentity,
  type SavedState,
  savedStates,
  setAside,
  writeIdentity,
} from './chain-state.ts';
import { freePort } from './free-port.ts';
import type { LocalNetwork } from './local-network.ts';
import { rpc, rpcBlock } from './rpc.ts';

/** `restored`: the chain that was kept here. `replaced`: there was one, but it could not be loaded. */
export type Found = 'created' | 'restored' | 'replaced';

export type BroughtUp = { anvil: Anvil; found: Found; report: string };

export type Place = { dir: string; network: LocalNetwork; host: string; port: number; ephemeral: boolean };

/** Told of every anvil that was started, so that it is ended even when something fails later. Ending it twice is safe. */
export type OnStart = (anvil: Anvil) => void;

/** Starts the chain of `place`, keeping real time. Throws when anvil cannot run at all. */
export async function bringUp(place: Place, onStart: OnStart): Promise<BroughtUp> {
  const identity = place.ephemeral ? null : await readIdentity(place.dir);
  const faults: string[] = [];
  const kept = await restore({ ...place, onStart }, identity, faults);
  const anvil = kept ?? (await create({ ...place, onStart }, identity?.genesisTime ?? null));
  await keepRealTime(anvil.url);
  const found = kept ? 'restored' : faults.length > 0 ? 'replaced' : 'created';
  const { height } = await rpcBlock(anvil.url, 'latest');
  return { anvil, found, report: words(found, height, faults.join('; ')) };
}

function words(found: Found, height: number, why: string): string {
  if (found === 'created') return 'created';
  if (found === 'replaced') return `a new chain, because the old one was unusable (${why})`;
  return `restored at block ${height}${why && `, from an earlier save (${why})`}`;
}

type Opening = Place & { onStart: OnStart };

/** The kept chain, running; null when there is none, with the reason in `faults` if there should be one. */
async function restore(
  place: Opening,
  identity: ChainIdentity | null,
  faults: string[],
): Promise<Anvil | null> {
  if (place.ephemeral) return null;
  if (!(await hasState(place.dir))) {
    if (identity !== null) faults.push('its saved state is missing');
    return null;
  }
  if (identity === null) {
    faults.push('the file that says which chain it is cannot be read');
    return null;
  }
  if (identity.network !== place.network.code || identity.chainId !== place.network.chainId) {
    faults.push(`it is a chain of ${identity.network} with id ${identity.chainId}`);
    return null;
  }
  for await (const state of savedStates(place.dir)) {
    const loaded = state ? await load(place, identity, state) : fail('the saved state cannot be unpacked');
    if (loaded.ok) return loaded.value;
    faults.push(loaded.fault);
  }
  return null;
}

async function load(place: Opening, identity: ChainIdentity, state: SavedState): Promise<Result<Anvil>> {
  const started = await startOnFreePort(place, identity.genesisTime, state);
  if (!started.ok) {
    const which = state.from === 'exit' ? 'written at exit' : 'saved while running';
    return fail(`the state ${which}: ${reason(started.fault)}`);
  }
  const anvil = started.value;
  const genesis = await rpcBlock(anvil.url, 0);
  if (genesis.hash === identity.genesis) return ok(anvil);
  await anvil.stop();
  return fail('its genesis block is another one');
}

async function create(place: Opening, previousTime: number | null): Promise<Anvil> {
  const genesisTime = newGenesisTime(place.network, previousTime);
  const started = await startOnFreePort(place, genesisTime, null);
  if (!started.ok) throw new Error(`the local chain does not start: ${reason(started.fault)}`);
  const anvil = started.value;
  if (place.ephemeral) return anvil;
  await setAside(place.dir);
  const { code, chainId } = place.network;
  const genesis = (await rpcBlock(anvil.url, 0)).hash;
  await writeIdentity(place.dir, { network: code, chainId, genesisTime, genesis });
  return anvil;
}

/**
 * The genesis hash follows from this time alone, so it is drawn from the last three days: even seconds for one network,
 * odd ones for the other, and never that of the chain before.
 */
function newGenesisTime(network: LocalNetwork, previous: number | null): number {
  const even = 2 * Math.floor(Date.now() / 2000);
  const time = even - 2 * randomInt(1, 2 ** 17) + (network.family === 'tron' ? 1 : 0);
  return time === previous ? newGenesisTime(network, previous) : time;
}

async function startOnFreePort(
  place: Opening,
  genesisTime: number,
  state: SavedState | null,
): Promise<Result<Anvil, AnvilFault>> {
  const { dir, host, network, ephemeral } = place;
  let from = place.port;
  for (;;) {
    const port = await freePort(host, from);
    const started = await startAnvil({
      dir,
      host,
      port,
      chainId: network.chainId,
      genesisTime,
      // Twice this many blocks behind the head, and itself: the depth of a network whose node tells what is final.
      slotsInEpoch: network.finality.by === 'tag' ? Math.floor((network.finality.depth - 1) / 2) : undefined,
      exitState: ephemeral ? undefined : join(dir, exitStateFile),
      loadState: state?.path,
    });
    if (started.ok) place.onStart(started.value);
    if (started.ok || started.fault.kind !== 'port') return started;
    from = port + 1;
  }
}

function reason(fault: AnvilFault): string {
  return fault.kind === 'port' ? 'its port is taken' : fault.reason;
}

/**
 * The fixed genesis time also set anvil's clock back to it. Blocks carry real time again from here on, unless somebody
 * has moved this chain's clock ahead: then it stays ahead, since a block must not be older than its parent.
 */
async function keepRealTime(url: string): Promise<void> {
  const head = await rpcBlock(url, 'latest');
  await rpc(url, 'evm_setTime', Math.max(Math.floor(Date.now() / 1000), head.time));
}
