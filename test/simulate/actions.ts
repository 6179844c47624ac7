/** What can happen in a history: payers, shops and chains act, and servers do one bounded piece of work at a time. */
import { createInvoices } from '../../server/src/commands/create-invoice.ts';
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { inCurrency } from './euro.ts';
import type { Lie } from './liar.ts';
import { payPart } from './pay-part.ts';
import { address, keyOn, register } from './setup.ts';
import { type Server, vault, type World } from './world.ts';

const GRACE = 120_000;
/** By how much payers are off, in base units: within one step of the tails, some of them, and far more. */
const DIFFERENCES = [1, 400, 800, 4500, 15_000, 150_000];

/** Of a widget, on which the payer is to choose how to pay. */
const PAGE = { description: null, backUrl: null, cancelUrl: null, lang: null };

export async function create(world: World, server: Server): Promise<string> {
  const known = [...world.sent.keys()];
  const again = known.length > 0 && world.chance.happens(0.15);
  const reference = again ? world.chance.pick(known) : `ref-${world.sent.size}`;
  const [merchantId = 0] = again
    ? [Number(reference.split('/')[0])]
    : [world.chance.pick(world.merchants).id];
  const key = again ? reference : `${merchantId}/${reference}`;
  const merchant = world.merchants.find(({ id }) => id === merchantId);
  const place = world.chance.pick(world.addresses);
  if (!merchant) throw new Error('no merchant');
  if (!world.sent.has(key)) world.sent.set(key, null);
  const [answer] = await createInvoices(
    {
      db: server.node.db,
      vault,
      clock: world.clock,
      networks: world.networks,
      memory: server.memory,
      random: n => world.chance.below(n),
      terms: world.terms,
    },
    [
      {
        merchant,
        ...topUpOf(world, key),
        requested: { units: world.chance.pick(world.prices) * 1_000_000n, scale: 8 },
        clientReferenceId: key,
        metadata: null,
        ...inCurrency(world),
        rate: world.coinRate(place.asset).value,
        ...(world.chance.happens(0.65)
          ? { method: { network: place.network, asset: place.asset }, page: null }
          : { method: null, page: { ...PAGE, id: world.chance.uuid() } }),
      },
    ],
  );
  if (!answer?.ok) {
    world.reach(`create refused: ${answer?.fault}`);
    return `create ${key}: ${answer?.fault}`;
  }
  if (world.sent.get(key) !== null) throw new Error(`a second invoice was made for ${key}`);
  world.sent.set(key, answer.value.id);
  world.reach('created');
  return `create ${key}: invoice ${answer.value.id} for ${answer.value.method?.final.units}`;
}

/** Some invoices of the operator's own merchant, the first, top up the balance of a user; sent again they do so again. */
function topUpOf(world: World, reference: string): { topUpUserId?: number } {
  if (!world.topUps.has(reference)) {
    const isOperators = reference.startsWith(`${world.merchants[0]?.id}/`);
    const user = isOperators && world.fees.happens(0.2) ? world.fees.pick(world.users).id : null;
    world.topUps.set(reference, user);
  }
  const topUpUserId = world.topUps.get(reference) ?? null;
  return topUpUserId === null ? {} : { topUpUserId };
}

type Due = {
  id: number;
  network: NetworkCode;
  asset: AssetCode;
  address_key: string;
  final_units: string;
  status: string;
  replaced: boolean;
};

/** What the newest invoices ask for, and what they asked for before their payers changed the coin. */
const DUE = `select i.id, a.network, a.asset, a.address_key, a.final_units, i.status, a.replaced
  from (select id, status from invoices where network is not null order by id desc limit 8) i join (
    select id as invoice_id, network, asset, address_key, final_units, false as replaced from invoices
    union all select invoice_id, network, asset, address_key, final_units, true from replaced_methods
  ) a on a.invoice_id = i.id order by i.id desc, a.replaced, a.network, a.asset`;

/** A payer sends something: mostly what an invoice asks for. */
export async function pay(world: World): Promise<string> {
  const { chance } = world;
  if (world.partly.happens(0.4)) return payPart(world);
  const due = await world.admin.rows<Due>(DUE);
  const network = chance.pick([...world.chains.keys()]);
  const from = keyOn(network, address(world, 100 + chance.below(3)));
  if (due.length === 0 || chance.happens(0.1)) {
    const place = chance.pick(world.addresses);
    const own = keyOn(place.network, address(world, 100));
    const sender = chance.happens(0.2) ? place.key : own;
    world.chains.get(place.network)?.chain.send([
      {
        asset: place.asset,
        from: sender,
        to: place.key,
        units: BigInt(chance.between(9_990_000, 10_100_000)),
      },
    ]);
    return 'a stranger pays';
  }
  const changed = due.filter(({ replaced }) => replaced);
  if (changed.length > 0 && chance.happens(0.1)) return payEach(world, due, chance.pick(changed));
  const invoice = changed.length > 0 && chance.happens(0.3) ? chance.pick(changed) : chance.pick(due);
  const chain = world.chains.get(invoice.network)?.chain;
  if (!chain) return 'no chain';
  const payer = invoice.network === network ? from : keyOn(invoice.network, address(world, 100));
  const exact = {
    asset: invoice.asset,
    from: payer,
    to: invoice.address_key,
    units: BigInt(invoice.final_units),
  };
  const kind = chance.weighted({ exact: 12, twice: 2, less: 3, more: 2, batch: 2 });
  const transfers = {
    exact: [exact],
    twice: [exact, exact],
    less: [{ ...exact, units: exact.units - BigInt(world.lenience.pick(DIFFERENCES)) }],
    more: [{ ...exact, units: exact.units + BigInt(world.lenience.pick(DIFFERENCES)) }],
    batch: due
      .filter(other => other.network === invoice.network)
      .slice(0, 3)
      .map(other => ({
        ...exact,
        asset: other.asset,
        to: other.address_key,
        units: BigInt(other.final_units),
      })),
  }[kind];
  const { id } = chain.send(transfers, world.now);
  const earlier = invoice.replaced ? 'earlier amount of ' : '';
  return `pay ${kind} ${earlier}${invoice.status} invoice ${invoice.id} in ${id.slice(-4)}`;
}

/** A payer who has lost track pays every amount of an invoice: one of them counts. */
function payEach(world: World, due: readonly Due[], { id }: Due): string {
  for (const { network, asset, address_key: to, final_units } of due.filter(other => other.id === id)) {
    const from = keyOn(network, address(world, 100));
    world.chains.get(network)?.chain.send([{ asset, from, to, units: BigInt(final_units) }], world.now);
  }
  return `pay each amount of invoice ${id}`;
}

function someChain(world: World) {
  const code = world.chance.pick([...world.chains.keys()]);
  const found = world.chains.get(code);
  if (!found) throw new Error(`no chain ${code}`);
  return { code, ...found };
}

export function mine(world: World): string {
  const { code, chain } = someChain(world);
  const blocks = world.chance.weighted({ '1': 6, '2': 2, '5': 1 });
  for (let n = 0; n < Number(blocks); n++) {
    // Block times are not our clock's: they may run a little before or after it.
    chain.mine(world.now + world.chance.between(-20_000, 5000), () => world.chance.happens(0.85));
  }
  return `mine ${blocks} on ${code}: height ${chain.tip.height}`;
}

/** A fork: some of its transactions come back in other blocks, some later, some never. */
export function reorg(world: World, depth: number): string {
  const { code, chain } = someChain(world);
  const lost = chain.drop(depth);
  if (lost.length > 0) world.forks++;
  // Of what was final more is gone for good: a settled payment that never comes back is the hardest case.
  const comesBack = depth >= chain.network.finality.depth ? 0.5 : 0.85;
  for (const transaction of lost) {
    if (world.chance.happens(comesBack)) chain.mempool.push(transaction);
  }
  const regrown = world.chance.below(depth + 3);
  for (let n = 0; n < regrown; n++) {
    // As on real chains the new blocks are about as old as those they replace.
    chain.mine(chain.tip.time + world.chance.between(1000, 15_000), () => world.chance.happens(0.7));
  }
  if (lost.length > 0) world.reach('reorganisation with payments');
  if (depth >= chain.network.finality.depth) world.deepReorgs++;
  return `reorg ${depth} on ${code}: height ${chain.tip.height}`;
}

/** A local chain loses its state and begins anew. */
export function newEpoch(world: World): string {
  const { code, chain } = someChain(world);
  if (!chain.network.onDemand) return 'not a local chain';
  chain.reset(world.now);
  world.epochs++;
  world.reach('new epoch');
  return `${code} begins anew`;
}

export function disturbProviders(world: World): string {
  const { code, providers, chain } = someChain(world);
  const provider = world.chance.pick(providers);
  const kind = world.chance.weighted({ lag: 3, freeze: 1, heal: 4 });
  if (kind === 'lag') provider.lag = world.chance.between(1, 3);
  else if (kind === 'freeze') provider.frozen = chain.blocks;
  else {
    provider.lag = 0;
    provider.frozen = null;
  }
  return `a provider of ${code}: ${kind}`;
}

/** A provider begins to lie, or tells the truth again. */
export async function lie(world: World): Promise<string> {
  const { lies } = world;
  const code = lies.pick([...world.chains.keys()]);
  const { liar, chain } = world.chains.get(code) ?? {};
  if (!liar || !chain) return 'nobody lies';
  const kind = lies.weighted(LIES);
  const due = (await world.admin.rows<Due>(DUE)).filter(({ network }) => network === code);
  const meant = due.length > 0 ? lies.pick(due) : null;
  const height = chain.tip.height + lies.between(0, 2);
  liar.lie = lieOf(kind, { meant, height, world, code, depth: chain.network.finality.depth });
  return `a provider of ${code} lies: ${liar.lie?.kind}`;
}

const LIES = {
  honest: 3,
  forge: 6,
  double: 1,
  hide: 3,
  empty: 1,
  half: 1,
  'another chain': 1,
  fork: 1,
  contradiction: 1,
};

type About = { meant: Due | null; height: number; world: World; code: NetworkCode; depth: number };

function lieOf(kind: keyof typeof LIES, { meant, height, world, code, depth }: About): Lie | null {
  switch (kind) {
    case 'honest':
      return null;
    case 'forge': {
      if (!meant) return null;
      const { asset, address_key: to, final_units } = meant;
      const transfer = { asset, from: keyOn(code, address(world, 200)), to, units: BigInt(final_units) };
      const txId = (0xf0_0000 + world.forged.size + world.lies.below(0xffff)).toString(16).padStart(64, '0');
      return { kind, transfer, height, txId: code === 'TRC-20' ? txId : `0x${txId}` };
    }
    case 'hide':
      return meant && { kind, to: meant.address_key };
    case 'fork':
      return { kind, height: Math.max(1, height - world.lies.below(depth + 3)) };
    default:
      return { kind };
  }
}

export function passTime(world: World): string {
  const unit = world.chance.weighted({ seconds: 10, minutes: 6, hours: 1 });
  const span = { seconds: 1000, minutes: 60_000, hours: 3_600_000 }[unit];
  const amount = world.chance.between(1, unit === 'hours' ? 5 : 40);
  world.now += amount * span;
  // Chains go on meanwhile; a network of which nothing is heard for half an hour takes no new invoices.
  for (const { chain } of world.chains.values()) {
    if (unit !== 'seconds' && world.chance.happens(0.8))
      chain.mine(world.now, () => world.chance.happens(0.5));
  }
  return `${amount} ${unit} pass`;
}

/** To the moments around a deadline, where a second decides; a block on each chain says so too. */
export async function approachDeadline(world: World): Promise<string> {
  const [next] = await world.admin.rows<{ expire_at: number }>(
    `select expire_at from invoices where status in ('new', 'confirming') and expire_at > $1 order by expire_at limit 1`,
    [new Date(world.now - GRACE)],
  );
  if (!next) return 'no deadline ahead';
  world.now = Math.max(world.now, next.expire_at + GRACE + world.chance.between(-20, 5) * 1000);
  for (const { chain } of world.chains.values()) {
    if (world.chance.happens(0.7)) chain.mine(world.now, () => world.chance.happens(0.5));
  }
  return 'a deadline comes near';
}

export async function addAddress(world: World, server: Server): Promise<string> {
  const number = 2 + world.addresses.length;
  if (number > 5) return 'enough wallets';
  const merchantId = world.chance.pick(world.merchants).id;
  const network = world.chance.pick([...world.networks.keys()]);
  const asset = world.coinOn(network);
  const account = address(world, number);
  const added = await register(world, server, { merchantId, network, asset, account });
  return `wallet ${number} on ${network}: ${added}`;
}
