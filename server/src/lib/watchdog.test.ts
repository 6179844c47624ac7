import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already, as it should be.
    }
  }
});

const watchdog = new URL('./watchdog.ts', import.meta.url).href;

/** Starts a process that starts a sleeper and its watchdog, prints the sleeper's pid, then waits. */
async function ownerOf(
  sleeper: string,
  signals: string[],
  letGo = false,
): Promise<{ owner: ChildProcess; pid: number }> {
  const code = `
    import { spawn } from 'node:child_process';
    import { Watchdog } from ${JSON.stringify(watchdog)};
    const child = spawn('/bin/sh', ['-c', ${JSON.stringify(sleeper)}], { detached: true, stdio: 'ignore', cwd: '/' });
    const plan = { name: 'a sleeper', cwd: '/', signals: ${JSON.stringify(signals)}, graceSeconds: 1, log: () => {} };
    const watchdog = new Watchdog(plan);
    watchdog.guard(child.pid);
    if (${letGo}) await watchdog.close();
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(owner.pid!);
  const [line] = await once(owner.stdout!, 'data');
  const pid = Number(String(line).trim());
  started.push(pid);
  return { owner, pid };
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => alive(pid), { timeout: 20_000 }).toBe(false);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a child ends when the process group of its owner is killed with -9', async () => {
  const { owner, pid } = await ownerOf('exec sleep 600', ['INT', 'KILL']);
  expect(alive(pid)).toBe(true);
  process.kill(-owner.pid!, 'SIGKILL');
  await gone(pid);
});

test('a child that ignores the first signal gets the next one', async () => {
  const { owner, pid } = await ownerOf("trap '' INT; while :; do sleep 1; done", ['INT', 'KILL']);
  process.kill(-owner.pid!, 'SIGKILL');
  await gone(pid);
});

test('a child that is no longer watched is left alone', async () => {
  const { owner, pid } = await ownerOf('exec sleep 600', ['INT', 'KILL'], true);
  process.kill(-owner.pid!, 'SIGKILL');
  await gone(owner.pid!);
  expect(alive(pid)).toBe(true);
});
