/** What can happen in a history: payers, shops and chains act, and servers do one bounded piece of work at a time. */
import { createInvoices } from '../../server/src/commands/create-invoice.ts';
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { refuseThief } from './changed-address.ts';
import { inCurrency } from './euro.ts';
import { address, keyOn, register } from './setup.ts';
import { type Server, vault, type World } from './world.ts';

const GRACE = 120_000;

/** Of a widget, on which the payer is to choose how to pay. */
const PAGE = { description: null, backUrl: null, cancelUrl: null, lang: null };

/** `where`: a new one, of which it is known whose it is and where it is to be paid. */
export async function create(
  world: World,
  server: Server,
  where?: { merchantId: number; network: NetworkCode; asset: AssetCode },
): Promise<string> {
  const known = [...world.sent.keys()];
  const again = !where && known.length > 0 && world.chance.happens(0.15);
  const reference = again ? world.chance.pick(known) : `ref-${world.sent.size}`;
  const [merchantId = 0] = again
    ? [Number(reference.split('/')[0])]
    : [where?.merchantId ?? world.chance.pick(world.merchants).id];
  const key = again ? reference : `${merchantId}/${reference}`;
  const merchant = world.merchants.find(({ id }) => id === merchantId);
  const place = where ?? world.chance.pick(world.addresses);
  if (!merchant) throw new Error('no merchant');
  if (!world.sent.has(key)) world.sent.set(key, null);
  // Blocks are timed in whole seconds: only a deadline in one can be met to the moment.
  if (world.focused.happens(world.focus === 'late' ? 0.8 : 0.4))
    world.now = Math.ceil(world.now / 1000) * 1000;
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
        requested: { units: world.chance.pick(world.prices) * 1_000_000n + oddments(world), scale: 8 },
        clientReferenceId: key,
        metadata: null,
        ...inCurrency(world),
        rate: world.coinRate(place.asset).value,
        ...(where || world.chance.happens(0.65)
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
  refuseThief(answer.value);
  world.sent.set(key, answer.value.id);
  world.reach('created');
  return `create ${key}: invoice ${answer.value.id} for ${answer.value.method?.final.units}`;
}

/** What a price in another currency leaves behind the cents, in 10^-8 dollars. */
const oddments = ({ fees }: World): bigint => (fees.happens(0.3) ? BigInt(fees.between(1, 99)) : 0n);

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
  for (const { id } of lost) world.takenBack.add(id);
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

/** A merchant adds a wallet, and most of them try it out at once. */
export async function addAddress(world: World, server: Server): Promise<string> {
  const number = 2 + world.addresses.length + world.lostAddresses;
  if (number > MOST_ADDRESSES[world.focus === 'watching' ? 'watching' : 'everything'])
    return 'enough wallets';
  const merchantId = world.chance.pick(world.merchants).id;
  const network = world.chance.pick([...world.networks.keys()]);
  const asset = world.coinOn(network);
  const account = address(number);
  const added = await register(world, server, { merchantId, network, asset, account });
  const chain = world.chains.get(network)?.chain;
  if (added && chain && world.focused.happens(0.7)) {
    const to = keyOn(network, account);
    const from = keyOn(network, address(100));
    chain.send([{ asset, from, to, units: BigInt(world.focused.between(1_000_000, 9_000_000)) }]);
    chain.mine(world.now);
    world.reach('new wallet tried out');
  }
  return `wallet ${number} on ${network}: ${added}`;
}

const MOST_ADDRESSES = { everything: 5, watching: 14 };
