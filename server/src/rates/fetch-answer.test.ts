import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fetchAnswer } from './fetch-answer.ts';

let server: Server | null = null;

afterEach(async () => {
  const open = server;
  server = null;
  open?.closeAllConnections();
  await new Promise(resolve => (open ? open.close(resolve) : resolve(null)));
});

async function serve(listener: RequestListener): Promise<string> {
  const opened = createServer(listener);
  server = opened;
  await new Promise<void>(resolve => opened.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
}

const get = (url: string, signal = new AbortController().signal) =>
  fetchAnswer({ url, headers: { 'x-key': 'a secret' } }, signal);

describe('fetching an answer', () => {
  test('gives the bytes, and sends the headers', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers['x-key'], request.headers['accept-encoding']);
      response.end(Buffer.from([0, 255, 1]));
    });
    const answer = await get(url);
    expect(answer.ok && [...answer.value]).toEqual([0, 255, 1]);
    expect(seen).toEqual(['a secret', 'identity']);
  });

  test.each([301, 302, 307])('goes nowhere else with status %i', async status => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked++;
      response.writeHead(status, { location: `http://${request.headers.host}/elsewhere` }).end('{}');
    });
    expect(await get(url)).toEqual({ ok: false, fault: `it answered with status ${status}` });
    expect(asked).toBe(1);
  });

  test.each([204, 403, 429, 500])('takes no rates from status %i', async status => {
    const url = await serve((_request, response) => response.writeHead(status).end());
    expect(await get(url)).toEqual({ ok: false, fault: `it answered with status ${status}` });
  });

  test('stops reading a body without end', async () => {
    let tellClosed = () => {};
    const closed = new Promise<void>(resolve => {
      tellClosed = resolve;
    });
    const url = await serve((_request, response) => {
      response.on('close', () => tellClosed());
      const piece = Buffer.alloc(64 * 1024, 0x20);
      const push = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', push);
      push();
    });
    expect(await get(url)).toMatchObject({ ok: false, fault: expect.stringMatching(/larger than/) });
    await closed;
  });

  test('takes no body that breaks off before its announced end', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":', () => response.destroy());
    });
    expect(await get(url)).toMatchObject({ ok: false });
  });

  test('takes no encoding that it did not ask for', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    expect(await get(url)).toMatchObject({ ok: false, fault: expect.stringMatching(/encoding/) });
  });

  test('says in a word when nobody is there, without the URL or the key', async () => {
    const url = await serve(() => undefined);
    server?.closeAllConnections();
    await new Promise(resolve => server?.close(resolve));
    server = null;
    const answer = await get(url);
    expect(answer).toEqual({ ok: false, fault: 'it cannot be reached (ECONNREFUSED)' });
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error('stopping')));
    await expect(get(url, stop.signal)).rejects.toThrow('stopping');
    await expect(get(url, stop.signal)).rejects.toThrow('stopping');
  });
});
