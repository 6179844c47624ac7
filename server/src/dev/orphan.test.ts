import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anvilBinary } from './anvil-binary.ts';
import { freePort } from './free-port.ts';
import { anvilsIn, endOrphans } from './orphan.ts';
import { rpcNumber } from './rpc.ts';

let root: string;
const children: ChildProcess[] = [];
const killAll = () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
};
process.on('exit', killAll);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'orphan-'));
});
afterEach(async () => {
  killAll();
  await rm(root, { recursive: true, force: true });
});

async function startIn(folder: string, command: string, args: string[]): Promise<ChildProcess> {
  await mkdir(folder, { recursive: true });
  const child = spawn(command, args, { cwd: folder, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child;
}

async function anvilIn(folder: string): Promise<ChildProcess> {
  const port = await freePort('127.0.0.1', 10_000 + Math.floor(Math.random() * 22_000));
  const child = await startIn(folder, anvilBinary(), [
    '--port',
    String(port),
    '--quiet',
    '--cache-path',
    folder,
  ]);
  await expect
    .poll(() => rpcNumber(`http://127.0.0.1:${port}`, 'eth_chainId').catch(() => null), { timeout: 30_000 })
    .toBe(31337);
  return child;
}

test('an anvil left behind in the folder is ended, others are left alone', async () => {
  const left = await anvilIn(join(root, 'a'));
  const elsewhere = await anvilIn(join(root, 'b'));
  const other = await startIn(join(root, 'a'), 'sleep', ['600']);
  expect(await anvilsIn(join(root, 'a'))).toEqual([left.pid]);
  const exit = once(left, 'exit');
  expect(await endOrphans(join(root, 'a'))).toBe(1);
  await exit;
  expect(await anvilsIn(join(root, 'a'))).toEqual([]);
  expect(await anvilsIn(join(root, 'b'))).toEqual([elsewhere.pid]);
  expect(other.exitCode).toBeNull();
  expect(other.signalCode).toBeNull();
});
