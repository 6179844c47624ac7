/** Holds the tables against the chain that won. Only what the chain itself says counts. */
import { sql } from 'kysely';
import { findCursor } from '../../server/src/store/cursors.ts';
import type { World } from '../factories.ts';
import type { Figures } from './figures.ts';
import type { ForkingChain } from './forks.ts';
import { transfersTo } from './traffic.ts';

export const CODE = 'ERC-20';

export type Forked = {
  world: World;
  chain: ForkingChain;
  /** Every alarm, with the invoice it names. */
  alarms: { alarm: string; invoice?: number }[];
  /** Payments that a fork took from below what was final. */
  undone: Set<string>;
  invoices: { id: number; units: bigint }[];
};

/** A block may be that much earlier than the order, or later than its deadline, and its payment is in time; in ms. */
const GRACE = 120_000;

export async function judgeForks(forked: Forked, figures: Figures): Promise<string[]> {
  figures.count({
    ...Object.fromEntries([...forked.chain.fates].map(([fate, n]) => [`payments: ${fate}`, n])),
  });
  for (const { alarm } of forked.alarms) figures.count({ [`alarms: ${alarm}`]: 1 });
  return [...(await judgeTransfers(forked)), ...(await judgeInvoices(forked, figures))];
}

/** What is on the chain is stored once, on its block; what is not is on no block. */
async function judgeTransfers({ world: { db }, chain }: Forked): Promise<string[]> {
  const [onChain, tip, cursor] = [await chain.transfers(), await chain.tip(), await findCursor(db, CODE)];
  const rows = await db.selectFrom('transfers').selectAll().where('network', '=', CODE).execute();
  const wanted = onChain.map(
    ({ hash, units, height, blockHash }) => `${hash} ${units} ${height} ${blockHash}`,
  );
  const stored = rows.filter(({ height }) => height !== null);
  const kept = stored.map(row => `${row.tx_id} ${row.units} ${row.height} ${row.block_hash}`);
  return [
    ...(cursor?.hash === tip.hash ? [] : [`read up to ${cursor?.height}, and the chain is at ${tip.height}`]),
    ...wanted.filter(one => !kept.includes(one)).map(one => `on the chain and not in the table: ${one}`),
    ...kept.filter(one => !wanted.includes(one)).map(one => `in the table and not on the chain: ${one}`),
    ...(new Set(rows.map(({ tx_id }) => tx_id)).size === rows.length ? [] : ['a transfer is stored twice']),
  ];
}

type Row = {
  id: number;
  status: string;
  exception: string | null;
  created_at: number;
  expire_at: number;
  settled: string[];
  events: string[];
};

async function judgeInvoices(forked: Forked, figures: Figures): Promise<string[]> {
  const { world, chain, invoices } = forked;
  const onChain = await transfersTo(chain.live, chain.wallet, 1);
  const { rows } = await sql<Row>`
    select i.id, i.status, i.exception, i.created_at, i.expire_at,
           array(select t.tx_id from payments p join transfers t on t.id = p.transfer_id
                  where p.invoice_id = i.id and p.state = 'settled') as settled,
           array(select o.type from outbox o where o.invoice_id = i.id) as events
      from invoices i`.execute(world.db);
  const byId = new Map(rows.map(row => [row.id, row]));
  return invoices.flatMap(({ id, units }) => {
    const row = byId.get(id);
    if (!row) return [`invoice ${id} is gone`];
    figures.count({ [`invoices: ${row.status}${row.exception ? `, ${row.exception}` : ''}`]: 1 });
    const own = onChain.filter(transfer => transfer.units === units);
    const inTime = own.filter(({ time }) => time >= row.created_at - GRACE && time <= row.expire_at + GRACE);
    const wrong = faultsOf(forked, {
      row,
      onChain: new Set(own.map(({ hash }) => hash)),
      isDue: inTime.length > 0,
    });
    return wrong.map(fault => `invoice ${id} (${row.status}, ${row.exception}): ${fault}`);
  });
}

function faultsOf(
  { alarms, undone }: Forked,
  { row, onChain, isDue }: { row: Row; onChain: Set<string>; isDue: boolean },
): string[] {
  const { status, exception, settled, events, id } = row;
  const isPaid = status === 'completed';
  const isReversed = exception === 'reversed';
  const [hash = ''] = settled;
  const told = events.filter(type => type === 'paid').length;
  const alarmed = alarms.some(({ alarm, invoice }) => alarm === 'payment_reversed' && invoice === id);
  return [
    told !== (isPaid ? 1 : 0) && `it was told \`paid\` ${told} times`,
    settled.length !== (isPaid ? 1 : 0) && `${settled.length} payments have settled it`,
    !isPaid && isDue && 'its payment is on the chain, in time',
    isPaid && !isReversed && !onChain.has(hash) && 'what has settled it is not on the chain',
    isReversed && onChain.has(hash) && 'it is reversed, and what has settled it is on the chain',
    isReversed && !alarmed && 'it is reversed, and there was no alarm',
    alarmed && !undone.has(hash) && 'there was an alarm, and no fork took a final payment of it',
  ].filter(fault => fault !== false);
}
