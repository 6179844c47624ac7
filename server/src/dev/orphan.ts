/**
 * Ends what an earlier run left behind. Normally the watchdog has done so; this is for the day it was killed as well. A
 * process is ours when its executable is anvil AND its working folder is the chain's: a pid from a file would prove
 * nothing, since pids are reused. Linux only: elsewhere there is no /proc to look at.
 */
import { readdir, readlink, realpath } from 'node:fs/promises';
import { basename } from 'node:path';

/** The processes in which an anvil works in `dir`. */
export async function anvilsIn(dir: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const folder = await realpath(dir);
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && (await isAnvilIn(folder, pid))) found.push(pid);
  }
  return found;
}

/** Ends every anvil that works in `dir`, letting it write its state first. Returns how many there were. */
export async function endOrphans(dir: string): Promise<number> {
  const orphans = await anvilsIn(dir);
  for (const pid of orphans) await end(await realpath(dir), pid);
  return orphans.length;
}

async function end(folder: string, pid: number): Promise<void> {
  // Interrupted, anvil writes its state and leaves within milliseconds; a stuck one is killed.
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let i = 0; i < 100; i++) {
      if (!(await isAnvilIn(folder, pid))) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
  throw new Error(`a local chain of an earlier run (process ${pid}) does not end`);
}

async function isAnvilIn(folder: string, pid: number): Promise<boolean> {
  try {
    const executable = await readlink(`/proc/${pid}/exe`);
    // After an update of the package the running file is marked as deleted.
    if (basename(executable.replace(/ \(deleted\)$/, '')) !== 'anvil') return false;
    return (await readlink(`/proc/${pid}/cwd`)) === folder;
  } catch {
    // Gone, a zombie, or somebody else's.
    return false;
  }
}
