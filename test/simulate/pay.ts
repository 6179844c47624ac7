/** Payers: what they send, and how it differs from what they were asked for. */
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { payPart } from './pay-part.ts';
import { address, keyOn } from './setup.ts';
import type { World } from './world.ts';

/** By how much payers are off, in base units: within one step of the tails, some of them, and far more. */
const DIFFERENCES = [1, 400, 800, 4500, 15_000, 150_000];

export type Due = {
  id: number;
  network: NetworkCode;
  asset: AssetCode;
  address_key: string;
  final_units: string;
  status: string;
  replaced: boolean;
};

/** What the newest invoices ask for, and what they asked for before their payers changed the coin. */
export const DUE = `select i.id, a.network, a.asset, a.address_key, a.final_units, i.status, a.replaced
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
  const from = keyOn(network, address(100 + chance.below(3)));
  if (due.length === 0 || chance.happens(0.1)) {
    const place = chance.pick(world.addresses);
    const own = keyOn(place.network, address(100));
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
  const payer = invoice.network === network ? from : keyOn(invoice.network, address(100));
  const exact = {
    asset: invoice.asset,
    from: payer,
    to: invoice.address_key,
    units: BigInt(invoice.final_units),
  };
  const kind = chance.weighted({ exact: 12, twice: 2, less: 3, more: 2, batch: 2, self: 1 });
  const transfers = {
    exact: [exact],
    twice: [exact, exact],
    self: [{ ...exact, from: exact.to }],
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
    const from = keyOn(network, address(100));
    world.chains.get(network)?.chain.send([{ asset, from, to, units: BigInt(final_units) }], world.now);
  }
  return `pay each amount of invoice ${id}`;
}
