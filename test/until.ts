/** Waiting on a condition, in a test or in a script that no test runner runs. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until what is answered is true, and answers that. Rejects after `timeout` ms, naming `what`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout, interval, what = 'what was waited for' }: { timeout: number; interval: number; what?: string },
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${timeout} ms`);
    await sleep(interval);
  }
}
