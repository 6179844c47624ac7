import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { type Running, run, type Stage } from './loop.ts';

const logger = createLogger('silent');

/** A stage whose ticks the test answers, and what has become of it. */
function start(answers: (number | Error)[], every = 1000) {
  const stopping = new AbortController();
  const ticks: number[] = [];
  const stage: Stage = {
    name: 'tested',
    every,
    tick: async () => {
      ticks.push(Date.now());
      const answer = answers.shift() ?? 0;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const begun = Date.now();
  const running = run(stage, { logger, signal: stopping.signal });
  return {
    running,
    stopping,
    count: () => ticks.length,
    /** Milliseconds from the start to each tick. */
    times: () => ticks.map(tick => tick - begun),
  };
}

/** The clock is the test's: time passes only when it says so. */
beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('a stage', () => {
  test('ticks on while there is work, then once a round', async () => {
    const { times, running, stopping } = start([5, 3, 1, 0]);
    await pass(2500);
    expect(times()).toEqual([0, 0, 0, 0, 1000, 2000]);
    await stop(running, stopping);
  });

  test('is woken from its wait', async () => {
    const { times, running, stopping } = start([0, 0]);
    await pass(300);
    running.wake();
    await pass(0);
    expect(times()).toEqual([0, 300]);
    await pass(1000);
    expect(times()).toEqual([0, 300, 1300]);
    await stop(running, stopping);
  });

  test('keeps a wake that comes during a tick for the next wait, once', async () => {
    let end: (moved: number) => void = () => undefined;
    let ticks = 0;
    const stopping = new AbortController();
    const tick = () => {
      ticks++;
      return new Promise<number>(resolve => {
        end = resolve;
      });
    };
    const running = run({ name: 'tested', every: 1000, tick }, { logger, signal: stopping.signal });
    running.wake();
    running.wake();
    end(0);
    await pass(0);
    expect(ticks).toBe(2);
    end(0);
    await pass(999);
    expect(ticks).toBe(2);
    await pass(1);
    expect(ticks).toBe(3);
    end(0);
    await stop(running, stopping);
  });

  test('never has two ticks under way', async () => {
    let underWay = 0;
    let most = 0;
    const stopping = new AbortController();
    const tick = async () => {
      most = Math.max(most, ++underWay);
      await new Promise(resolve => setTimeout(resolve, 50));
      underWay--;
      return 1;
    };
    const running = run({ name: 'tested', every: 10, tick }, { logger, signal: stopping.signal });
    for (let i = 0; i < 20; i++) {
      running.wake();
      await pass(17);
    }
    expect(most).toBe(1);
    stopping.abort();
    await pass(50);
    await running.stopped;
  });
});

describe('stopping', () => {
  test('cuts a wait short', async () => {
    const { running, stopping, count } = start([0], 60_000);
    await pass(10);
    await stop(running, stopping);
    expect(count()).toBe(1);
  });

  test('waits for the tick under way, which hears of it', async () => {
    const heard: string[] = [];
    const stopping = new AbortController();
    const tick = (signal: AbortSignal) =>
      new Promise<number>(resolve => {
        signal.addEventListener('abort', () => {
          heard.push('aborted');
          setTimeout(() => {
            heard.push('ended');
            resolve(1);
          }, 100);
        });
      });
    const running = run({ name: 'tested', every: 1000, tick }, { logger, signal: stopping.signal });
    const stopped = running.stopped.then(() => heard.push('stopped'));
    stopping.abort();
    await pass(99);
    expect(heard).toEqual(['aborted']);
    await pass(1);
    await stopped;
    expect(heard).toEqual(['aborted', 'ended', 'stopped']);
  });

  test('ends a stage that fails because it was stopped', async () => {
    const stopping = new AbortController();
    const tick = (signal: AbortSignal) =>
      new Promise<number>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    const running = run({ name: 'tested', every: 1000, tick }, { logger, signal: stopping.signal });
    await stop(running, stopping);
  });

  test('before the first tick lets none begin', async () => {
    const stopping = new AbortController();
    stopping.abort();
    const tick = vi.fn(async () => 1);
    await run({ name: 'tested', every: 1000, tick }, { logger, signal: stopping.signal }).stopped;
    expect(tick).not.toHaveBeenCalled();
  });
});

describe('a stage that fails', () => {
  const fault = () => new Error('no database');

  test('waits twice as long each time, five seconds at most, and starts afresh once it works', async () => {
    const faults = [fault(), fault(), fault(), fault(), fault()];
    const { times, running, stopping } = start([...faults, 0, fault(), 0], 250);
    await pass(20_000);
    // 0.5, 1, 2, 4 and 5 s after the faults, a round after the tick that worked, then 0.5 s again.
    expect(times().slice(0, 8)).toEqual([0, 500, 1500, 3500, 7500, 12_500, 12_750, 13_250]);
    await stop(running, stopping);
  });

  test('tries again at once when woken', async () => {
    const { times, running, stopping } = start([fault(), 0], 1000);
    await pass(100);
    running.wake();
    await pass(0);
    expect(times()).toEqual([0, 100]);
    await stop(running, stopping);
  });

  test('goes on after any number of faults', async () => {
    const { count, running, stopping } = start(
      Array.from({ length: 2000 }, () => fault()),
      1000,
    );
    await pass(2000 * 5000);
    expect(count()).toBeGreaterThan(1990);
    await stop(running, stopping);
  });
});

test('a fault that is an alarm is told as one, the others as warnings', async () => {
  const told: unknown[][] = [];
  const loud = {
    warn: (...line: unknown[]) => told.push(['warn', ...line]),
    error: (...line: unknown[]) => told.push(['error', ...line]),
    info: () => undefined,
  } as unknown as typeof logger;
  const faults = [new Error('passes'), new Error('no room')];
  const stopping = new AbortController();
  const tick = async () => {
    const fault = faults.shift();
    if (fault) throw fault;
    return 0;
  };
  const alarmOf = (error: unknown) => (String(error).includes('no room') ? 'disk_full' : null);
  const running = run(
    { name: 'tested', every: 10, tick },
    { logger: loud, signal: stopping.signal, alarmOf },
  );
  await pass(1000);
  await stop(running, stopping);
  expect(told).toMatchObject([
    ['warn', { stage: 'tested', faults: 1 }, expect.any(String)],
    ['error', { stage: 'tested', faults: 2, alarm: 'disk_full' }, expect.any(String)],
  ]);
});

async function stop(running: Running, stopping: AbortController): Promise<void> {
  stopping.abort();
  await running.stopped;
}
