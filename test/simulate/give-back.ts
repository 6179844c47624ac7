/** People who say what was done about money: that it was sent back, or that there is nothing to do about it. */
import { markTransfer } from '../../server/src/commands/mark-transfer.ts';
import type { Chapter } from './chapters.ts';
import { rowIdentity, type StoredTransfer } from './facts.ts';
import type { Server, World } from './world.ts';

type JudgedTransfer = StoredTransfer & { id: number; state: string; kind: string | null; pays: boolean };

const JUDGED = `select t.*, p.kind, coalesce(p.state = 'pending' and p.kind not in ('part', 'late_part'), false) as pays
  from transfers t left join payments p on p.transfer_id = t.id and p.state <> 'released'
  where t.state in ('unmatched', 'matched')`;

/** Somebody deals with one of the newest transfers that were judged: mostly with one that counts for nothing, or for a part. */
export async function giveBack(world: World, server: Server): Promise<string> {
  const judged = await world.admin.rows<JudgedTransfer>(
    `${JUDGED} order by coalesce(p.kind, 'part') not in ('part', 'late_part'), t.id desc limit 5`,
  );
  return judged.length > 0 ? mark(world, server, world.partly.pick(judged)) : 'nothing to give back';
}

/** Somebody deals with what a transaction brought. */
export const givesBack =
  (txId: () => string): Chapter =>
  async (world, server) => {
    const [judged] = await world.admin.rows<JudgedTransfer>(`${JUDGED} and t.tx_id = $1 order by t.id`, [
      txId(),
    ]);
    return judged ? mark(world, server, judged) : 'nothing to give back';
  };

async function mark(
  world: World,
  { node }: Server,
  { id, state, kind, pays, ...transfer }: JudgedTransfer,
): Promise<string> {
  world.dealtWith.add(rowIdentity(transfer));
  const resolution = world.partly.pick(['refunded', 'dismissed'] as const);
  const said = { resolution, refundId: null, memo: null, by: 'somebody' };
  const answer = await markTransfer({ db: node.db, clock: world.clock }, id, said);
  // It will settle its invoice: what has been given back must not.
  if (pays && answer.ok) throw new Error(`transfer ${id} pays an invoice, and was marked as ${resolution}`);
  world.reach(`${resolution} ${kind ?? state}${answer.ok ? '' : ' refused'}`);
  return `transfer ${id}, ${kind ?? state}, is ${resolution}: ${answer.ok ? 'noted' : answer.fault[0]?.rule}`;
}

type Dealt = StoredTransfer & { counted_since: boolean };

/**
 * The transfers that stand there as dealt with; and any of which nobody ever said so, or that counts since for something, though no
 * person named it for that.
 */
export async function dealtWith(world: World): Promise<{ dealt: Set<string>; faults: string[] }> {
  const rows = await world.admin.rows<Dealt>(
    `select t.*, exists (select from payments p where p.transfer_id = t.id and p.kind <> 'manual' and p.created_at > t.resolved_at) as counted_since
       from transfers t join cursors c on c.network = t.network and c.epoch = t.epoch where t.resolution is not null`,
  );
  const dealt = new Set(rows.map(rowIdentity));
  const unsaid = [...dealt].filter(identity => !world.dealtWith.has(identity));
  const counting = rows.filter(row => row.counted_since).map(rowIdentity);
  return {
    dealt,
    faults: [
      ...unsaid.map(identity => `transfer ${identity} was dealt with by nobody`),
      ...counting.map(identity => `transfer ${identity} counts though somebody has dealt with it`),
    ],
  };
}
