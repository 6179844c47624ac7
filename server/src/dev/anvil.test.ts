import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAnvil } from './anvil.ts';
import { freePort } from './free-port.ts';
import { anvilsIn } from './orphan.ts';

const host = '127.0.0.1';
let dir: string;
let port: number;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anvil-'));
  port = await freePort(host, 10_000 + Math.floor(Math.random() * 22_000));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (more: { loadState?: string } = {}) =>
  startAnvil({ dir, host, port, chainId: 31337, genesisTime: 1_700_000_000, ...more });

test('a port that somebody else has is told from an anvil that does not work', async () => {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  expect(await start()).toEqual({ ok: false, fault: { kind: 'port' } });
  server.close();
});

test('a state that anvil does not take is refused in its own words', async () => {
  const loadState = join(dir, 'state.json');
  await writeFile(loadState, '{');
  const started = await start({ loadState });
  expect(started).toMatchObject({ ok: false, fault: { kind: 'unusable' } });
  expect(JSON.stringify(started)).toContain('failed to parse json');
  expect(await anvilsIn(dir)).toEqual([]);
});

test('an anvil that ends by itself is noticed', async () => {
  const started = await start();
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  for (const pid of await anvilsIn(dir)) process.kill(pid, 'SIGKILL');
  await started.value.ended;
  await started.value.stop();
  expect(await anvilsIn(dir)).toEqual([]);
});
