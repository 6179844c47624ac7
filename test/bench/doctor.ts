/**
 * The nightly work of an operator with 1,000,000 invoices and all that belongs to them: `doctor`, `backup` and `restore`.
 * Baseline: reading every row of every table once.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { dump } from '../../server/src/store/backup/dump.ts';
import { restore } from '../../server/src/store/backup/restore.ts';
import type { Db } from '../../server/src/store/db.ts';
import { findForgedWallets, findViolations, invariants } from '../../server/src/store/invariants.ts';
import { fillInstallation } from './fill-installation.ts';
import { type Ground, onDatabase, onGround, ratio, vault } from './ground.ts';

const INVOICES = 1_000_000;
const SLOWEST = 8;

export async function benchDoctor(): Promise<void> {
  await onGround(async ground => {
    const row = await baselined(ground);
    row('`doctor`: all rules at once', await seconds(() => mustBeSound(ground.db)));
    for (const [name, took] of await slowestRules(ground.db)) row(`of these: ${name}`, took);
  });
}

export async function benchBackup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cryptoscan-bench-backup-'));
  const file = join(folder, 'backup');
  try {
    await onGround(async ground => {
      const row = await baselined(ground);
      const now = ground.clock.now();
      row('`backup`', await seconds(() => dump(ground.connection, { vault, file, now })));
      console.log(`\nThe file has ${((await stat(file)).size / 1e6).toFixed(0)} MB.`);
    });
    await onDatabase(async empty => {
      const took = await seconds(async () => {
        const restored = await restore(empty, { vault, file, now: Date.now(), waitMinutes: 92 });
        if (!restored.ok) throw new Error(restored.fault);
      });
      console.log(`\`restore\`: ${took.toFixed(1)} s.`);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fills the ground, begins the table, and answers what adds a row to it. */
async function baselined(ground: Ground): Promise<(what: string, took: number) => void> {
  await fillInstallation(ground, INVOICES);
  const baseline = await seconds(() => readEverything(ground.db));
  console.log('| what | seconds | of reading every row |\n|---|---|---|');
  const row = (what: string, took: number) =>
    console.log(`| ${what} | ${took.toFixed(1)} | ${ratio(took, baseline)} |`);
  row('every row', baseline);
  return row;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function readEverything(db: Db): Promise<void> {
  for (const { name } of await db.introspection.getTables())
    await sql`select sum(length(t::text)) from ${sql.table(name)} t`.execute(db);
}

/** The rows must be such as a sound installation has, or the time says nothing. */
async function mustBeSound(db: Db): Promise<void> {
  const found = [...(await findViolations(db)), ...(await findForgedWallets(db, vault))];
  if (found.length > 0) throw new Error(`${found[0]?.invariant}: ${found.map(({ detail }) => detail)}`);
}

async function slowestRules(db: Db): Promise<[name: string, took: number][]> {
  const all: [string, number][] = [];
  for (const { name, query } of invariants)
    all.push([name, await seconds(() => sql.raw(`${query} limit 1`).execute(db))]);
  return all.sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
}
