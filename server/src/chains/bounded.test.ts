import { expect, test } from 'vitest';
import { mapBounded, withDeadline } from './bounded.ts';

const signal = new AbortController().signal;
const turn = () => new Promise(resolve => setImmediate(resolve));
const items = Array.from({ length: 10 }, (_, index) => index);

test('at most four pieces of work are under way, and the results keep their order', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    for (let turns = 10 - item; turns > 0; turns--) await turn();
    running--;
    return item * 2;
  };
  expect(await mapBounded(items, work, signal)).toEqual(items.map(item => item * 2));
  expect(most).toBe(4);
});

test('the first failure stops the rest and is thrown when they have ended', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failure = new Error('the second');
  const work = async (item: number, linked: AbortSignal) => {
    begun.push(item);
    try {
      if (item === 1) throw failure;
      while (!linked.aborted) await turn();
      throw linked.reason;
    } finally {
      ended.push(item);
    }
  };
  await expect(mapBounded(items, work, signal)).rejects.toBe(failure);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(ended.sort()).toEqual(begun);
});

test('a stop reaches the work, and nothing is begun after it', async () => {
  const stop = new AbortController();
  const reason = new Error('stopping');
  const work = async (item: number, linked: AbortSignal) => {
    if (item === 2) stop.abort(reason);
    await turn();
    linked.throwIfAborted();
  };
  await expect(mapBounded(items, work, stop.signal)).rejects.toBe(reason);
  await expect(mapBounded([], work, stop.signal)).rejects.toBe(reason);
});

test('nothing to do is done', async () => {
  expect(await mapBounded([], () => Promise.reject(new Error('never')), signal)).toEqual([]);
});

test('work within its time gives its result, or its own error', async () => {
  const deadline = { ms: 60_000, late: () => new Error('late') };
  expect(await withDeadline(() => Promise.resolve(7), deadline, signal)).toBe(7);
  const own = new Error('its own');
  await expect(withDeadline(() => Promise.reject(own), deadline, signal)).rejects.toBe(own);
});

test('work beyond its time ends with the error for that', async () => {
  const late = new Error('late');
  const never = (linked: AbortSignal) =>
    new Promise((_, reject) => linked.addEventListener('abort', () => reject(new Error('aborted'))));
  await expect(withDeadline(never, { ms: 5, late: () => late }, signal)).rejects.toBe(late);
});
