/** The process of a lane: runs each seed it is told and answers what came of it, until nobody is there to tell it more. */
import { once } from 'node:events';
import type { HistoryResult } from './history.ts';
import { type Lane, openLane, type ToLane } from './lane.ts';
import { keepToProcessor } from './one-processor.ts';
import { connectTo } from './throw-away.ts';

let lane: Promise<Lane> | undefined;
const gone = once(process, 'disconnect');

process.on('message', async (message: ToLane) => {
  if ('dir' in message) lane = open(message.dir, message.own);
  else process.send?.(briefly(await (await lane)?.run(message.seed)));
});

/** Nobody reads the trace of what went well, and telling it takes a twentieth of the time. */
function briefly(result: HistoryResult | undefined): HistoryResult | undefined {
  return result && result.violations.length === 0 ? { ...result, trace: [] } : result;
}

async function open(dir: string, own: number | null): Promise<Lane> {
  if (own !== null) await keepToProcessor(own);
  const server = await connectTo(dir);
  const opened = await openLane(server.connection);
  const close = async () => {
    await opened.close();
    await server.close();
  };
  return { ...opened, close };
}

await gone;
await (await lane)?.close();
