/** A task done again and again while a local chain runs: never twice at once, and never fatal when it fails. */

/** What the keepers of local chains need of a logger. */
export type Log = { info(message: string): void; warn(message: string): void };

/**
 * Runs `task`, then again `ms` after it has ended. The first failure after a success is logged under `name`. The result
 * stops it and waits for a run that is under way.
 */
export function repeat(task: () => Promise<unknown>, options: { name: string; ms: number; log: Log }): () => Promise<void> {
  const stopped = new AbortController();
  const running = loop(task, options, stopped.signal);
  return () => {
    stopped.abort();
    return running;
  };
}

async function loop(
  task: () => Promise<unknown>,
  { name, ms, log }: { name: string; ms: number; log: Log },
  stopped: AbortSignal,
): Promise<void> {
  let failing = false;
  while (!stopped.aborted) {
    try {
      await task();
      failing = false;
    } catch (error) {
      if (!failing && !stopped.aborted) log.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      failing = true;
    }
    await pause(ms, stopped);
  }
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ms);
    stopped.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    }
    if (stopped.aborted) done();
  });
}
