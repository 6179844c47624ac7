#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
/**
 * The launcher, plain JavaScript so that it runs before anything is built: builds what has changed in a checkout, then
 * hands over to the program. An installation without the compiler runs what was built for it.
 */
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const server = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(server);
const program = join(server, 'dist', 'main.js');
const stamp = join(server, 'dist', '.built');

/** What a build depends on. */
const inputs = [
  'server/src',
  'sdk/src',
  'checkout/src',
  'dashboard/src',
  'dashboard/public',
  'dashboard/index.html',
  'dashboard/vite.config.ts',
  'server/tsconfig.json',
  'sdk/tsconfig.json',
  'checkout/tsconfig.json',
  'dashboard/tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

/** Of sources only: tests and fixtures are not built, and a folder's own date changes with them. */
function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const entries = readdirSync(path).filter(name => !name.endsWith('.test.ts') && name !== 'fixtures');
  return Math.max(0, ...entries.map(name => newestChange(join(path, name))));
}

function isStale() {
  if (!existsSync(join(root, 'tsconfig.json'))) return false;
  if (!existsSync(program) || !existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return inputs.some(path => newestChange(join(root, path)) > built);
}

/** The compiler, and what bundles the dashboard for browsers; null in an installation without them. */
function tools() {
  const require = createRequire(import.meta.url);
  try {
    const vite = dirname(createRequire(join(root, 'dashboard', 'package.json')).resolve('vite/package.json'));
    return { tsc: require.resolve('typescript/bin/tsc'), vite: join(vite, 'bin', 'vite.js') };
  } catch {
    return null;
  }
}

/** What it prints goes to standard error: standard output belongs to the program. */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

/** Two commands started at once on a fresh checkout must not build into each other's hands. */
async function withBuildLock(work) {
  const name = `\0cryptoscan-build-${createHash('sha256').update(root).digest('hex')}`;
  for (;;) {
    const lock = createServer();
    const isOurs = await new Promise((resolve, reject) => {
      lock.once('error', error => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      lock.listen(name, () => resolve(true));
    });
    if (isOurs) {
      try {
        return work();
      } finally {
        lock.close();
      }
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

function build() {
  if (!isStale()) return;
  const found = tools();
  if (!found) {
    if (existsSync(program)) return;
    process.stderr.write('CryptoScan is not built and the compiler is not installed: run `npm ci` first.\n');
    process.exit(1);
  }
  process.stderr.write('Building …\n');
  const begun = new Date();
  run(found.tsc, '-b', root);
  run(found.vite, 'build', join(root, 'dashboard'), '--logLevel', 'warn');
  // Dated to the start of the build: a file changed while it ran is newer and is built next time.
  writeFileSync(stamp, `${begun.toISOString()}\n`);
  utimesSync(stamp, begun, begun);
}

if (isStale()) {
  if (process.platform === 'linux') await withBuildLock(build);
  else build();
}
const { main } = await import(program);
process.exitCode = await main(process.argv.slice(2));
