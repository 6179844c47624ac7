/** How an installation does beside its rules: what it stands on, how far its chains are read, and what waits. */
import { sql } from 'kysely';
import { type Network, type NetworkCode, networks as publicNetworks } from '../domain/asset.ts';
import { formatAmount } from '../domain/money.ts';
import { lag, MAX_LAG } from '../domain/network-lag.ts';
import { listUnexplained } from './balance-checks.ts';
import { allCursors } from './cursors.ts';
import type { Db } from './db.ts';
import { hasChecksums, settingsOf, unfitForMoney } from './fit-for-money.ts';
import { databaseFacts } from './operator-views.ts';
import { listProviders } from './providers.ts';

/** `warning`: money is safe, but somebody should look. `broken`: it is not to be relied on as it is. */
export type Check = { name: string; state: 'ok' | 'warning' | 'broken'; found: string; todo: string | null };

type Networks = ReadonlyMap<NetworkCode, Network>;

/** Beyond this a webhook that is due has not been taken by any process. */
const DUE_FOR = 60_000;
const CLOCKS_APART = 5000;
const BEHIND = 5 * 60_000;

/** `now`: the database's time; `local`: this machine's, both in ms. `networks`: those this installation reads. */
export async function checkup(
  db: Db,
  { now, local, networks }: { now: number; local: number; networks: Networks },
): Promise<Check[]> {
  return [
    await settings(db),
    await checksums(db),
    clocks(now - local),
    ...(await chains(db, now, networks)),
    ...(await providers(db)),
    await webhooks(db, now),
    ...(await balances(db, networks)),
  ];
}

const good = (name: string, found: string): Check => ({ name, state: 'ok', found, todo: null });

async function settings(db: Db): Promise<Check> {
  const { version } = await databaseFacts(db);
  const unfit = await unfitForMoney(settingsOf(db));
  if (unfit === null)
    return good('database', `PostgreSQL ${version}, with fsync, full_page_writes and synchronous_commit on`);
  const todo =
    'Set it in postgresql.conf and restart PostgreSQL: what was answered could be lost in a crash.';
  return { name: 'database', state: 'broken', found: unfit, todo };
}

async function checksums(db: Db): Promise<Check> {
  if (await hasChecksums(settingsOf(db))) return good('checksums', 'pages carry checksums');
  const todo = 'Stop PostgreSQL and run `pg_checksums --enable`, so that a damaged page is noticed.';
  return { name: 'checksums', state: 'warning', found: 'pages carry no checksums', todo };
}

function clocks(apart: number): Check {
  const seconds = Math.abs(apart / 1000).toFixed(1);
  const found = `this machine's clock and the database's are ${seconds} s apart`;
  if (Math.abs(apart) <= CLOCKS_APART) return good('clock', found);
  return { name: 'clock', state: 'warning', found, todo: 'Servers go by the database; set both by NTP.' };
}

async function chains(db: Db, now: number, networks: Networks): Promise<Check[]> {
  return (await allCursors(db)).map(cursor => {
    const { network, retired_at, block_time: scannedAt, caught_up_at: caughtUpAt } = cursor;
    const name = `network ${network}`;
    if (retired_at !== null)
      return {
        name,
        state: 'warning',
        found: 'out of use: no new invoices, and open ones expire unseen',
        todo: `When it can be read again: cryptoscan network resume ${network}.`,
      };
    const behind = lag({ scannedAt, caughtUpAt }, now, networks.get(network)?.onDemand ?? false);
    const found = `read up to block ${cursor.height}, ${Math.round(behind / 1000)} s ago`;
    if (behind <= BEHIND) return good(name, found);
    const stopped = behind > MAX_LAG ? ' Creates on it are refused until then.' : '';
    const todo = `Start a server with the role watch, or look at \`cryptoscan network providers\`.${stopped}`;
    return { name, state: 'warning', found, todo };
  });
}

async function providers(db: Db): Promise<Check[]> {
  return (await listProviders(db, null))
    .filter(({ state }) => state !== 'ok')
    .map(({ network, provider, state, reason }) => ({
      name: `provider ${provider}`,
      state: 'warning',
      found: `${state} on ${network}${reason ? `: ${reason}` : ''}`,
      todo: `If you know better: cryptoscan network restore ${network} ${provider}.`,
    }));
}

async function webhooks(db: Db, now: number): Promise<Check> {
  const { rows } = await sql<{ n: number; oldest: number | null }>`
    select count(*)::int as n, min(due_at) as oldest from (
      select due_at from deliveries where state = 'open' and due_at < ${new Date(now - DUE_FOR)}
       order by due_at limit 10000) late`.execute(db);
  const { n, oldest } = rows[0] ?? { n: 0, oldest: null };
  if (n === 0 || oldest === null) return good('webhooks', 'none waits for a process to send it');
  const found = `${n}${n === 10_000 ? ' or more are' : ' are'} due, the oldest for ${Math.round((now - oldest) / 1000)} s`;
  return { name: 'webhooks', state: 'warning', found, todo: 'Start a server with the role dispatch.' };
}

/** What wallets hold that no transfer explains: no fault of ours, and somebody has to look. */
async function balances(db: Db, networks: Networks): Promise<Check[]> {
  return (await listUnexplained(db)).map(({ wallet_id: id, network, address, units, at }) => {
    const { asset, decimals } = (networks.get(network) ?? publicNetworks[network]).native;
    const amount = `${formatAmount({ units: BigInt(units), scale: decimals })} ${asset}`;
    return {
      name: `wallet ${id}`,
      state: 'warning',
      found: `${address} on ${network} holds ${amount} that no transfer explains, since ${new Date(at).toISOString()}`,
      todo: `A contract may have paid it. Once you know where it came from: cryptoscan wallet explained ${id}.`,
    };
  });
}
