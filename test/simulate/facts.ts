/** What the real chains hold, whatever the providers say of them. */
import type { ChainTransfer } from '../../server/src/chains/chain.ts';
import type { World } from './world.ts';

export type ChainFacts = {
  /** Transfers to watched addresses, as they stand on the chains now. */
  canonical: { network: string; transfer: ChainTransfer; sentAt: number }[];
  identities: Set<string>;
};

export function identityOf(
  network: string,
  t: { txId: string; asset: string; from: string; to: string; units: bigint; ordinal: number },
): string {
  return [network, t.txId, t.asset, t.from, t.to, t.units, t.ordinal].join(' ');
}

/** An amount an invoice asked for, to a wallet, and from when on it was the invoice's own, in ms. */
export type Asked = { network: string; asset: string; addressKey: string; units: string; since: number };

export const askedText = ({ network, asset, addressKey, units, since }: Asked): string =>
  [network, asset, addressKey, units, since].join(' ');

/** Every amount an invoice ever asked for, the one it asks for now among them. */
export const ASKED = `select a.invoice_id, a.network, a.asset, a.address_key as "addressKey", a.units, a.since from (
    select id as invoice_id, network, asset, address_key, final_units as units, method_at as since from invoices
     where network is not null
    union all
    select invoice_id, network, asset, address_key, final_units, method_at from replaced_methods) a
   order by a.invoice_id, a.since, a.network, a.asset`;

/** An amount asked for the rest, once `received` had come. */
export type RestAsked = Asked & { received: string };

export const RESTS = `select invoice_id, network, asset, address_key as "addressKey", units, asked_at as since, received
  from remainders order by invoice_id, asked_at, received`;

export type Settled = {
  invoice_id: number;
  invoice_status: string;
  settled_at: number;
  network: string;
  epoch: number;
  tx_id: string;
  asset: string;
  from_key: string;
  to_key: string;
  units: string;
  ordinal: number;
  height: number | null;
  kind: string;
  /** When two providers had agreed on it. */
  agreed_at: number | null;
  /** The whole that its invoice asks for. */
  final_units: string;
};

/** The transfers that have settled an invoice. */
export const SETTLED = `select p.invoice_id, i.status as invoice_status, p.settled_at, t.network, t.epoch, t.tx_id, t.asset, t.from_key, t.to_key, t.units, t.ordinal, t.height, p.kind, p.agreed_at, i.final_units
  from payments p join transfers t on t.id = p.transfer_id join invoices i on i.id = p.invoice_id where p.state = 'settled'`;

/** What a transfer is known by, as it is stored. */
export type StoredTransfer = Pick<
  Settled,
  'network' | 'epoch' | 'tx_id' | 'asset' | 'from_key' | 'to_key' | 'units' | 'ordinal'
>;

export function rowIdentity(row: StoredTransfer): string {
  return identityOf(row.network, {
    txId: row.tx_id,
    asset: row.asset,
    from: row.from_key,
    to: row.to_key,
    units: BigInt(row.units),
    ordinal: row.ordinal,
  });
}

export function factsOf(world: World): ChainFacts {
  const canonical = [...world.chains].flatMap(([network, { chain }]) =>
    chain
      .transfers()
      .filter(({ to, units }) => units > 0n && isWatched(world, network, to))
      .map(transfer => ({ network, transfer, sentAt: chain.sentAt.get(transfer.txId) ?? 0 })),
  );
  return {
    canonical,
    identities: new Set(canonical.map(({ network, transfer }) => identityOf(network, transfer))),
  };
}

/** Remembers what is as deep now as finality asks: only that may ever settle an invoice. Several small forks may undo it, too. */
export function noteFinal(world: World): void {
  for (const [network, { chain }] of world.chains) {
    const final = chain.tip.height - (chain.network.finality.depth - 1);
    const before = world.finals.get(network);
    const genesis = chain.blocks[0]?.hash ?? '';
    if (before?.genesis === genesis && chain.blocks[before.height]?.hash !== before.hash) world.deepReorgs++;
    const isHigher = before?.genesis !== genesis || final > before.height;
    const height = Math.max(0, isHigher ? final : Math.min(before.height, chain.tip.height));
    world.finals.set(network, { genesis, height, hash: chain.blocks[height]?.hash ?? '' });
    for (const transfer of chain.transfers()) {
      if (transfer.block.height <= final) world.everFinal.add(identityOf(network, transfer));
      const home = world.homes.get(transfer.txId);
      if (home !== undefined && home !== transfer.block.hash) world.reach('included elsewhere');
      world.homes.set(transfer.txId, transfer.block.hash);
    }
  }
}

function isWatched(world: World, network: string, key: string): boolean {
  return world.addresses.some(known => known.network === network && known.key === key);
}
