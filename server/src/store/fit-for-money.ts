/** The settings of PostgreSQL that a database of money rests on: a commit that was answered must survive a crash. */

import { sql } from 'kysely';
import type { Db } from './db.ts';

/** Reads one setting as SHOW gives it. */
export type Show = (name: string) => Promise<string | undefined>;

const NEEDED: Record<string, readonly string[]> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  // The stronger ones wait for standbys too.
  synchronous_commit: ['on', 'remote_write', 'remote_apply'],
  server_encoding: ['UTF8'],
};

const OLDEST = 150_000;

/** Says in a sentence what makes this database unfit for money; null when nothing does. */
export async function unfitForMoney(show: Show): Promise<string | null> {
  const version = Number(await show('server_version_num'));
  if (version < OLDEST) return `PostgreSQL ${Math.floor(version / 10_000)} is too old: 15 or newer is needed`;
  for (const [name, accepted] of Object.entries(NEEDED)) {
    const value = await show(name);
    if (value === undefined || !accepted.includes(value)) {
      return `PostgreSQL runs with ${name} = ${value}: a database of money needs ${name} = ${accepted[0]}`;
    }
  }
  return null;
}

/** Whether pages carry checksums: without them a damaged page goes unnoticed, which is worth a warning. */
export async function hasChecksums(show: Show): Promise<boolean> {
  return (await show('data_checksums')) === 'on';
}

/** The settings as a pool's connections see them. */
export function settingsOf(db: Db): Show {
  return async name => {
    const { rows } = await sql<Record<string, string>>`show ${sql.id(name)}`.execute(db);
    return rows[0]?.[name];
  };
}
