/** A PHP program behind PHP's built-in web server, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { host, onFreePort } from '../gateway.ts';
import { program, settings } from './php.ts';

export type PhpServer = { url: string; close(): Promise<void> };

/** `ini`: settings other than PHP's own, such as `precision=17`. */
export function openPhpServer(
  name: string,
  { env, ini = [] }: { env: Record<string, string>; ini?: readonly string[] },
): Promise<PhpServer> {
  return onFreePort(async port => {
    const given = [...settings, ...ini.flatMap(setting => ['-d', setting])];
    const child = spawn('php', [...given, '-S', `${host}:${port}`, program(name)], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    const url = `http://${host}:${port}/`;
    await listening(child, url);
    return {
      url,
      close: async () => {
        process.off('exit', stop);
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        stop();
        await ended;
      },
    };
  });
}

/** It ends by itself where the port was taken in the meantime. */
async function listening(child: ChildProcess, url: string): Promise<void> {
  let fault: Error | null = null;
  child.once('error', error => {
    fault = error;
  });
  for (;;) {
    if (fault) throw fault;
    if (child.exitCode !== null) throw Object.assign(new Error('php did not serve'), { code: 'EADDRINUSE' });
    const answered = await fetch(url, { method: 'POST' }).catch(() => null);
    if (answered) return;
    await sleep(20);
  }
}
