/** What must hold after every step, judged from two looks at the database and from what was known in between. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { InvoiceState } from './admin.ts';
import { checkChanged, isItsOwn } from './changed-address.ts';
import { checkDrift } from './judge-policy.ts';
import { checkNotEarly } from './oracle.ts';
import type { World } from './world.ts';

const GRACE = 120_000;

/** Edges of the invoice machine, as docs/states.md has them; several may lie between two looks. */
const EDGES: Record<string, readonly string[]> = {
  awaiting_method: ['new', 'expired', 'cancelled', 'paid_manually'],
  new: ['confirming', 'expired', 'cancelled', 'paid_manually'],
  confirming: ['new', 'completed', 'paid_manually'],
  expired: ['completed', 'paid_manually'],
  cancelled: ['completed', 'paid_manually'],
  completed: [],
  paid_manually: [],
};

/** Whether a status may have come from another by any number of edges. */
function isReachable(from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const step of EDGES[next] ?? []) {
      if (seen.has(step)) continue;
      seen.add(step);
      open.push(step);
    }
  }
  return seen.has(to);
}

/** Compares two looks at the invoices. */
function checkEdges(before: readonly InvoiceState[], after: readonly InvoiceState[]): string[] {
  const now = new Map(after.map(invoice => [invoice.id, invoice]));
  return before.flatMap(({ id, status, fixed }) => {
    const next = now.get(id);
    if (!next) return [`invoice ${id} is gone`];
    if (next.fixed !== fixed) return [`invoice ${id} was made as ${fixed} and is ${next.fixed}`];
    return isReachable(status, next.status) ? [] : [`invoice ${id} went from ${status} to ${next.status}`];
  });
}

type Cursor = { network: string; height: number; block_time: number };

/** Remembers how far each network was ever read. Nothing is read again from further down unless a fork was found. */
export async function noteRead(world: World): Promise<string[]> {
  const cursors = await world.admin.rows<Cursor>('select network, height, block_time from cursors');
  return cursors.flatMap(({ network, height, block_time: time }) => {
    const before = world.heights.get(network) ?? 0;
    world.heights.set(network, height);
    world.readUpTo.set(network, Math.max(time, world.readUpTo.get(network) ?? 0));
    const isExplained = height >= before || world.rewound.has(network);
    return isExplained ? [] : [`${network} was read up to ${before}, and without a fork now to ${height}`];
  });
}

type Expired = { id: number; network: NetworkCode; expire_at: number; exception: string | null };

/**
 * Nothing expires before the chains were read past its deadline: every one on which it holds an amount. One that is out of use is
 * not waited for, and leaves a mark.
 */
async function checkExpiry(world: World, expired: readonly number[]): Promise<string[]> {
  if (expired.length === 0) return [];
  const held = await world.admin.rows<Expired>(
    'select i.id, r.network, i.expire_at, i.exception from invoices i join reservations r on r.invoice_id = i.id where i.id = any($1)',
    [expired],
  );
  return held
    .filter(({ network, expire_at }) => (world.readUpTo.get(network) ?? 0) <= expire_at + GRACE)
    .flatMap(({ id, network, exception }) => {
      if (!world.retired.has(network))
        return [`invoice ${id} expired before ${network} was read past its deadline`];
      world.reach('expired unseen');
      return exception === null ? [`invoice ${id} expired unseen and does not say so`] : [];
    });
}

/**
 * Marks that only a network can bring about which broke its word, a provider that lied, or an operator; by hand an invoice may be confirmed
 * by what is not final, and any fork takes that away.
 */
function checkMark(world: World, { id, status, exception }: InvoiceState): string[] {
  const isNamed = status === 'paid_manually' && world.takenBack.size > 0;
  const isTrue = {
    reversed: isNamed || world.deepReorgs > 0 || world.liedOn.size > 0,
    expired_blind: world.retired.size > 0,
  }[exception ?? ''];
  return isTrue === false ? [`invoice ${id} is marked ${exception}, for no reason`] : [];
}

/** Everything that must hold after a step. */
export async function checkStep(world: World, violations: string[]): Promise<void> {
  const before = world.looked;
  const [now, broken, ...found] = await Promise.all([
    world.admin.invoices(),
    world.admin.violations(),
    checkNotEarly(world),
    checkDrift(world),
    checkChanged(world),
    noteRead(world),
  ]);
  const expired = now.filter(({ status }, n) => status === 'expired' && before[n]?.status !== 'expired');
  violations.push(
    ...broken.filter(violation => !isItsOwn(world, violation)),
    ...checkEdges(before, now),
    ...now.flatMap(invoice => checkMark(world, invoice)),
    ...found.flat(),
    ...(await checkExpiry(
      world,
      expired.map(({ id }) => id),
    )),
  );
  for (const [index, invoice] of now.entries()) noteChange(world, before[index], invoice);
  world.looked = now;
}

function noteChange(
  world: World,
  was: InvoiceState | undefined,
  { status, asked, exception }: InvoiceState,
): void {
  if (was === undefined) return;
  if (was.exception === 'reversed' && exception !== 'reversed') world.reach('reversed and back');
  if (was.status !== status) world.reach(`${was.status} → ${status}`);
  const paid = status === 'confirming' || was.status === 'expired' || was.status === 'cancelled';
  if (was.asked !== null && was.asked !== asked && paid) world.reach('paid a replaced amount');
}
