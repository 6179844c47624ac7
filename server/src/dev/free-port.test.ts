import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';

const host = '127.0.0.1';
const somewhere = () => 10_000 + Math.floor(Math.random() * 22_000);

test('a free port is taken as it is, a busy one gives the next', async () => {
  const port = await freePort(host, somewhere());
  expect(await freePort(host, port)).toBe(port);
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  expect(await freePort(host, port)).toBeGreaterThan(port);
  server.close();
});

test('no port from 32768 on is ever given', async () => {
  await expect(freePort(host, 32_768)).rejects.toThrow('no free port');
});
