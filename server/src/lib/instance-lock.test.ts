import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { acquireInstanceLock, type InstanceLock } from './instance-lock.ts';
import type { Result } from './result.ts';

let dir: string;
const held: InstanceLock[] = [];
const children: ChildProcess[] = [];

function keep(result: Result<InstanceLock>): Result<InstanceLock> {
  if (result.ok) held.push(result.value);
  return result;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'instance-lock-'));
});

afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('the one-instance lock', () => {
  test('is given to one and refused to the next in a sentence that names the folder', async () => {
    expect(keep(await acquireInstanceLock(dir)).ok).toBe(true);
    const second = keep(await acquireInstanceLock(dir));
    expect(second).toEqual({ ok: false, fault: expect.stringContaining(dir) });
  });

  test('is given to exactly one of twenty who ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => acquireInstanceLock(dir)));
    expect(all.map(keep).filter(result => result.ok)).toHaveLength(1);
  });

  test('belongs to the folder, not to the path it is named by', async () => {
    const alias = join(dir, 'alias');
    await symlink(dir, alias);
    keep(await acquireInstanceLock(dir));
    expect(keep(await acquireInstanceLock(alias)).ok).toBe(false);
  });

  test('can be taken again after a release, and a release may be repeated', async () => {
    const first = await acquireInstanceLock(dir);
    if (!first.ok) throw new Error(first.fault);
    await first.value.release();
    await first.value.release();
    expect(keep(await acquireInstanceLock(dir)).ok).toBe(true);
  });

  test('does not clash between two folders', async () => {
    expect(keep(await acquireInstanceLock(dir)).ok).toBe(true);
    expect(keep(await acquireInstanceLock(await mkdtemp(join(dir, 'other-')))).ok).toBe(true);
  });

  test('is free again once its owner is killed', async () => {
    const module = new URL('./instance-lock.ts', import.meta.url).href;
    const script = `const { acquireInstanceLock } = await import(${JSON.stringify(module)});
      console.log((await acquireInstanceLock(${JSON.stringify(dir)})).ok); setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const [line] = await once(createInterface({ input: child.stdout! }), 'line');
    expect(line).toBe('true');
    expect(keep(await acquireInstanceLock(dir)).ok).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(keep(await acquireInstanceLock(dir)).ok).toBe(true);
  });
});
