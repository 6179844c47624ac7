import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Binaries, locateBinaries, makeRunnable } from './binaries.ts';
import { type Layout, layoutOf } from './layout.ts';
import { prepareFolders } from './ownership.ts';
import type { RunAs } from './run-to-end.ts';

let base: string;
let layout: Layout;
let as: RunAs;
let installed: Binaries;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'embedded-binaries-'));
  await chmod(base, 0o711);
  layout = layoutOf(join(base, 'data'), 18);
  const located = await locateBinaries();
  if (!located.ok) throw new Error(located.fault);
  installed = located.value;
  const folders = await prepareFolders(layout);
  if (!folders.ok) throw new Error(folders.fault);
  as = folders.value.as;
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe('the binaries that npm installed', () => {
  test('are found by their package and say their major version', () => {
    expect(installed.major).toBe(18);
    expect(installed.version).toMatch(/^18\./);
  });

  test('say in words why they do not run', async () => {
    const folder = join(base, 'broken');
    await mkdir(join(folder, 'bin'), { recursive: true });
    await cp(join(installed.folder, 'pg-symlinks.json'), join(folder, 'pg-symlinks.json'));
    const script = '#!/bin/sh\necho "error while loading shared libraries: libssl" >&2\nexit 127\n';
    await writeFile(join(folder, 'bin', 'postgres'), script, { mode: 0o755 });
    const result = await makeRunnable({ ...installed, folder }, layout, { as });
    if (result.ok) throw new Error('it runs');
    expect(result.fault).toContain('shared libraries: libssl');
    expect(result.fault).toContain('DATABASE_URL');
  });
});

describe.runIf(process.geteuid?.() === 0)('a checkout closed to the user who runs PostgreSQL', () => {
  test('is run from a copy that everyone can read and only root can write, made once and again when torn', async () => {
    const closed = await mkdtemp(join(base, 'closed-'));
    const shelf = join(base, 'shelf');
    const folder = join(closed, 'native');
    await cp(installed.folder, folder, { recursive: true });
    const first = await makeRunnable({ ...installed, folder }, layout, { as, shelf });
    if (!first.ok) throw new Error(first.fault);
    const copy = first.value.folder;
    expect(copy.startsWith(shelf)).toBe(true);
    const program = join(copy, 'bin', 'postgres');
    const made = await stat(program);
    expect([made.mode & 0o777, made.uid]).toEqual([0o755, 0]);
    expect((await readdir(join(copy, 'lib'))).filter(name => name.endsWith('.a'))).toEqual([]);

    expect(await makeRunnable({ ...installed, folder }, layout, { as, shelf })).toEqual(first);
    expect((await stat(program)).ino).toBe(made.ino);

    await truncate(program, 0);
    expect(await makeRunnable({ ...installed, folder }, layout, { as, shelf })).toEqual(first);
    expect((await stat(program)).size).toBe(made.size);
  });
});
