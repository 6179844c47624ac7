// Which sockets are kept between requests, how many there may be, and what close() leaves behind: nothing.
import type { LookupAddress } from 'node:dns';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseCidrs } from './address-guard.ts';
import { SafeFetch, type SafeFetchOptions } from './safe-fetch.ts';

type Shop = { url: string; bodies: string[]; connections: Socket[]; waiting: ServerResponse[] };
const servers: Server[] = [];
const fetchers: SafeFetch[] = [];

afterEach(async () => {
  await Promise.all(fetchers.splice(0).map(fetcher => fetcher.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers at once, except on /wait: there the test answers through `waiting`. */
async function shop(host = '127.0.0.1'): Promise<Shop> {
  const made: Shop = { url: '', bodies: [], connections: [], waiting: [] };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    made.bodies.push(body);
    if (request.url === '/wait') made.waiting.push(response);
    else response.end('ok');
  });
  server.keepAliveTimeout = 60_000; // so that it is never the shop that closes
  server.on('connection', socket => made.connections.push(socket));
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const bound = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!bound) continue;
    servers.push(server);
    made.url = `http://${host}:${port}`;
    return made;
  }
}

function open(options: Partial<SafeFetchOptions> = {}): SafeFetch {
  const allow = parseCidrs(['127.0.0.0/8']);
  if (!allow.ok) throw new Error(allow.fault);
  const fetcher = new SafeFetch({ allow: allow.value, timeoutMs: 30_000, ...options });
  fetchers.push(fetcher);
  return fetcher;
}

const poll = { timeout: 30_000 };
const post = (fetcher: SafeFetch, url: string, body = '{}', signal?: AbortSignal) =>
  fetcher.post(url, { headers: {}, body }, signal);

describe('the pool', () => {
  it('uses sockets again', async () => {
    const made = await shop();
    const fetcher = open({ idleSocketMs: 600_000 });
    for (let i = 0; i < 20; i++) expect(await post(fetcher, made.url)).toMatchObject({ status: 200 });
    // More than one, as the next request may come a moment before undici counts the socket as free.
    expect(made.connections.length).toBeLessThan(10);
  });

  it('closes an idle socket by itself', async () => {
    const made = await shop();
    await post(open(), made.url);
    await expect.poll(() => made.connections[0]?.destroyed, poll).toBe(true);
  });

  it('opens no more sockets to an origin than allowed; the others wait their turn', async () => {
    const made = await shop();
    const fetcher = open({ maxConnectionsPerOrigin: 2 });
    const all = Promise.all(['a', 'b', 'c'].map(body => post(fetcher, `${made.url}/wait`, body)));
    await expect.poll(() => made.waiting.length, poll).toBe(2);
    made.waiting[0]!.end();
    await expect.poll(() => made.waiting.length, poll).toBe(3);
    for (const response of made.waiting) response.end();
    expect((await all).map(outcome => outcome.kind)).toEqual(['response', 'response', 'response']);
    expect(made.connections).toHaveLength(2);
  });

  it('gives up the origin used longest ago for a new one, but none that is in use', async () => {
    const shops = await Promise.all([shop(), shop(), shop(), shop()]);
    const [busy, old, recent, fresh] = shops.map(made => made.url);
    const fetcher = open({ maxOrigins: 3, idleSocketMs: 600_000 });
    const live = (index: number) => shops[index]!.connections.filter(socket => !socket.destroyed).length;
    const inUse = post(fetcher, `${busy}/wait`);
    await expect.poll(() => shops[0].waiting.length, poll).toBe(1);
    for (const url of [recent, old, recent, fresh])
      expect(await post(fetcher, url!)).toMatchObject({ status: 200 });
    await expect.poll(() => live(1), poll).toBe(0);
    expect([live(2) > 0, live(3)]).toEqual([true, 1]);
    shops[0].waiting[0]!.end('kept');
    expect(await inUse).toMatchObject({ body: 'kept' });
  });

  it('lets many requests share one stop signal without a warning', async () => {
    const made = await shop();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    const fetcher = open();
    await Promise.all(Array.from({ length: 20 }, () => post(fetcher, made.url, '{}', signal)));
    await new Promise(resolve => setImmediate(resolve)); // warnings are emitted on a later tick
    process.off('warning', note);
    expect(warnings).toEqual([]);
    expect(made.bodies).toHaveLength(20);
  });

  it('never sends a request late that has already ended', async () => {
    const made = await shop('shop.test');
    let answer = () => {};
    const gate = new Promise<void>(resolve => {
      answer = resolve;
    });
    const lookup = () => gate.then((): LookupAddress[] => [{ address: '127.0.0.1', family: 4 }]);
    const fetcher = open({ lookup, maxConnectionsPerOrigin: 1 });
    const stop = new AbortController();
    const dropped = post(fetcher, made.url, 'dropped', stop.signal);
    const kept = post(fetcher, made.url, 'kept');
    stop.abort();
    expect(await dropped).toMatchObject({ kind: 'error', class: 'aborted' });
    answer();
    expect(await kept).toMatchObject({ kind: 'response', status: 200 });
    expect(made.bodies).toEqual(['kept']);
  });
});

describe('a lookup that hangs', () => {
  it('gives its place free when the time is up', async () => {
    const made = await shop('shop.test');
    let asked = 0;
    const lookup = (): Promise<LookupAddress[]> => {
      asked += 1;
      return asked === 1 ? new Promise(() => {}) : Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    };
    const fetcher = open({ lookup, timeoutMs: 2000, maxConnectionsPerOrigin: 1 });
    expect(await post(fetcher, made.url)).toMatchObject({ kind: 'error', class: 'timeout' });
    expect(await post(fetcher, made.url)).toMatchObject({ kind: 'response', status: 200 });
  });
});

describe('close', () => {
  it('tells a lookup that is under way to stop', async () => {
    const signals: AbortSignal[] = [];
    const fetcher = open({
      lookup: (_, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    const waiting = post(fetcher, 'http://shop.test/');
    await expect.poll(() => signals.length, poll).toBe(1);
    await fetcher.close();
    expect(signals[0]?.aborted).toBe(true);
    expect(await waiting).toMatchObject({ kind: 'error', class: 'aborted' });
  });

  it('ends what is in flight as aborted and leaves no socket open', async () => {
    const made = await shop();
    const fetcher = open();
    const other = await shop();
    await post(fetcher, other.url);
    const inFlight = post(fetcher, `${made.url}/wait`);
    await expect.poll(() => made.waiting.length, poll).toBe(1);
    await fetcher.close();
    expect(await inFlight).toMatchObject({ kind: 'error', class: 'aborted' });
    await expect
      .poll(() => [...made.connections, ...other.connections].every(s => s.destroyed), poll)
      .toBe(true);
    expect(await post(fetcher, made.url)).toMatchObject({ kind: 'error', class: 'aborted' });
    expect(made.bodies).toHaveLength(1);
  });

  it('is no surprise to a caller that has stopped already, nor twice', async () => {
    const made = await shop();
    const fetcher = open();
    expect(await post(fetcher, made.url, '{}', AbortSignal.abort())).toMatchObject({ class: 'aborted' });
    await fetcher.close();
    await fetcher.close();
    expect(made.connections).toHaveLength(0);
  });
});

describe('a request that cannot be sent', () => {
  it('is a bug of the caller and throws', async () => {
    const made = await shop();
    const headers = { 'x-bad': 'a\r\nb: c' };
    await expect(open().post(made.url, { headers, body: '' })).rejects.toThrow(/header/);
  });
});
