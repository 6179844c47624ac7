/**
 * Sees to the application's role and database on a server that has just started, and proves that the settings a
 * database of money rests on are in force for that role, wherever they may have been changed.
 */
import type { Client } from 'pg';
import { fail, ok, type Result } from '../../lib/result.ts';
import { hasChecksums, unfitForMoney } from '../fit-for-money.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { type PostgresConnection, withSession } from './session.ts';

/** The application's role and its database have one name. */
const APPLICATION = 'cryptoscan';
const SUPERUSER = 'postgres';
const PORT = 5432;

/** `host` is the folder the socket lies in. */
export function superuserConnection(host: string, record: ClusterRecord): PostgresConnection {
  return { host, port: PORT, user: SUPERUSER, password: record.superuserPassword, database: SUPERUSER };
}

export function applicationConnection(host: string, record: ClusterRecord): PostgresConnection {
  return { host, port: PORT, user: APPLICATION, password: record.applicationPassword, database: APPLICATION };
}

/** Safe to repeat after a crash at any point; only one process does it at a time. */
export async function provision(host: string, record: ClusterRecord): Promise<Result<undefined>> {
  await withSession(superuserConnection(host, record), async client => {
    await ensureRole(client, record);
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [APPLICATION]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${APPLICATION} OWNER ${APPLICATION}`);
  });
  if (!record.durable) return ok(undefined);
  return withSession(applicationConnection(host, record), checkForMoney);
}

async function checkForMoney(client: Client): Promise<Result<undefined>> {
  const show = async (name: string) =>
    (await client.query<Record<string, string>>(`SHOW ${name}`)).rows[0]?.[name];
  const unfit = await unfitForMoney(show);
  if (unfit !== null) return fail(unfit);
  return (await hasChecksums(show)) ? ok(undefined) : fail('PostgreSQL runs without data checksums');
}

/** A throw-away cluster's role may make databases, since tests copy theirs from a template. */
async function ensureRole(client: Client, record: ClusterRecord): Promise<void> {
  const found = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [APPLICATION]);
  if (found.rowCount !== 0) return;
  const rights = record.durable ? 'NOCREATEDB' : 'CREATEDB';
  const password = client.escapeLiteral(record.applicationPassword);
  await client.query(`CREATE ROLE ${APPLICATION} LOGIN NOSUPERUSER ${rights} PASSWORD ${password}`);
}
