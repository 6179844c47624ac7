/**
 * The one browser the tests look through: the Chromium of npm, so that every machine has the same one. It is unpacked
 * once, below the system's temporary folder, and stays there for the next run.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);
const MINUTE = 60_000;

/**
 * Starts it; whoever does closes it again. Null, and a loud word of what is missing, where it cannot run at all: a machine
 * without its libraries is to be able to run the other tests.
 */
export async function openBrowser(): Promise<Browser | null> {
  try {
    return await launch();
  } catch (error) {
    console.error(`\nTHE BROWSER DID NOT START, SO ITS TESTS ARE SKIPPED. ${reasonOf(error)}\n`);
    return null;
  }
}

async function launch(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `The Chromium of npm is built for Linux on x64, and this is ${process.platform} on ${process.arch}.`,
    );
  const executablePath = await unpacked();
  const missing = await missingLibraries(executablePath);
  if (missing.length > 0)
    throw new Error(
      `Install the system libraries it needs: ${missing.join(', ')} (on Debian those of the package chromium).`,
    );
  return chromium.launch({
    executablePath,
    // No request but those of the page, and letters that have their places alike on every machine.
    args: ['--disable-gpu', '--disable-quic', '--no-zygote', '--font-render-hinting=none'],
    timeout: MINUTE,
  });
}

/** The program, moved to its place when it is complete, whoever else unpacks it at the same time. */
async function unpacked(): Promise<string> {
  const user = process.getuid?.();
  const folder = join(tmpdir(), `cryptoscan-chromium-${version()}-${user}`);
  await mkdir(folder, { mode: 0o700, recursive: true });
  // Anybody may write below the temporary folder, and what is in there is about to be run.
  if ((await lstat(folder)).uid !== user) throw new Error(`${folder} belongs to somebody else.`);
  const program = join(folder, 'chromium');
  if (existsSync(program)) return program;
  const stage = await mkdtemp(join(folder, 'unpacking-'));
  try {
    const script = fileURLToPath(new URL('./unpack.ts', import.meta.url));
    const env = { ...process.env, TMPDIR: stage };
    await run(process.execPath, ['--import', 'tsx', script], { env, timeout: 2 * MINUTE });
    await rename(join(stage, 'chromium'), program);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return program;
}

function version(): string {
  const manifest = new URL('../../node_modules/@sparticuz/chromium/package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Where the linker does not know either, starting it will tell. */
async function missingLibraries(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program], { timeout: MINUTE }).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name!);
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
