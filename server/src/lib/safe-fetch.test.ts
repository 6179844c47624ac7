// What answers do to the caller: raw sockets on loopback play every kind of shop, from correct to hostile.
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseCidrs } from './address-guard.ts';
import { SafeFetch, type SafeFetchOptions } from './safe-fetch.ts';

const cert = readFileSync(new URL('fixtures/tls-test-only.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('fixtures/tls-test-only.key.pem', import.meta.url), 'utf8');
const request = { headers: { 'content-type': 'application/json' }, body: '{"event":"paid"}' };
const longMs = 30_000; // where the limit is not the subject, it must not strike on a slow machine
const shortMs = 1000; // enough to connect and read a first byte even on a slow machine

type Shop = { url: string; port: number; requests: string[]; connections: Socket[] };
const servers: Server[] = [];
const fetchers: SafeFetch[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(fetchers.splice(0).map(fetcher => fetcher.close()));
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Calls `answer` for every whole request that arrives. */
async function shop(answer: (socket: Socket, count: number) => void, tls = false): Promise<Shop> {
  const made: Shop = { url: '', port: 0, requests: [], connections: [] };
  const accept = (socket: Socket) => {
    made.connections.push(socket);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', chunk => {
      text += chunk;
      if (!text.endsWith(request.body)) return;
      made.requests.push(text);
      text = '';
      answer(socket, made.requests.length);
    });
  };
  for (;;) {
    const server = tls ? createTlsServer({ cert, key }, accept) : createServer(accept);
    server.on('tlsClientError', () => {});
    made.port = 10_000 + Math.floor(Math.random() * 22_000);
    const bound = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(made.port, '127.0.0.1', () => resolve(true));
    });
    if (!bound) continue;
    servers.push(server);
    made.url = `http${tls ? 's' : ''}://127.0.0.1:${made.port}/hook?a=b`;
    return made;
  }
}

function open(options: Partial<SafeFetchOptions> = {}): SafeFetch {
  const allow = parseCidrs(['127.0.0.0/8']);
  if (!allow.ok) throw new Error(allow.fault);
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  const fetcher = new SafeFetch({ allow: allow.value, timeoutMs: longMs, lookup, ...options });
  fetchers.push(fetcher);
  return fetcher;
}

const reply = (status: string, body: string | Buffer, ...headers: string[]) =>
  Buffer.concat([
    Buffer.from([`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`, '', ''].join('\r\n')),
    Buffer.from(body),
  ]);
const closed = (socket: Socket | undefined) =>
  expect.poll(() => socket?.closed, { timeout: longMs }).toBe(true);
const error = (faultClass: string) => ({ kind: 'error', class: faultClass, message: expect.any(String) });

describe('an answer', () => {
  it.each([200, 201, 301, 404, 500])('of status %i is a response with that status', async status => {
    const made = await shop(socket => socket.write(reply(`${status} X`, 'ok', 'Location: http://10.0.0.1/')));
    expect(await open().post(made.url, request)).toMatchObject({ kind: 'response', status, body: 'ok' });
    expect(made.requests).toHaveLength(1);
  });

  it('of status 204 has an empty body', async () => {
    const made = await shop(socket => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    expect(await open().post(made.url, request)).toEqual({
      kind: 'response',
      status: 204,
      headers: [],
      body: '',
      truncated: false,
    });
  });

  it('carries its headers as sent, and the request carried ours', async () => {
    const made = await shop(s =>
      s.write(reply('200 OK', 'é', 'X-Shop: A', 'set-cookie: a', 'Set-Cookie: b')),
    );
    expect(await open().post(made.url, { ...request, headers: { signature: 'abc' } })).toMatchObject({
      headers: [
        ['X-Shop', 'A'],
        ['set-cookie', 'a'],
        ['Set-Cookie', 'b'],
        ['Content-Length', '1'],
      ],
    });
    expect(made.requests[0]).toMatch(/^POST \/hook\?a=b HTTP\/1\.1\r\n/);
    expect(made.requests[0]).toContain('signature: abc\r\n');
    expect(made.requests[0]).toContain('accept-encoding: identity\r\n');
    expect(made.requests[0]).toContain(`host: 127.0.0.1:${made.port}\r\n`);
  });

  it('of exactly 5000 characters is whole, one more is cut off, and a pair is not cut in two', async () => {
    const bodies = ['é'.repeat(5000), 'é'.repeat(5001), `${'a'.repeat(4999)}😀`];
    const made = await shop((s, count) => s.write(reply('200 OK', Buffer.from(bodies[count - 1]!))));
    const fetcher = open();
    const ends = [];
    for (const _ of bodies) ends.push(await fetcher.post(made.url, request));
    expect(ends).toMatchObject([
      { body: 'é'.repeat(5000), truncated: false },
      { body: 'é'.repeat(5000), truncated: true },
      { body: 'a'.repeat(4999), truncated: true },
    ]);
  });

  it('that is not UTF-8 or holds zero bytes becomes text a database can keep', async () => {
    const made = await shop(s => s.write(reply('200 OK', Buffer.from([0x61, 0xff, 0x00, 0x62, 0xe2, 0x82]))));
    const body = 'a\uFFFD\uFFFDb\uFFFD';
    expect(await open().post(made.url, request)).toMatchObject({ body, truncated: false });
  });

  it('that is compressed is kept as it came', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const made = await shop(s => s.write(reply('200 OK', bomb, 'Content-Encoding: gzip')));
    const outcome = await open().post(made.url, request);
    expect(outcome).toMatchObject({
      status: 200,
      truncated: true,
      body: expect.stringContaining('\u001f\uFFFD'),
    });
  });

  it('that breaks off halfway still counts by its status', async () => {
    const made = await shop(s => s.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    const outcome = await open().post(made.url, request);
    expect(outcome).toMatchObject({ kind: 'response', status: 200, body: 'half', truncated: true });
  });
});

describe('a hostile answer', () => {
  it('of 50 MB is read to 5000 characters, then the socket is destroyed', async () => {
    let written = 0;
    const made = await shop(socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n');
      const more = () => {
        while (written < 50_000_000 && !socket.destroyed) {
          written += 65_536;
          if (!socket.write('x'.repeat(65_536))) return;
        }
      };
      socket.on('drain', more);
      more();
    });
    const outcome = await open().post(made.url, request);
    expect(outcome).toMatchObject({ status: 200, body: 'x'.repeat(5000), truncated: true });
    await closed(made.connections[0]);
    expect(written).toBeLessThan(25_000_000); // what kernel buffers on both ends may swallow is far below
  });

  it('that drips its body ends at the time limit with what came', async () => {
    const made = await shop(socket => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nfirst');
      const timer = setInterval(() => socket.write('.'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const outcome = await open({ timeoutMs: shortMs }).post(made.url, request);
    expect(outcome).toMatchObject({ status: 200, truncated: true, body: expect.stringMatching(/^first/) });
    await closed(made.connections[0]);
  });

  it.each([
    ['drips its headers', 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'],
    ['sends interim answers for ever', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['never answers', '', ''],
  ])('that %s is a timeout', async (_, start, drip) => {
    const made = await shop(socket => {
      socket.write(start);
      const timer = setInterval(() => socket.write(drip), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await open({ timeoutMs: shortMs }).post(made.url, request)).toEqual(error('timeout'));
    await closed(made.connections[0]);
  });

  it('with 1 MB of headers is refused', async () => {
    const made = await shop(s => s.write(reply('200 OK', 'ok', `X-Big: ${'h'.repeat(1_000_000)}`)));
    expect(await open().post(made.url, request)).toEqual(error('too-large-headers'));
    await closed(made.connections[0]);
  });

  it.each([
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  ])('that is not an answer to a POST is a protocol error: %j', async text => {
    const made = await shop(socket => socket.write(text));
    expect(await open().post(made.url, request)).toEqual(error('protocol'));
  });

  it.each(['', 'HTTP/1.1 200 OK\r\nX-Shop: '])('that ends or resets after %j is a reset', async text => {
    for (const end of ['end', 'resetAndDestroy'] as const) {
      const made = await shop(socket => socket.write(text, () => socket[end]()));
      expect(await open().post(made.url, request)).toEqual(error('reset'));
    }
  });

  it('with header names of JavaScript objects is an ordinary answer', async () => {
    const made = await shop(s => s.write(reply('200 OK', 'ok', '__proto__: x', 'constructor: y')));
    const headers = [['__proto__', 'x'], ['constructor', 'y'], expect.anything()];
    expect(await open().post(made.url, request)).toMatchObject({ status: 200, headers });
  });
});

describe('TLS', () => {
  it('with a self-signed certificate is refused, and no request is sent', async () => {
    const made = await shop(() => {}, true);
    const refused = { kind: 'error', class: 'tls', message: 'The TLS certificate is self-signed.' };
    expect(await open().post(made.url, request)).toEqual(refused);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await open().post(made.url, request)).toEqual(refused);
    expect(made.requests).toEqual([]);
  });

  it('with a trusted certificate works for the name in it, also with a final dot, and for no other', async () => {
    const made = await shop(s => s.write(reply('200 OK', 'ok')), true);
    const fetcher = open({ ca: cert });
    const at = (host: string) => fetcher.post(made.url.replace('127.0.0.1', host), request);
    expect(await at('shop.test')).toMatchObject({ status: 200 });
    expect(await at('shop.test.')).toMatchObject({ status: 200 });
    const otherName = { ...error('tls'), message: 'The TLS certificate is for another host name.' };
    expect(await at('other.test')).toEqual(otherName);
    expect(await at('127.0.0.1')).toEqual(otherName);
    expect(made.requests).toHaveLength(2);
    const named = made.connections.map(socket => (socket as Socket & { servername?: string }).servername);
    expect(named.slice(0, 2)).toEqual(['shop.test', 'shop.test']);
  });

  it('to a server that speaks plain HTTP, or falls silent in the handshake, is an error of its kind', async () => {
    const plain = await shop(() => {});
    const url = plain.url.replace('http:', 'https:');
    expect(await open({ timeoutMs: shortMs }).post(url, request)).toEqual(error('timeout'));
    plain.connections.length = 0;
    servers[0]!.on('connection', socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await open().post(url, request)).toEqual(error('tls'));
  });
});

describe('no connection', () => {
  it('because the port is closed', async () => {
    const made = await shop(() => {});
    await new Promise(resolve => servers[0]!.close(resolve));
    expect(await open().post(made.url, request)).toEqual(error('connect'));
  });

  it('because the name does not exist, has no address, or its DNS fails', async () => {
    const missing = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    const failing = Object.assign(new Error('x'), { code: 'ESERVFAIL' });
    const lookups = [() => Promise.reject(missing), async () => [], () => Promise.reject(failing)];
    for (const lookup of lookups) {
      expect(await open({ lookup }).post('http://shop.test/', request)).toEqual(error('dns'));
    }
  });

  it('because the resolver hangs: a timeout, an abort or close() ends the wait', async () => {
    const lookup = () => new Promise<never>(() => {});
    const url = 'http://shop.test/';
    expect(await open({ lookup, timeoutMs: shortMs }).post(url, request)).toEqual(error('timeout'));
    const stop = new AbortController();
    const fetcher = open({ lookup });
    const waiting = [fetcher.post(url, request, stop.signal), fetcher.post(url, request)];
    stop.abort();
    expect(await waiting[0]).toEqual(error('aborted'));
    await fetcher.close();
    expect(await waiting[1]).toEqual(error('aborted'));
  });
});
