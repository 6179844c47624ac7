/**
 * How the pages stand that somebody is looking at, many in one statement: no more than it takes to see that something has
 * changed. What has changed is asked by each page itself, of pages.ts.
 */
import { sql } from 'kysely';
import type { NetworkCode } from '../domain/asset.ts';
import type { Status } from '../domain/invoice.ts';
import type { Progress } from '../domain/network-lag.ts';
import type { Db } from './db.ts';

export type Standing = {
  status: Status;
  /** Counts up with every change of the invoice. */
  version: number;
  /** A payment was seen and is not final: the page counts its blocks. */
  isConfirming: boolean;
  /** A transfer of this invoice's amount that came too late. */
  lateTransferId: number | null;
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
    select i.page_id, i.status, i.version, i.network, c.version as blocks_read, c.block_time, c.caught_up_at, c.retired_at,
           exists (select from payments y where y.invoice_id = i.id and y.state = 'pending'
                     and (y.kind not in ('part', 'late_part') or i.exception is distinct from 'underpaid')) as is_confirming,
           case when i.status in ('expired', 'cancelled') then (
             select t.id from transfers t
              where t.invoice_id = i.id and t.state = 'unmatched' and t.reason in ('after_deadline', 'late_rejected') and t.height is not null
              order by t.id limit 1) end as late
      from invoices i
      left join cursors c on c.network = i.network
     where i.page_id = any(${pageIds}::uuid[])`.execute(db);
  return new Map(rows.map(row => [row.page_id, toStanding(row)]));
}

type Row = {
  page_id: string;
  status: Status;
  version: number;
  network: NetworkCode | null;
  blocks_read: number | null;
  block_time: number | null;
  caught_up_at: number | null;
  retired_at: number | null;
  is_confirming: boolean;
  late: number | null;
};

function toStanding({ status, version, network, ...row }: Row): Standing {
  const { block_time: scannedAt, caught_up_at: caughtUpAt } = row;
  return {
    status,
    version,
    isConfirming: row.is_confirming,
    lateTransferId: row.late,
    network,
    blocksRead: row.blocks_read,
    progress: scannedAt === null || caughtUpAt === null ? null : { scannedAt, caughtUpAt },
    isRetired: row.retired_at !== null,
  };
}
