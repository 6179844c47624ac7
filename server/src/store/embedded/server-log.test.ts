import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerLog } from './server-log.ts';

let dir: string;
const FIVE_MB = 'a line of the server\n'.repeat(250_000);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'server-log-'));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe("the server's log", () => {
  test('is moved aside when it is too long at the start', async () => {
    const path = join(dir, 'old.log');
    await writeFile(path, FIVE_MB);
    const log = await ServerLog.open(path, undefined);
    expect(await log.end()).toBe(0);
    expect((await stat(`${path}.1`)).size).toBe(FIVE_MB.length);
    await log.close();
  });

  test('is cut short while the server writes to it, and what follows is kept', async () => {
    const path = join(dir, 'long.log');
    const log = await ServerLog.open(path, undefined);
    await appendFile(path, FIVE_MB);
    await log.bound();
    await appendFile(path, 'after\n');
    expect(await readFile(path, 'utf8')).toBe('after\n');
    await log.close();
  });

  test('tells what was written since a place in it, also after it was cut short', async () => {
    const path = join(dir, 'since.log');
    await writeFile(path, 'before\n');
    const log = await ServerLog.open(path, undefined);
    const from = await log.end();
    await appendFile(path, 'FATAL\n');
    expect(await log.since(from)).toBe('FATAL\n');
    expect(await log.since(from + 1000)).toBe('before\nFATAL\n');
    await log.close();
  });
});
