/** The parts of a run, by name. */

import type { LiveChain } from '../e2e/live-chain.ts';
import { wrongClocks } from './clocks.ts';
import { embeddedKills } from './embedded.ts';
import type { Providers } from './field.ts';
import { fullDisk } from './full-disk.ts';
import {
  fewConnections,
  heldLock,
  slowAnswers,
  stoppedDatabase,
  stoppedInTransaction,
  stoppedProgram,
} from './hold-ups.ts';
import { namedKills, randomKills } from './kills.ts';
import { lyingProviders, withLiar } from './liars.ts';
import { killedMigrations } from './migrations.ts';
import { reorganisations } from './reorgs.ts';
import { rollingRestarts } from './rolling.ts';
import type { Lone, Scene } from './scene.ts';
import { inTurn } from './scene.ts';
import { badSinks } from './sinks.ts';

export type Scenario = { what: string } & (Fielded | { alone: (lone: Lone) => Promise<string[]> });

export type Fielded = {
  /** `disk`: the small file system, where the scenario asks for one. */
  run: (scene: Scene, disk: string) => Promise<string[]>;
  smallDisk?: true;
  /** Which providers the network has; by default the chain alone. */
  rpc?: (chain: LiveChain) => Promise<Providers>;
};

export const scenarios: Record<string, Scenario> = {
  random: {
    what: 'kill -9 of the program and of PostgreSQL at random moments, in each round at least one and two',
    run: randomKills,
  },
  embedded: {
    what: 'kill -9 of `serve --embedded` and of the PostgreSQL it keeps, one or both in each round, while shops are paid on Tron',
    alone: embeddedKills,
  },
  named: {
    what: 'kill -9 of the program, of PostgreSQL and of the connection at every named point, three times (fewer when --rounds is)',
    run: scene => namedKills(scene, Math.min(3, scene.rounds)),
  },
  stopped: {
    what: 'SIGSTOP of the program for longer than a lease, with a claim and in a transaction, and of PostgreSQL for 30 s',
    run: scene => inTurn(scene, [stoppedProgram, stoppedInTransaction, stoppedDatabase]),
  },
  slow: {
    what: 'a lock on the invoices for 60 s, slow answers of PostgreSQL for 30 s, 4 connections for 34 for 30 s',
    run: scene => inTurn(scene, [heldLock, slowAnswers, fewConnections]),
  },
  clock: {
    what: 'clocks an hour ahead and behind, which jump while they run',
    run: scene => inTurn(scene, [wrongClocks]),
  },
  sinks: {
    what: '14 shops that hang, drip, reset, redirect, bomb, speak no TLS, are not there, answer 200 and die: three attempts each',
    run: scene => inTurn(scene, [badSinks]),
  },
  rolling: {
    what: 'restarts in turn by SIGTERM under load, as many as rounds',
    run: scene => inTurn(scene, [rollingRestarts]),
  },
  liars: {
    what: 'a preferred provider that lies or fails in 18 ways, each three times (fewer when --rounds is)',
    run: scene => inTurn(scene, [lyingProviders]),
    rpc: withLiar,
  },
  reorgs: {
    what: 'forks of a real chain, 1 to 64 blocks deep, while the stages read, match and settle: as many as rounds',
    alone: reorganisations,
  },
  migrations: {
    what: 'kill -9 of a process that makes the schema, at every migration and around the commit',
    run: scene => inTurn(scene, [killedMigrations]),
  },
  disk: {
    what: 'the disk of PostgreSQL is full for 20 s',
    run: fullDisk,
    smallDisk: true,
  },
};
