/** Runs a stage: tick after tick while there is work, then wait for a wake or the next round; back off on faults. */
import type { Logger } from './logger.ts';

export type Stage = {
  name: string;
  /** Longest wait between two ticks in milliseconds: what is found when no wake comes. */
  every: number;
  /** One bounded piece of work; answers how much it moved (0: nothing to do now). Safe to repeat after any fault. */
  tick(signal: AbortSignal): Promise<number>;
};

const LONGEST_BACKOFF = 5000;

/** A stage at work. `wake` cuts the current wait short; `stopped` resolves once the last tick has ended. */
export type Running = { name: string; wake(): void; stopped: Promise<void> };

export type RunOptions = {
  logger: Logger;
  signal: AbortSignal;
  /** The name of the alarm that a fault is to raise; null for a fault that may pass by itself. */
  alarmOf?: (error: unknown) => string | null;
};

/** Starts a stage; it stops when `signal` aborts, after the tick under way. */
export function run(stage: Stage, options: RunOptions): Running {
  const { signal } = options;
  const waker = new Waker();
  signal.addEventListener('abort', () => waker.wake(), { once: true });
  return { name: stage.name, wake: () => waker.wake(), stopped: rounds(stage, waker, options) };
}

async function rounds(
  stage: Stage,
  waker: Waker,
  { logger, signal, alarmOf = () => null }: RunOptions,
): Promise<void> {
  let faults = 0;
  while (!signal.aborted) {
    try {
      const moved = await stage.tick(signal);
      if (faults > 0) logger.info({ stage: stage.name }, 'stage works again');
      faults = 0;
      if (moved === 0) await waker.wait(stage.every);
    } catch (error) {
      if (signal.aborted) return;
      faults++;
      // The first fault is told with its stack; while it lasts the message will do.
      const what =
        faults === 1 ? { err: error } : { fault: error instanceof Error ? error.message : String(error) };
      const [told, alarm] = [{ stage: stage.name, faults, ...what }, alarmOf(error)];
      if (alarm === null) logger.warn(told, 'stage failed; it will be tried again');
      else logger.error({ alarm, ...told }, 'stage failed; it will be tried again');
      await waker.wait(Math.min(stage.every * 2 ** faults, LONGEST_BACKOFF));
    }
  }
}

/** A wake that comes while nobody waits is kept for the next wait. */
class Waker {
  #woken = false;
  #resume: (() => void) | null = null;

  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#resume?.(), milliseconds);
      this.#resume = () => {
        clearTimeout(timer);
        this.#woken = false;
        this.#resume = null;
        resolve();
      };
      if (this.#woken) this.#resume();
    });
  }
}
