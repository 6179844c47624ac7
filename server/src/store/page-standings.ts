/**
 * How the pages stand that somebody is looking at, many in one statement: no more than it takes to see that something has
 * changed. What has changed is asked by each page itself, of pages.ts.
 */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Status } from '../domain/invoice.ts';
import type { Progress } from '../domain/network-lag.ts';
import type { Db } from './db.ts';
import { type StrayRow, strayOf } from './page-strays.ts';
import type { Resolution } from './policy-schema.ts';

export type Standing = {
  status: Status;
  /** Counts up with every change of the invoice. */
  version: number;
  /** A payment was seen and is not final: the page counts its blocks. */
  isConfirming: boolean;
  /** A transfer that came too late, or beside the one that counts, and what a person has said of it. */
  stray: { id: number; resolution: Resolution | null } | null;
  network: NetworkCode | null;
  /** Counts up as the invoice's network is read; null without a network, or when it was never read. */
  blocksRead: number | null;
  progress: Progress | null;
  /** The operator has taken that network out of use. */
  isRetired: boolean;
};

/** The standing of each page, by its name; a name that no page has is left out. Names must have the form of a UUID. */
export async function findStandings(db: Db, pageIds: readonly string[]): Promise<Map<string, Standing>> {
  const { rows } = await sql<Row>`
    select i.page_id, i.status, i.version, i.network, c.version as blocks_read, c.block_time, c.caught_up_at, c.retired_at, s.stray_id, s.stray_resolution,
           exists (select from payments y where y.invoice_id = i.id and y.state = 'pending'
                     and (y.kind not in ('part', 'late_part') or i.exception is distinct from 'underpaid')) as is_confirming
      from invoices i
      left join cursors c on c.network = i.network
      left join lateral ${strayOf} s on true
     where i.page_id = any(${pageIds}::uuid[])`.execute(db);
  return new Map(rows.map(row => [row.page_id, toStanding(row)]));
}

type Row = Pick<StrayRow, 'stray_id' | 'stray_resolution'> & {
  page_id: string;
  status: Status;
  version: number;
  network: NetworkCode | null;
  blocks_read: number | null;
  block_time: number | null;
  caught_up_at: number | null;
  retired_at: number | null;
  is_confirming: boolean;
};

function toStanding({ status, version, network, ...row }: Row): Standing {
  const { block_time: scannedAt, caught_up_at: caughtUpAt } = row;
  return {
    status,
    version,
    isConfirming: row.is_confirming,
    stray: row.stray_id === null ? null : { id: row.stray_id, resolution: row.stray_resolution },
    network,
    blocksRead: row.blocks_read,
    progress: scannedAt === null || caughtUpAt === null ? null : { scannedAt, caughtUpAt },
    isRetired: row.retired_at !== null,
  };
}
