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

/** Remembers what is as deep now as finality asks: only that may ever settle an invoice. */
export function noteFinal(world: World): void {
  for (const [network, { chain }] of world.chains) {
    const final = chain.tip.height - (chain.network.finality.depth - 1);
    for (const transfer of chain.transfers()) {
      if (transfer.block.height <= final) world.everFinal.add(identityOf(network, transfer));
    }
  }
}

function isWatched(world: World, network: string, key: string): boolean {
  return world.addresses.some(known => known.network === network && known.key === key);
}
