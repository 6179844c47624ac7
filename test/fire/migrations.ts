/** kill -9 of a process that brings the schema up to date, at each step: the next start finishes it. */
import { type Home, launch, run } from '../process.ts';
import type { Field } from './field.ts';
import type { Scene } from './scene.ts';
import { type Trap, WireRelay } from './wire-relay.ts';

const DATABASE = 'migrated';

/** Before the n-th migration is noted as done, the first being 0. */
export const noted =
  (n: number): Trap =>
  ({ sql, before }) =>
    isNote(sql) && before.filter(isNote).length === n ? 'before' : null;

const isNote = (sql: string) => /^insert into "kysely_migration"/.test(sql);

const committed =
  (when: 'before' | 'after'): Trap =>
  ({ isCommit, before }) =>
    isCommit && before.some(isNote) ? when : null;

/** Runs `migrate` until the trap is sprung, and kills it there. */
export async function killMigration(
  home: Home,
  relay: WireRelay,
  { trap, env }: { trap: Trap; env: Record<string, string> },
): Promise<void> {
  const sprung = relay.trap(trap);
  const program = launch(home, ['migrate', '--json'], { env });
  const ended = program.exited.then(() => {
    throw new Error(`it came to its end: ${program.stderr()}`);
  });
  ended.catch(() => undefined);
  await Promise.race([sprung, ended]);
  await program.kill();
  relay.cut({ all: true });
}

/** Each step once, on an empty database each. */
export async function killedMigrations(scene: Scene): Promise<string[]> {
  const { field, figures } = scene;
  const fresh = { ...field.database.connection, database: DATABASE };
  const relay = new WireRelay(() => fresh);
  await relay.open();
  const env = { DATABASE_URL: relay.url, CRYPTOSCAN_MASTER_KEY: '00'.repeat(32) };
  const complaints: string[] = [];
  try {
    const whole = await applied(scene, { env, relay, trap: null });
    const steps = whole.map((name, n) => [`${name} made, not noted`, noted(n)] as const);
    const ends = [
      ['all made, not committed', committed('before')],
      ['committed, not answered', committed('after')],
    ] as const;
    for (const [step, trap] of [...steps, ...ends]) {
      if (scene.isOver()) break;
      const finished = await applied(scene, { env, relay, trap });
      const expected = step.startsWith('committed') ? [] : whole;
      if (String(finished) !== String(expected)) complaints.push(`killed at "${step}": then ${finished}`);
      const { code, stdout, stderr } = await run(field.home, ['migrate', '--json'], { env });
      if (code !== 0 || stdout !== '{"applied":[]}\n') complaints.push(`killed at "${step}": ${stderr}`);
      figures.count({ 'kills of a migration': 1 });
    }
  } finally {
    await relay.close();
    await drop(field);
  }
  return complaints;
}

const drop = ({ database }: Field) =>
  database.asSuperuser(client => client.query(`drop database if exists ${DATABASE} with (force)`));

/** What a start applies on an empty database, after one that was killed at the trap. */
async function applied(
  { field }: Scene,
  { env, relay, trap }: { env: Record<string, string>; relay: WireRelay; trap: Trap | null },
): Promise<string[]> {
  const { database, home } = field;
  await drop(field);
  await database.asSuperuser(client =>
    client.query(`create database ${DATABASE} owner ${database.connection.user}`),
  );
  if (trap) await killMigration(home, relay, { trap, env });
  const { code, stdout, stderr } = await run(home, ['migrate', '--json'], { env });
  if (code !== 0) throw new Error(`migrate ended with ${code}: ${stderr}`);
  return JSON.parse(stdout).applied;
}
