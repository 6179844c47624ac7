/**
 * PostgreSQL reads only clusters of its own major version. A release that brings another major must neither start an
 * empty database beside the old one nor go back to one that a newer major has already replaced.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Layout, layoutOf } from './layout.ts';

const RECORD = 'docs/decisions/0003-postgresql-majors.md';

/** A sentence that names both versions, if the data folder is not this major's to open. */
export async function foreignMajor(layout: Layout, major: number): Promise<string | undefined> {
  const found = await clustersIn(layout);
  const newest = Math.max(...found.map(cluster => cluster.major));
  if (found.length === 0 || newest === major) {
    const own = found.find(cluster => cluster.major === major);
    if (own === undefined || own.version === String(major)) return undefined;
    return `${layout.data} says it was made by PostgreSQL ${own.version}, not ${major}: it is damaged or was moved there`;
  }
  const way = newest < major ? 'carry it over first' : 'install the newer release again';
  return (
    `the data folder ${layout.dir} holds a PostgreSQL ${newest} cluster, and this release brings PostgreSQL ${major}, ` +
    `which cannot read it: ${way}, as described in ${RECORD}`
  );
}

async function clustersIn(layout: Layout): Promise<{ major: number; version: string }[]> {
  const found: { major: number; version: string }[] = [];
  for (const name of await readdir(layout.home)) {
    if (!/^[1-9]\d{0,3}$/.test(name)) continue;
    const version = await versionIn(layoutOf(layout.dir, Number(name)).data);
    if (version !== undefined) found.push({ major: Number(name), version });
  }
  return found;
}

/** What PG_VERSION says; undefined when there is no cluster. A folder without that file is a damaged cluster. */
async function versionIn(data: string): Promise<string | undefined> {
  try {
    await readdir(data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => 'an unknown version')).trim();
}
