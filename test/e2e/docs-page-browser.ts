/**
 * A browser driven over the DevTools protocol, for machines that have one where the distributions put it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';
import { vi } from 'vitest';

export const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  path => existsSync(path),
);

type Event = { method: string; params: Record<string, unknown> };
type Reply = { id: number; result: unknown; error?: { message: string } };

export type Page = {
  call(method: string, params?: object): Promise<unknown>;
  /** The value of an expression in the page, a promise's when it is settled. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Waits until an expression in the page is true of something; answers it. */
  until<T = unknown>(expression: string): Promise<T>;
  /** What happened: requests sent, entries of the log, exceptions. */
  events: Event[];
  close(): Promise<void>;
};

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--remote-debugging-port=0',
];

export async function openPage(program: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'cryptoscan-browser-'));
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that its helpers can be ended with it.
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    const gone = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      kill();
      await gone;
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    return { ...(await attach(await addressOf(child))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** It is printed once the browser listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stderr?.on('data', text => {
      printed += text;
      const [, address] = /DevTools listening on (ws:\S+)/.exec(printed) ?? [];
      if (address) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the browser ended: ${printed.slice(-1000)}`)));
  });
}

async function attach(address: string): Promise<Omit<Page, 'close'>> {
  const { send, events } = await connect(address);
  const { targetId } = (await send('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
  const attached = await send('Target.attachToTarget', { targetId, flatten: true });
  const { sessionId } = attached as { sessionId: string };
  const call = (method: string, params: object = {}) => send(method, params, sessionId);
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await call(`${domain}.enable`);
  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = answer as { result: { value: T }; exceptionDetails?: object };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  const until = <T>(expression: string) =>
    vi.waitUntil(() => evaluate<T>(expression), { timeout: 30_000, interval: 50 }) as Promise<T>;
  return { call, evaluate, until, events };
}

async function connect(address: string) {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  const events: Event[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Reply | Event;
    if ('id' in message) waiting.get(message.id)?.(message);
    else events.push(message);
  });
  let last = 0;
  const send = (method: string, params: object, sessionId?: string) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  return { send, events };
}
