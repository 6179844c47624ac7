/**
 * Group commit: whatever is asked while a run is under way goes into the next one, so that many callers share one
 * transaction and one flush to disk. An idle group adds no waiting.
 */
export type Group<Item, Answer> = (item: Item) => Promise<Answer>;

export type GroupOptions = {
  max: number;
  runs: number;
  limit: number;
  isolate: (error: unknown) => boolean;
};

type Waiting<Item, Answer> = {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * `run` takes 1 to `max` items and answers one value for each, in order. When a run of several fails with an error that
 * `isolate` says may come from one item, each is run again alone, so that a bad one cannot fail its neighbours. At most
 * `runs` are under way at once and at most `limit` items wait; beyond that the call fails with `Overloaded`.
 */
export function group<Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
  { max, runs, limit, isolate }: GroupOptions,
): Group<Item, Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let active = 0;

  const start = () => {
    while (active < runs && waiting.length > 0) {
      active++;
      void settle(run, waiting.splice(0, max), isolate).finally(() => {
        active--;
        start();
      });
    }
  };

  return item =>
    new Promise((resolve, reject) => {
      if (waiting.length >= limit) return reject(new Overloaded());
      waiting.push({ item, resolve, reject });
      start();
    });
}

/** More was asked at once than may wait. */
export class Overloaded extends Error {
  override name = 'Overloaded';
  constructor(message = 'too many requests are waiting') {
    super(message);
  }
}

async function settle<Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
  batch: Waiting<Item, Answer>[],
  isolate: (error: unknown) => boolean,
): Promise<void> {
  try {
    const answers = await run(batch.map(({ item }) => item));
    if (answers.length !== batch.length) throw new Error('a grouped run answered another number of items');
    answers.forEach((answer, index) => {
      batch[index]?.resolve(answer);
    });
  } catch (error) {
    if (batch.length === 1 || !isolate(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const single of batch) await settle(run, [single], isolate);
  }
}
