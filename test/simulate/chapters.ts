/** The chapters that stories are made of. */
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import type { Known } from './people.ts';
import { address, keyOn } from './setup.ts';
import { tick } from './stages.ts';
import type { Server, World } from './world.ts';

export type Chapter = (world: World, server: Server) => Promise<string> | string;
/** Answers no chapters where there is nobody to tell it of. */
export type Story = (world: World) => Promise<Chapter[]>;

export const GRACE = 120_000;

export type Asked = Known & {
  network: NetworkCode;
  asset: AssetCode;
  address_key: string;
  final_units: string;
  expire_at: number;
};

/** One of the newest invoices of which this is so. */
export async function oneOf(world: World, where: string): Promise<Asked | null> {
  const found = await world.admin.rows<Asked>(
    `select id, merchant_id, network, asset, address_key, final_units, status, exception, expire_at from invoices i
      where network is not null and ${where} order by id desc limit 4`,
  );
  return found.length > 0 ? world.focused.pick(found) : null;
}

/** Stages that run one after the other; of a network, those that are named so. */
export const works =
  (...names: string[]): Chapter =>
  async (world, server) => {
    const moved: string[] = [];
    for (const name of names) moved.push(`${name} ${await tick(world, server, name)}`);
    return moved.join(', ');
  };

export const reads = (code: NetworkCode, ...then: string[]): Chapter =>
  works(`watch ${code}`, 'match', ...then);

/** All that stands between a payment that is final by now and its invoice. */
export const settles = (code: NetworkCode): Chapter => reads(code, `agree ${code}`, 'settle');

const chainOf = (world: World, code: NetworkCode) => {
  const chain = world.chains.get(code)?.chain;
  if (!chain) throw new Error(`no chain ${code}`);
  return chain;
};

/** Sends this much of what an invoice asks for; `note` hears the id of the transaction. */
export const pays =
  (
    { network, asset, address_key: to, final_units, id }: Asked,
    note: (txId: string) => void = () => undefined,
    units: bigint = BigInt(final_units),
  ): Chapter =>
  world => {
    const from = keyOn(network, address(100 + world.focused.below(2)));
    note(chainOf(world, network).send([{ asset, from, to, units }], world.now).id);
    return `pay ${units} of invoice ${id}`;
  };

/** Mines blocks that take everything but what is `left`, at a time or now. */
export const mines =
  (
    code: NetworkCode,
    { blocks = 1, left = () => [], at }: { blocks?: number; left?: () => string[]; at?: number } = {},
  ): Chapter =>
  world => {
    const chain = chainOf(world, code);
    world.now = Math.max(world.now, at ?? 0);
    for (let n = 0; n < blocks; n++) chain.mine(at ?? world.now, ({ id }) => !left().includes(id));
    return `mine ${blocks} on ${code}: height ${chain.tip.height}`;
  };

/** The chain forks below a transaction, if it is no deeper than allowed; it alone comes back or not, the others do. */
export const forksBelow =
  (code: NetworkCode, txId: () => string, comesBack: boolean): Chapter =>
  world => {
    const chain = chainOf(world, code);
    const at = chain.blocks.findIndex(({ transactions }) => transactions.some(({ id }) => id === txId()));
    const depth = chain.blocks.length - at;
    const isDeep = depth >= chain.network.finality.depth;
    if (at < 1 || depth > MOST_DEPTH || (isDeep && world.faults.deepReorg === 0)) return 'no fork';
    for (const transaction of chain.drop(depth)) {
      world.takenBack.add(transaction.id);
      if (comesBack || transaction.id !== txId()) chain.mempool.push(transaction);
    }
    world.reach('reorganisation with payments');
    return `reorg ${depth} on ${code}, below ${txId().slice(-4)}`;
  };

const MOST_DEPTH = 12;
