import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExportPlaces } from './export-places.ts';

const soon = { timeout: 20_000, interval: 10 };

let server: Server;
let places: ExportPlaces;
/** What becomes of each answer that has a place. */
let outs: ServerResponse[];

beforeEach(async () => {
  outs = [];
  places = new ExportPlaces();
  server = createServer((asked, out) => {
    if (!places.take(Number(asked.url?.slice(1)), out)) return void out.writeHead(429).end();
    outs.push(out);
    Readable.from(endless()).pipe(out);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

/** In the end more than any buffer between here and the reader holds; with pauses, in which the readers come to read. */
async function* endless(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(128 * 1024);
    await sleep(10);
  }
}

type Reader = { status: number; socket: Socket; pause(): void };

function ask(userId: number): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const asked = request({ host: '127.0.0.1', port, path: `/${userId}`, agent: false }, answer => {
      answer.on('error', () => undefined);
      answer.resume();
      resolve({
        status: answer.statusCode ?? 0,
        socket: answer.socket,
        pause: () => void answer.pause(),
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

const statusOf = async (userId: number) => (await ask(userId)).status;

describe('places of exports', () => {
  test('are two for an account and eight for all', async () => {
    for (const userId of [1, 1]) expect(await statusOf(userId)).toBe(200);
    expect(await statusOf(1)).toBe(429);
    for (const userId of [2, 2, 3, 3, 4, 4]) expect(await statusOf(userId)).toBe(200);
    expect(await statusOf(5)).toBe(429);
  });

  test('are free again when the reader leaves', async () => {
    const [first] = [await ask(1), await ask(1)];
    first?.socket.destroy();
    await vi.waitUntil(() => outs[0]?.closed, soon);
    expect([await statusOf(1), await statusOf(1)]).toEqual([200, 429]);
  });

  test('are free again when the reader has taken nothing for a while, and kept while it reads', async () => {
    places = new ExportPlaces({ patience: 1000 });
    const [stalled] = [await ask(1), await ask(1)];
    stalled?.pause();
    await vi.waitUntil(() => outs[0]?.closed, soon);
    expect(outs[1]?.closed).toBe(false);
    expect([await statusOf(1), await statusOf(1)]).toEqual([200, 429]);
  });
});
