/** One `serve` as a process, behind its own relay to the database or with a database of its own: started, killed, stopped and started anew. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { host, onFreePort } from '../gateway.ts';
import { type Home, launch, type Program, ready } from '../process.ts';
import { until } from '../until.ts';
import type { Trouble } from './evidence.ts';
import type { WireRelay } from './wire-relay.ts';

export type ProcessPlan = {
  name: string;
  home: Home;
  /** Its way to the database, or the data folder of `--embedded`. */
  database: WireRelay | { folder: string };
  settings: Record<string, unknown>;
  /** Hears from when to when it was away. */
  onTrouble: (trouble: Trouble) => void;
};

export const MASTER_KEY = 'ab'.repeat(32);

/** A database that is killed again and again keeps a gateway from starting. */
const PATIENCE = 300_000;

export class GatewayProcess {
  readonly #plan: ProcessPlan;
  #port = 0;
  #program: Program | null = null;
  #log = '';
  /** What its next start finds in its environment besides. */
  environ: Record<string, string> = {};
  /** From kill to ready again, in ms, of every restart. */
  readonly restarts: number[] = [];
  /** What each of its starts took of a processor until it was ready, in ms; a busy machine makes it wait, not work. */
  readonly efforts: number[] = [];
  /** How often it ended by itself. */
  endedItself = 0;
  #starting: Promise<void> | null = null;

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
  }

  get baseUrl(): string {
    return `http://${host}:${this.#port}`;
  }

  get relay(): WireRelay {
    const { database } = this.#plan;
    if ('folder' in database) throw new Error(`${this.name} has no relay`);
    return database;
  }

  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  get name(): string {
    return this.#plan.name;
  }

  /** Everything it has logged, over all its lives. */
  get log(): string {
    return this.#log + (this.#program?.stderr() ?? '');
  }

  environment(): Record<string, string> {
    const { database } = this.#plan;
    const own = 'folder' in database;
    return {
      ...(!own && { DATABASE_URL: database.url, CRYPTOSCAN_MASTER_KEY: MASTER_KEY }),
      ...this.environ,
    };
  }

  get configFile(): string {
    return join(this.#plan.home.dir, `${this.#plan.name}.json`);
  }

  async configure(): Promise<void> {
    if (this.#port === 0) this.#port = await onFreePort(async port => port);
    await writeFile(this.configFile, JSON.stringify({ ...this.#plan.settings, port: this.#port }));
  }

  /** Resolves once it is ready for work. From then on it is started again whenever it ends by itself. */
  start(): Promise<void> {
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #launch(): Promise<void> {
    await this.configure();
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const program = this.#spawn();
      this.#program = program;
      const isUp = await ready(program).then(
        () => this.#untilReady(program),
        () => false,
      );
      if (isUp) {
        this.efforts.push(await processorTime(program.pid));
        return this.#supervise(program);
      }
      // As its supervisor would: a database that is still coming back lets no gateway start.
      await program.kill();
      const said = this.#keepLog();
      if (performance.now() > deadline) throw new Error(`${this.name} does not start: ${said}`);
    }
  }

  /** False when it has ended before it was. */
  async #untilReady(program: Program): Promise<boolean> {
    let hasEnded = false;
    void program.exited.then(() => {
      hasEnded = true;
    });
    const what = `${this.name} ready`;
    await until(async () => hasEnded || (await this.isReady()), { timeout: 120_000, interval: 20, what });
    return !hasEnded;
  }

  #supervise(program: Program): void {
    void program.exited.then(async () => {
      if (this.#program !== program) return;
      const from = Date.now();
      this.#keepLog();
      this.endedItself++;
      await this.start();
      this.#plan.onTrouble({ from, to: Date.now() });
    });
  }

  async isReady(): Promise<boolean> {
    return (await this.probe()) === 200;
  }

  /** The status of /readyz; null when nothing answers. */
  async probe(): Promise<number | null> {
    return fetch(`${this.baseUrl}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
      async response => {
        await response.arrayBuffer();
        return response.status;
      },
      () => null,
    );
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#program) process.kill(-this.#program.pid, signal);
  }

  /** kill -9, and a new start at once; with `again`, killed once more that many ms into its start. */
  async crash({ again }: { again?: number } = {}): Promise<void> {
    await this.#starting;
    const from = Date.now();
    let killed = performance.now();
    await this.kill();
    if (!('folder' in this.#plan.database)) this.relay.cut({ all: true });
    if (again !== undefined) {
      this.#program = this.#spawn();
      await sleep(again);
      killed = performance.now();
      await this.kill();
    }
    await this.start();
    this.restarts.push(performance.now() - killed);
    this.#plan.onTrouble({ from, to: Date.now() });
  }

  #spawn(): Program {
    const { database } = this.#plan;
    const own = 'folder' in database ? ['--embedded', '--data-dir', database.folder] : [];
    const args = ['serve', '--json', '--config', this.configFile, ...own];
    return launch(this.#plan.home, args, { env: this.environment() });
  }

  /** Asks it to end and waits; answers its exit code. */
  async terminate(): Promise<number | null> {
    const program = this.#program;
    this.#keepLog();
    const exit = await program?.terminate();
    this.#log += program?.stderr() ?? '';
    return exit?.code ?? null;
  }

  async kill(): Promise<void> {
    const program = this.#program;
    this.#keepLog();
    await program?.kill();
  }

  #keepLog(): string {
    const said = this.#program?.stderr() ?? '';
    this.#log += said;
    this.#program = null;
    return said.slice(-2000);
  }
}

/** Of a process, in ms; 0 when it is gone. proc(5): utime and stime are the 14th and 15th field, in hundredths of a second. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}
