/** What every benchmark stands on: a durable PostgreSQL of its own, merchants with wallets, a sink for webhooks. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addWallet } from '../../server/src/commands/add-wallet.ts';
import { createMerchant } from '../../server/src/commands/create-merchant.ts';
import { defaultSettings } from '../../server/src/commands/merchant-settings.ts';
import { type Network, type NetworkCode, networks } from '../../server/src/domain/asset.ts';
import { NO_HOLD } from '../../server/src/domain/wallet-hold.ts';
import { parseCidrs } from '../../server/src/lib/address-guard.ts';
import { monotonicClock } from '../../server/src/lib/clock.ts';
import { createLogger } from '../../server/src/lib/logger.ts';
import { openVault } from '../../server/src/lib/vault.ts';
import { type Connection, type Db, openDb, poolConfig, transact } from '../../server/src/store/db.ts';
import { startEmbeddedPostgres } from '../../server/src/store/embedded/embedded-postgres.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { insertUser } from '../../server/src/store/users.ts';

export const vault = openVault(randomBytes(32));
export const logger = createLogger('error');
const cidrs = parseCidrs(['127.0.0.0/8']);
export const loopback = cidrs.ok ? cidrs.value : [];

export type Ground = {
  db: Db;
  connection: Connection;
  clock: ReturnType<typeof monotonicClock>;
  userId: number;
};

/** Runs `work` on a fresh durable database with a user, and removes it again. */
export async function onGround(work: (ground: Ground) => Promise<void>): Promise<void> {
  await onDatabase(async ({ db, connection }) => {
    await migrate(db);
    const clock = monotonicClock();
    const userId = await transact(db, tx =>
      insertUser(tx, { email: 'a@b.c', passwordHash: null }, clock.now()),
    );
    await work({ db, connection, clock, userId: userId ?? 0 });
  });
}

/** The same without anything in it. */
export async function onDatabase(
  work: (empty: { db: Db; connection: Connection }) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cryptoscan-bench-'));
  const postgres = await startEmbeddedPostgres({ dir, log: () => undefined });
  if (!postgres.ok) throw new Error(postgres.fault);
  const { connection } = postgres.value;
  const db = openDb(poolConfig(connection, 16), () => undefined);
  try {
    await work({ db, connection });
  } finally {
    await db.destroy();
    await postgres.value.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export type Merchant = { id: number; publicKey: string; privateKey: string };

export async function makeMerchant(ground: Ground, webhookUrl: string | null = null): Promise<Merchant> {
  const made = await createMerchant(
    { ...ground, vault, allow: loopback, randomBytes },
    {
      userId: ground.userId,
      settings: {
        ...defaultSettings,
        name: 'shop',
        url: 'http://127.0.0.1/',
        webhookUrl,
        auth: 'signature',
        paymentMinutes: 90,
        compat: false,
        privateKeyHeader: false,
      },
      keys: null,
    },
  );
  if (!made.ok) throw new Error(JSON.stringify(made.fault));
  return made.value;
}

/** A wallet for USDT with 999 tails of 3 digits. */
export async function makeWallet(
  ground: Ground,
  {
    merchantId,
    address,
    network = networks['ERC-20'],
  }: { merchantId: number; address: string; network?: Network },
): Promise<void> {
  const added = await addWallet(
    { ...ground, vault, networks: new Map<NetworkCode, Network>([[network.code, network]]), hold: NO_HOLD },
    {
      merchantId,
      network: network.code,
      cryptocurrency: 'USDT',
      address,
      settings: { digits: 3, maxTail: 999, commissionPayer: 'merchant', holdHours: 24, active: true },
    },
  );
  if (!added.ok) throw new Error(JSON.stringify(added.fault));
}

/** A cursor that stands at the tip now: what the watcher of a live network leaves. */
export async function pretendWatched({ db, clock }: Ground, network: NetworkCode): Promise<void> {
  const now = new Date(clock.now());
  await db
    .insertInto('cursors')
    .values({
      network,
      epoch: 1,
      genesis: '0x00',
      height: 1,
      hash: '0x01',
      block_time: now,
      final_height: 0,
      tip_height: 1,
      caught_up_at: now,
      version: 1,
    })
    .execute();
  await db.insertInto('blocks').values({ network, height: 1, hash: '0x01', block_time: now }).execute();
}

export type Sink = { url: string; received: { at: number; body: string }[]; close(): Promise<void> };

/** Answers 200 to everything and keeps it. */
export async function openSink(): Promise<Sink> {
  const received: Sink['received'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ at: performance.now(), body });
      response.end('OK');
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const ok = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      );
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (ok) return port;
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function ratio(ours: number, baseline: number): string {
  return `${(ours / baseline).toFixed(2)}x`;
}
