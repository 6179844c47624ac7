// The guard against requests to this server's own network: sinks on loopback count connections, which must stay at zero.
import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseCidrs } from './address-guard.ts';
import { SafeFetch } from './safe-fetch.ts';

const sinkHosts = ['127.0.0.1', '127.0.0.2'] as const;
type SinkHost = (typeof sinkHosts)[number];
let port = 0;
let sinks: Server[] = [];
const connections = new Map<SinkHost, number>();
const opened: SafeFetch[] = [];

function bind(server: Server, host: string, at: number): Promise<boolean> {
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen(at, host, () => resolve(true));
  });
}

function sink(host: SinkHost): Server {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.2:${port}/` });
    response.end(host);
  });
  server.on('connection', () => connections.set(host, (connections.get(host) ?? 0) + 1));
  return server;
}

/** Both sinks share one port, as a rebinding name cannot change the port of a URL. */
beforeAll(async () => {
  for (;;) {
    port = 10_000 + Math.floor(Math.random() * 22_000);
    sinks = sinkHosts.map(sink);
    const bound = await Promise.all(sinkHosts.map((host, i) => bind(sinks[i]!, host, port)));
    if (bound.every(Boolean)) return;
    for (const server of sinks) server.close();
  }
});

beforeEach(() => connections.clear());
afterEach(() => Promise.all(opened.splice(0).map(fetcher => fetcher.close())));
afterAll(() => {
  for (const server of sinks) server.close();
});

const addresses = (...list: string[]): LookupAddress[] =>
  list.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));

function open(allow: string[], lookup: (name: string) => Promise<LookupAddress[]>): SafeFetch {
  const networks = parseCidrs(allow);
  if (!networks.ok) throw new Error(networks.fault);
  const fetcher = new SafeFetch({ allow: networks.value, lookup, timeoutMs: 20_000 });
  opened.push(fetcher);
  return fetcher;
}

const noLookup = () => Promise.reject(new Error('nothing here should be looked up'));
const request = { headers: { 'content-type': 'application/json' }, body: '{}' };
const blocked = { kind: 'error', class: 'blocked', message: expect.any(String) };

describe('literal hosts', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://[fd00::1]:PORT/',
    'http://[fe80::1%25eth0]:PORT/',
    'http://169.254.169.254:PORT/',
    'http://100.64.0.1:PORT/',
    'http://224.0.0.1:PORT/',
    'http://240.0.0.1:PORT/',
    'http://198.18.0.1:PORT/',
    'http://192.0.2.1:PORT/',
    'http://localhost:PORT/',
    'http://localhost.:PORT/',
    'http://shop.localhost:PORT/',
    'http://a@127.0.0.1:PORT/',
    'http://[example.com]:PORT/',
    'https://127.0.0.1:PORT/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:PORT/',
    'not a url',
  ])('%s is blocked and nothing is connected to', async url => {
    const fetcher = open([], noLookup);
    expect(await fetcher.post(url.replace('PORT', String(port)), request)).toEqual(blocked);
    expect(connections.size).toBe(0);
  });

  it.each(['127.0.0.1', '127.1', 'localhost', 'shop.localhost.', '[::ffff:127.0.0.1]'])(
    '%s is reached when the operator allows it, without a lookup',
    async host => {
      const fetcher = open(['127.0.0.1/32'], noLookup);
      const outcome = await fetcher.post(`http://${host}:${port}/`, request);
      expect(outcome).toMatchObject({ kind: 'response', status: 200, body: '127.0.0.1' });
    },
  );
});

describe('names', () => {
  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fe80::1%lo',
    'fd00::1',
    '127.1',
    'localhost',
  ])(
    'a name that answers %s is blocked at connect, and the message does not tell the address',
    async address => {
      const fetcher = open([], async () => addresses(address));
      const outcome = await fetcher.post(`http://shop.test:${port}/`, request);
      expect(outcome).toEqual(blocked);
      expect(JSON.stringify(outcome)).not.toContain(address);
      expect(connections.size).toBe(0);
    },
  );

  it('a name that answers first a good and then an internal address is resolved once for each socket', async () => {
    const asked: string[] = [];
    const fetcher = open(['127.0.0.1/32'], async name => {
      asked.push(name);
      return addresses(asked.length === 1 ? '127.0.0.1' : '127.0.0.2');
    });
    const url = `http://rebind.test:${port}/`;
    expect(await fetcher.post(url, request)).toMatchObject({ status: 200, body: '127.0.0.1' });
    expect(asked).toEqual(['rebind.test']);
    // Two at once: at least one of them needs a second socket, whose lookup turns to the internal address.
    const outcomes = await Promise.all([fetcher.post(url, request), fetcher.post(url, request)]);
    expect(outcomes).toContainEqual(blocked);
    expect(asked.length).toBeGreaterThan(1);
    expect(connections).toEqual(new Map([['127.0.0.1', 1]]));
  });

  it('uses only the good addresses of a mixed answer', async () => {
    const fetcher = open(['127.0.0.1/32'], async () =>
      addresses('127.0.0.2', '::1', '127.0.0.1', '10.0.0.1'),
    );
    const outcome = await fetcher.post(`http://mixed.test:${port}/`, request);
    expect(outcome).toMatchObject({ status: 200, body: '127.0.0.1' });
    expect(connections).toEqual(new Map([['127.0.0.1', 1]]));
  });

  it('goes on to the next good address when the first refuses', async () => {
    const fetcher = open(['127.0.0.0/8'], async () => addresses('127.0.0.3', '127.0.0.2'));
    const outcome = await fetcher.post(`http://two.test:${port}/`, request);
    expect(outcome).toMatchObject({ status: 200, body: '127.0.0.2' });
  });

  it('knocks at eight addresses of a name at most', async () => {
    const closed = Array.from({ length: 8 }, (_, n) => `127.0.0.${n + 3}`);
    const fetcher = open(['127.0.0.0/8'], async () => addresses(...closed, '127.0.0.2'));
    const outcome = await fetcher.post(`http://many.test:${port}/`, request);
    expect(outcome).toMatchObject({ kind: 'error', class: 'connect' });
    expect(connections.size).toBe(0);
  });

  it('a redirect to an internal address is an answer and is not followed', async () => {
    const fetcher = open(['127.0.0.1/32'], noLookup);
    const outcome = await fetcher.post(`http://127.0.0.1:${port}/away`, request);
    expect(outcome).toMatchObject({ kind: 'response', status: 302 });
    expect(connections).toEqual(new Map([['127.0.0.1', 1]]));
  });

  it('ignores proxy variables of the environment', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map(name => process.env[name]);
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : `http://127.0.0.2:${port}`;
    try {
      const fetcher = open(['127.0.0.1/32'], noLookup);
      expect(await fetcher.post(`http://127.0.0.1:${port}/`, request)).toMatchObject({ status: 200 });
      expect(connections).toEqual(new Map([['127.0.0.1', 1]]));
    } finally {
      names.forEach((name, i) => {
        if (before[i] === undefined) delete process.env[name];
        else process.env[name] = before[i];
      });
    }
  });
});
