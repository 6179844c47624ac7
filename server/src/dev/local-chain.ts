/**
 * A local chain for `cryptoscan dev` and for tests: anvil with test tokens, kept in a folder and brought back from it,
 * and for Tron with java-tron's limits before it. Nothing of it outlives us, and nothing here is part of `serve`.
 */
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Network } from '../domain/asset.ts';
import type { Logger } from '../lib/logger.ts';
import { run, type Stage } from '../lib/loop.ts';
import type { Anvil } from './anvil.ts';
import { type BroughtUp, bringUp, type Found } from './bring-up.ts';
import { dropLoaded, hasState } from './chain-state.ts';
import { lockFolder } from './folder-lock.ts';
import { freePort } from './free-port.ts';
import { type JavaTronProxy, openJavaTronProxy } from './java-tron-proxy.ts';
import { type LocalKind, localNetworks } from './local-network.ts';
import { Miner } from './miner.ts';
import { endOrphans } from './orphan.ts';
import { StateSaver } from './state-saver.ts';
import { deployTestTokens } from './test-tokens.ts';

export type LocalChain = {
  network: Network;
  /** Where readers and payers connect; for Tron the proxy with java-tron's limits. */
  rpcUrl: string;
  found: Found;
  /** What was found at start, in words for the console. */
  report: string;
  /** Saves the chain and ends everything that was started; a second call waits for the first. */
  stop(): Promise<void>;
};

export type LocalChainOptions = {
  kind: LocalKind;
  /** A folder of the chain's own; made if missing. */
  dir: string;
  /** The preferred port. The next free one is taken if it is busy; below 32768. */
  port: number;
  host?: '127.0.0.1';
  /** Starts from nothing, saves nothing and removes the folder at the end. */
  ephemeral?: boolean;
  log: Logger;
  /** The earliest deadline, in milliseconds and with its grace, for which a final block is awaited. */
  nextDeadline?: () => Promise<number | null>;
  /** Milliseconds between two looks whether a block is wanted; null never mines by itself. */
  mineEvery?: number | null;
};

const saveEvery = 250;

/** Starts a chain, or brings the one in the folder back. Throws, leaving nothing behind, when it cannot. */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await assemble(options, closers);
  } catch (error) {
    await closeAll(closers, options.log);
    throw error;
  }
}

async function assemble(
  options: LocalChainOptions,
  closers: (() => Promise<unknown>)[],
): Promise<LocalChain> {
  const { kind, port, log, host = '127.0.0.1', ephemeral = false } = options;
  // anvil works in this folder, where a relative path would mean another place.
  const dir = resolve(options.dir);
  const network = localNetworks[kind];
  await mkdir(dir, { recursive: true });
  closers.push(await lockFolder(dir));
  if (ephemeral) await removeAtEnd(dir, closers);
  const orphans = await endOrphans(dir);
  if (orphans > 0) log.info(`local ${kind} chain: ended the one an earlier run had left behind`);
  const behindProxy = network.family === 'tron';
  const place = { dir, network, host, port: behindProxy ? port + 1 : port, ephemeral };
  const chain = await bringUp(place, anvil => closers.push(() => anvil.stop()));
  const { anvil } = chain;
  await deployTestTokens(anvil.url, network);
  if (!ephemeral) await keepSaved(chain, { dir, log, closers });
  keepMining(chain, { ...options, depth: network.finality.depth, closers });
  const proxy = behindProxy ? await openProxy(host, port, anvil.url) : null;
  if (proxy) closers.push(() => proxy.close());
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= closeAll(closers, log);
    return stopped;
  };
  void anvil.ended.then(() => {
    if (stopped === null) log.warn(`local ${kind} chain: anvil has ended; start again to bring it back`);
  });
  return { network, rpcUrl: proxy?.url ?? anvil.url, found: chain.found, report: chain.report, stop };
}

async function removeAtEnd(dir: string, closers: (() => Promise<unknown>)[]): Promise<void> {
  if (await hasState(dir)) throw new Error(`${dir} holds a chain that is kept; take another folder`);
  closers.push(() => rm(dir, { recursive: true, force: true }));
}

async function keepSaved(
  { anvil }: BroughtUp,
  { dir, log, closers }: { dir: string; log: Logger; closers: (() => Promise<unknown>)[] },
): Promise<void> {
  const saver = new StateSaver({ url: anvil.url, dir });
  await saver.save();
  await dropLoaded(dir);
  closers.push(() => saver.save());
  closers.push(
    keepRunning(anvil, log, { name: 'local-chain-save', every: saveEvery, tick: () => saver.save() }),
  );
}

function keepMining(
  { anvil }: BroughtUp,
  options: LocalChainOptions & { depth: number; closers: (() => Promise<unknown>)[] },
): void {
  const { mineEvery = 1000, depth, nextDeadline, log, closers } = options;
  if (mineEvery === null) return;
  const miner = new Miner({ url: anvil.url, depth, nextDeadline });
  closers.push(
    keepRunning(anvil, log, { name: 'local-chain-mine', every: mineEvery, tick: () => miner.round() }),
  );
}

/** Runs one piece of work again and again, with the pause between, until it is stopped or anvil has ended. */
function keepRunning(
  anvil: Anvil,
  log: Logger,
  work: { name: string; every: number; tick: () => Promise<unknown> },
): () => Promise<void> {
  const stopping = new AbortController();
  void anvil.ended.then(() => stopping.abort());
  const tick = async () => {
    await work.tick();
    // Nothing more to do at once, whatever was done: one save or one block, then the pause.
    return 0;
  };
  const stage: Stage = { name: work.name, every: work.every, tick };
  const running = run(stage, { logger: log, signal: stopping.signal });
  return () => {
    stopping.abort();
    return running.stopped;
  };
}

async function openProxy(host: string, preferred: number, nodeUrl: string): Promise<JavaTronProxy> {
  let from = preferred;
  for (;;) {
    const port = await freePort(host, from);
    try {
      return await openJavaTronProxy({ host, port, nodeUrl });
    } catch (error) {
      // Somebody was quicker between the look and the listening.
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      from = port + 1;
    }
  }
}

/** Closes in the reverse order of opening; one failure does not keep the rest open. */
async function closeAll(closers: readonly (() => Promise<unknown>)[], log: Logger): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      log.warn(`stopping a local chain: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
