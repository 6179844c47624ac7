/** Runs many histories side by side, on one throw-away PostgreSQL. */
import type { HistoryResult } from './history.ts';
import { forkLane, openLane } from './lane.ts';
import { connectTo, startThrowAway } from './throw-away.ts';

export type RunOptions = {
  /** Seeds to run, in order. */
  seeds: Iterable<number>;
  lanes: number;
  /** Hears of each history as it ends. Answering false ends the run. */
  onHistory: (result: HistoryResult) => boolean;
  /** The folder of a throw-away PostgreSQL that runs already; without it one is started. */
  dir?: string;
  /** Whether each lane keeps to a processor of its own: faster, where nothing else runs. */
  alone?: boolean;
};

/** Runs the histories: a single lane in this process, several in one each. */
export async function runHistories({
  seeds,
  lanes,
  onHistory,
  dir,
  alone = false,
}: RunOptions): Promise<void> {
  const server = dir === undefined ? await startThrowAway() : await connectTo(dir);
  try {
    const source = seeds[Symbol.iterator]();
    let goOn = true;
    const work = async (_: unknown, index: number) => {
      const lane =
        lanes === 1 ? await openLane(server.connection) : forkLane(server.dir, alone ? index : null);
      try {
        for (let seed = source.next(); goOn && !seed.done; seed = source.next())
          goOn = onHistory(await lane.run(seed.value)) && goOn;
      } catch (error) {
        // The others end their history first: the server is theirs, too.
        goOn = false;
        throw error;
      } finally {
        await lane.close();
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: lanes }, work));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  } finally {
    await server.close();
  }
}
