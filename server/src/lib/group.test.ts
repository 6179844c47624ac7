import { describe, expect, test } from 'vitest';
import { type GroupOptions, group, Overloaded } from './group.ts';

const defaults: GroupOptions = { max: 3, runs: 1, limit: 100, isolate: () => true };

type Run = { items: number[]; answer(answers: string[]): void; fail(error: Error): void };

/** A group whose runs end when the test says so. */
function heldGroup(options: Partial<GroupOptions> = {}) {
  const started: Run[] = [];
  const arrivals: (() => void)[] = [];
  const ask = group<number, string>(
    items =>
      new Promise((resolve, reject) => {
        started.push({ items, answer: resolve, fail: reject });
        for (const arrived of arrivals.splice(0)) arrived();
      }),
    { ...defaults, ...options },
  );
  /** The run of that number, counted from 0, once it has started. */
  const run = async (number: number): Promise<Run> => {
    while (started.length <= number) await new Promise<void>(resolve => arrivals.push(resolve));
    return started[number]!;
  };
  return { ask, run, started };
}

const doubled = async (items: number[]) => items.map(item => item * 2);

describe('a group', () => {
  test('starts at once when idle, and puts what is asked meanwhile into the next run', async () => {
    const { ask, run, started } = heldGroup();
    const answers = [ask(1), ask(2), ask(3)];
    expect(started.map(({ items }) => items)).toEqual([[1]]);
    (await run(0)).answer(['a']);
    const second = await run(1);
    expect(second.items).toEqual([2, 3]);
    second.answer(['b', 'c']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  });

  test('gives a run no more than its maximum, in the order asked', async () => {
    const { ask, run } = heldGroup({ max: 2 });
    const answers = [1, 2, 3, 4, 5, 6].map(ask);
    const runs: number[][] = [];
    for (let number = 0; number < 4; number++) {
      const current = await run(number);
      runs.push(current.items);
      current.answer(current.items.map(String));
    }
    expect(runs).toEqual([[1], [2, 3], [4, 5], [6]]);
    expect(await Promise.all(answers)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('has no more runs under way than allowed', async () => {
    const { ask, run, started } = heldGroup({ max: 1, runs: 2 });
    const answers = [1, 2, 3].map(ask);
    expect(started.map(({ items }) => items)).toEqual([[1], [2]]);
    (await run(1)).answer(['b']);
    (await run(2)).answer(['c']);
    (await run(0)).answer(['a']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  });

  test('refuses what would wait beyond the limit, and only that', async () => {
    const { ask, run } = heldGroup({ limit: 2 });
    const answers = [ask(1), ask(2), ask(3)];
    await expect(ask(4)).rejects.toThrow(Overloaded);
    (await run(0)).answer(['a']);
    (await run(1)).answer(['b', 'c']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  });

  test('answers each its own, many at once', async () => {
    const ask = group(doubled, { max: 7, runs: 3, limit: 1000, isolate: () => true });
    const asked = Array.from({ length: 500 }, (_, index) => index);
    expect(await Promise.all(asked.map(ask))).toEqual(asked.map(item => item * 2));
  });
});

describe('a failing run', () => {
  const bad = (items: number[]) => items.includes(13);
  const picky = async (items: number[]) => {
    if (bad(items)) throw new Error('bad item');
    return doubled(items);
  };
  const busy = { max: 10, runs: 1, limit: 100 };

  test('fails only the item that is bad, when the error may come from one', async () => {
    const ask = group(picky, { ...busy, isolate: () => true });
    const settled = await Promise.allSettled([0, 11, 12, 13, 14].map(ask));
    expect(settled.map(one => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      0,
      22,
      24,
      'bad item',
      28,
    ]);
  });

  test('is not run again item by item, when the error says that none can do better', async () => {
    const runs: number[][] = [];
    const ask = group(
      async (items: number[]) => {
        runs.push(items);
        if (items.length > 1) throw new Error('the database is gone');
        return items;
      },
      { ...busy, isolate: error => (error as Error).message !== 'the database is gone' },
    );
    const settled = await Promise.allSettled([0, 11, 12].map(ask));
    expect(settled.map(one => one.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(runs).toEqual([[0], [11, 12]]);
  });

  test('does not hold up the runs after it', async () => {
    const ask = group(picky, { ...busy, isolate: () => false });
    await expect(ask(13)).rejects.toThrow('bad item');
    expect(await ask(1)).toBe(2);
  });

  test('that throws before it has promised anything fails its items too', async () => {
    const ask = group<number, number>(
      () => {
        throw new Error('at once');
      },
      { ...busy, isolate: () => false },
    );
    await expect(ask(1)).rejects.toThrow('at once');
  });

  test('that answers another number of items is a bug', async () => {
    const ask = group<number, number>(async () => [1, 2], { ...busy, isolate: () => false });
    await expect(ask(1)).rejects.toThrow('another number of items');
  });
});
