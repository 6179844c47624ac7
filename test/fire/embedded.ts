/**
 * A small shop's whole installation under fire: `serve --embedded` with the PostgreSQL that it keeps, made by the commands of
 * the README, paid in USDT on Tron through a node with java-tron's limits. Whatever dies comes back by itself.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLive } from '../e2e/live-chain.ts';
import { openSink } from '../e2e/sink.ts';
import { openHome, processesOf, run } from '../process.ts';
import { Chance } from '../seeded.ts';
import { until } from '../until.ts';
import { type Battlefield, inBatches } from './battle.ts';
import { keepMining } from './block-clock.ts';
import { postmasterOf } from './database.ts';
import type { Trouble } from './evidence.ts';
import { closeAll, settingsOf } from './field.ts';
import type { Figures } from './figures.ts';
import { GatewayProcess } from './gateway-process.ts';
import { played } from './played.ts';
import type { Lone } from './scene.ts';

const FOLDER = 'shop';
const PATH = '/shop';
const WALLET = `41${'5a'.repeat(20)}`;
const patience = { timeout: 120_000, interval: 20 };

/** What is killed in a round: the program, whose PostgreSQL goes on without it; that; or both in one moment. */
const victims = ['program', 'PostgreSQL', 'both'] as const;
type Victim = (typeof victims)[number];

export async function embeddedKills({ figures, rounds, seed, say, isOver }: Lone): Promise<string[]> {
  const installation = await Installation.open();
  try {
    const chance = new Chance(seed);
    const all = Array.from({ length: rounds }, (_, n) => victims[n % victims.length] as Victim);
    const scene = { field: installation, chance, figures, prefix: `${seed}-embedded`, isOver, say };
    const complaints = await inBatches(scene, all, 'embedded', async (_, victim) => {
      await sleep(chance.below(3000));
      const again = chance.happens(0.35) ? chance.below(1500) : undefined;
      await installation.strike(victim, figures, again);
    });
    return [...complaints, ...(await installation.doctor())];
  } finally {
    await installation.close();
  }
}

class Installation implements Battlefield {
  readonly chain: Battlefield['chain'];
  readonly sink: Battlefield['sink'];
  readonly shop: Battlefield['shop'];
  readonly gateways: readonly [GatewayProcess];
  readonly troubles: Trouble[];
  readonly #cli: Cli;
  readonly #dir: string;
  readonly #closers: (() => Promise<unknown>)[];

  private constructor(
    field: Battlefield & { gateways: readonly [GatewayProcess]; troubles: Trouble[] },
    own: { cli: Cli; dir: string; closers: (() => Promise<unknown>)[] },
  ) {
    [this.chain, this.sink, this.shop] = [field.chain, field.sink, field.shop];
    [this.gateways, this.troubles] = [field.gateways, field.troubles];
    [this.#cli, this.#dir, this.#closers] = [own.cli, own.dir, own.closers];
  }

  static async open(): Promise<Installation> {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      const home = await openHome();
      closers.push(() => home.close());
      // A PostgreSQL outlives the death of its program.
      closers.push(async () => {
        for (const pid of await processesOf(home.dir)) process.kill(pid, 'SIGKILL');
      });
      const chain = await openLive('TRC-20');
      closers.push(() => chain.stop());
      const sink = await openSink();
      closers.push(() => sink.close());
      closers.push(await keepMining(chain));
      const troubles: Trouble[] = [];
      const gateway = new GatewayProcess({
        name: 'embedded',
        home,
        database: { folder: FOLDER },
        settings: settingsOf(chain, [{ url: chain.rpcUrl }]),
        onTrouble: trouble => troubles.push(trouble),
      });
      closers.push(() => gateway.terminate());
      await gateway.start();
      const cli: Cli = async (...args) => {
        const own = ['--embedded', '--data-dir', FOLDER, '--config', gateway.configFile, '--json'];
        const { code, stdout, stderr } = await run(home, [...args, ...own]);
        if (stdout === '') throw new Error(`${args[0]} ended with ${code}: ${stderr}`);
        return JSON.parse(stdout);
      };
      const shop = await openShop(cli, { webhookUrl: sink.url(PATH), network: played(chain).network });
      const field = { chain, sink, shop, troubles, gateways: [gateway] as const };
      return new Installation(field, { cli, dir: join(home.dir, FOLDER), closers });
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  async strike(victim: Victim, figures: Figures, again?: number): Promise<void> {
    const [gateway] = this.gateways;
    if (victim !== 'program') await this.#killPostgres(figures);
    if (victim === 'PostgreSQL') return this.#untilBack(figures);
    figures.count({ 'kills: program': again === undefined ? 1 : 2 });
    await gateway.crash({ ...(again !== undefined && { again }) });
    const what = `kill of ${victim === 'both' ? 'both' : 'the program'} → ready again`;
    figures.time(what, gateway.restarts.at(-1) ?? 0);
  }

  async #killPostgres(figures: Figures): Promise<void> {
    const pid = await postmasterOf(this.#dir).catch(() => null);
    // It may be gone already, with a program that has ended by itself.
    const isThere = pid !== null && (await processesOf(this.#dir)).includes(pid);
    if (!isThere) return;
    process.kill(pid, 'SIGKILL');
    figures.count({ 'kills: PostgreSQL': 1 });
  }

  /** Its program starts it again, or ends where that was too often, and is started itself. */
  async #untilBack(figures: Figures): Promise<void> {
    const [from, begun] = [Date.now(), performance.now()];
    const [gateway] = this.gateways;
    await until(async () => !(await gateway.isReady()), { ...patience, what: 'a loss that was noticed' });
    await until(() => gateway.isReady(), { ...patience, what: 'a program that is ready again' });
    figures.time('kill of PostgreSQL → ready again', performance.now() - begun);
    this.troubles.push({ from, to: Date.now() });
  }

  /** What the program itself says of its books and tables, in the end. */
  async doctor(): Promise<string[]> {
    const said = (await this.#cli('doctor')) as { ok: boolean };
    return said.ok ? [] : [`doctor complains: ${JSON.stringify(said)}`];
  }

  close(): Promise<void> {
    return closeAll(this.#closers);
  }
}

/** Runs a command on the installation and reads what it says. */
type Cli = (...args: string[]) => Promise<Record<string, unknown>>;

/** A shop as its owner makes it. */
async function openShop(
  cli: Cli,
  { webhookUrl, network }: { webhookUrl: string; network: string },
): Promise<Battlefield['shop']> {
  await cli('user', 'create', '--email', 'owner@example.com', '--password', 'correct horse');
  const settings = ['--name', 'Shop', '--url', 'https://shop.example', '--webhook-url', webhookUrl];
  const made = await cli('merchant', 'create', '--user', '1', ...settings, '--compat', 'off');
  const coin = ['--network', network, '--cryptocurrency', 'USDT', '--address', WALLET];
  const wallet = await cli('wallet', 'add', '--merchant', String(made.id), ...coin, '--max-tail', '999');
  return {
    id: Number(made.id),
    publicKey: String(made.public_key),
    privateKey: String(made.private_key),
    webhookSecret: String(made.webhook_secret),
    wallet: String(wallet.address),
    path: PATH,
  };
}
