/**
 * The browsers of the bench of streams, in a process of their own: each page is watched over one connection, by a stream
 * or by asking every four seconds. Input: one line of JSON. Output: a line once all have their first answer.
 */
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

type Order = { port: number; pageIds: string[]; kind: 'stream' | 'poll' };

const EVERY = 4000;
const order = JSON.parse(await firstLine()) as Order;

await Promise.all(order.pageIds.map(order.kind === 'stream' ? watch : poll));
process.stdout.write('ready\n');

async function firstLine(): Promise<string> {
  let read = '';
  for await (const chunk of process.stdin) {
    read += chunk;
    if (read.includes('\n')) break;
  }
  return read;
}

function ask(path: string, agent: Agent, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: order.port, path, agent, headers }, resolve).on('error', reject);
  });
}

async function watch(pageId: string): Promise<void> {
  const answer = await ask(`/payment/${pageId}/events`, new Agent());
  answer.resume();
  if (answer.statusCode !== 200) throw new Error(`no stream: ${answer.statusCode}`);
}

async function poll(pageId: string, index: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let tag = '';
  const look = async () => {
    const answer = await ask(`/payment/${pageId}/main`, agent, tag ? { 'if-none-match': tag } : {});
    await text(answer);
    tag = answer.headers.etag ?? '';
  };
  await look();
  // Spread evenly, as payers who came at different times are.
  setTimeout(
    () => {
      void look();
      setInterval(() => void look(), EVERY);
    },
    (EVERY * index) / order.pageIds.length,
  );
}
