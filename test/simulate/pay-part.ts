/** Payers who pay less than is asked, and then the rest, or something else; and people who say what was a part of what. */
import { acceptPart } from '../../server/src/commands/accept-part.ts';
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { identityOf } from './facts.ts';
import { giveBack } from './give-back.ts';
import { address, keyOn } from './setup.ts';
import { type Server, vault, type World } from './world.ts';

type Asking = {
  id: number;
  network: NetworkCode;
  asset: AssetCode;
  address_key: string;
  final_units: string;
  status: string;
  rest: string | null;
};

/** What the newest invoices ask for, the ones that ask for a rest first. */
const ASKING = `select i.id, i.network, i.asset, i.address_key, i.final_units, i.status, r.units as rest
  from invoices i left join lateral (
    select units from remainders where invoice_id = i.id and network = i.network and asset = i.asset
     order by asked_at desc, received desc limit 1) r on true
 where i.network is not null order by (r.units is not null and i.status = 'new') desc, (i.status = 'new') desc, i.id desc limit 6`;

/** Thousandths of the amount: dust, parts, and nearly all of it. */
const SHARES = [50, 400, 650, 700, 750, 800, 850, 900, 950];

export async function payPart(world: World): Promise<string> {
  const { partly } = world;
  const asking = await world.admin.rows<Asking>(ASKING);
  if (asking.length === 0) return 'nobody to pay in parts';
  const [first] = asking;
  // Whoever is asked for something, and most of all for a rest, mostly sees to that.
  const isAsked = first?.status === 'new' && partly.happens(0.8);
  const {
    id,
    network,
    asset,
    address_key: to,
    final_units,
    rest,
    status,
  } = isAsked ? first : partly.pick(asking);
  const chain = world.chains.get(network)?.chain;
  if (!chain) return 'no chain';
  const whole = BigInt(final_units);
  const part = (whole * BigInt(partly.pick(SHARES))) / 1000n;
  const left = rest === null ? part : BigInt(rest);
  const kinds = rest === null ? { part: 12, both: 1, rest: 0, wrong: 0, whole: 1 } : REST_KINDS;
  const kind = partly.weighted(kinds);
  const sums = {
    part: [part],
    both: [part, whole],
    rest: [left],
    wrong: [left + BigInt(partly.pick([-400_000, -1000, 1000, 400_000]))],
    whole: [whole],
  }[kind];
  const from = keyOn(network, address(100 + partly.below(2)));
  for (const units of sums) if (units > 0n) chain.send([{ asset, from, to, units }], world.now);
  world.reach(`sent ${kind} in parts`);
  return `pay ${kind} of ${status} invoice ${id}: ${sums}`;
}

const REST_KINDS = { part: 3, both: 1, rest: 14, wrong: 2, whole: 1 };

type Stray = {
  id: number;
  network: NetworkCode;
  tx_id: string;
  asset: AssetCode;
  from_key: string;
  to_key: string;
  units: string;
  ordinal: number;
};

const STRAYS = 'select id, network, tx_id, asset, from_key, to_key, units, ordinal from transfers';

/** Somebody gives a transfer that settled nothing to an open invoice, as a part of it; or deals with one otherwise. */
export async function attach(world: World, server: Server): Promise<string> {
  if (world.partly.happens(0.25)) return giveBack(world, server);
  const strays = await world.admin.rows<Stray>(
    `${STRAYS} where state = any($1) order by id desc limit 5`,
    // Now and then what is somebody else's by now.
    [world.partly.happens(0.15) ? ['unmatched', 'matched'] : ['unmatched']],
  );
  const open = await world.admin.rows<{ id: number; network: string; asset: string }>(
    `select id, network, asset from invoices where network is not null order by (status = 'new') desc, id desc limit 12`,
  );
  if (strays.length === 0 || open.length === 0) return 'nothing to give to anybody';
  const stray = world.partly.pick(strays);
  const fitting = open.filter(({ network, asset }) => network === stray.network && asset === stray.asset);
  const likely = fitting.length > 0 ? fitting : open;
  // Mostly one that waits for a payment: those stand first.
  const { id: invoiceId } = world.partly.happens(0.7) ? likely[0]! : world.partly.pick(likely);
  return give(world, server, stray, invoiceId);
}

/** Gives what a transaction brought to an invoice, whoever's it is by now. */
export async function giveTransaction(
  world: World,
  server: Server,
  txId: string,
  invoiceId: number,
): Promise<string> {
  const [stray] = await world.admin.rows<Stray>(`${STRAYS} where tx_id = $1 order by id desc`, [txId]);
  return stray ? give(world, server, stray, invoiceId) : 'nothing to give';
}

async function give(world: World, server: Server, stray: Stray, invoiceId: number): Promise<string> {
  const { network, tx_id: txId, asset, from_key: from, to_key: to, ordinal } = stray;
  const identity = identityOf(network, { txId, asset, from, to, units: BigInt(stray.units), ordinal });
  world.attached.set(identity, (world.attached.get(identity) ?? new Set()).add(invoiceId));
  const answer = await acceptPart(
    {
      db: server.node.db,
      clock: world.clock,
      vault,
      networks: world.networks,
      webhookId: world.webhookId,
      random: n => world.partly.below(n),
    },
    { userId: null, transferId: stray.id, invoiceId, acting: { kind: 'program' }, note: null },
  );
  world.reach(answer.ok ? 'given as a part' : `part refused: ${answer.fault}`);
  return `transfer ${stray.id} as a part of ${invoiceId}: ${answer.ok ? answer.value.status : answer.fault}`;
}
