/** The lock of a chain's folder, taken with patience: a process that was killed a moment ago may be on its way out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireInstanceLock } from '../lib/instance-lock.ts';

const patienceMs = 2_000;
const pauseMs = 50;

/** Takes the lock and returns what frees it. Throws when another process holds it; without a lock outside Linux. */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return async () => {};
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const lock = await acquireInstanceLock(dir);
    if (lock.ok) return () => lock.value.release();
    if (Date.now() > deadline) throw new Error(lock.fault);
    await sleep(pauseMs);
  }
}
