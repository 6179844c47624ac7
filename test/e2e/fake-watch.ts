/** A fake chain that the gateway's own watching stage reads, when and only when the test says so. */
import { Providers } from '../../server/src/chains/failover.ts';
import { addressText } from '../../server/src/chains/registry.ts';
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import { watch } from '../../server/src/flow/watch.ts';
import { FakeChain, FakeProvider } from '../fake-chain.ts';
import { type Ground, networks, quiet } from '../gateway.ts';

export type FakeWatch = { chain: FakeChain; read(): Promise<void> };

/** Begins a chain now and reads it once, so that invoices can be created on it. */
export async function watchFake(ground: Ground, code: NetworkCode): Promise<FakeWatch> {
  const network = networks.get(code)!;
  const chain = new FakeChain(network, ground.clock.now());
  const providers = new Providers([new FakeProvider(chain)]);
  const { signal } = new AbortController();
  const { db, vault, clock } = ground;
  const deps = { db, vault, clock, logger: quiet, network, providers };
  const read = async () => {
    while ((await watch(deps, signal)) > 0);
  };
  await read();
  return { chain, read };
}

/** Pays an invoice on the chain and buries the payment as deep as finality asks; answers the transaction's id. */
export function payFake(
  { chain }: FakeWatch,
  shop: { address: string },
  invoice: { final_amount: string },
): { id: string; payer: string } {
  const { family, finality } = chain.network;
  const key = (address: string) => (family === 'tron' ? `41${address.slice(2)}` : address);
  const payer = key('0x00000000000000000000000000000000000f0001');
  const transfer = { asset: 'USDT', from: payer, to: key(shop.address), units: unitsOf(invoice) } as const;
  const { id } = chain.send([transfer]);
  for (let depth = 0; depth < finality.depth; depth++) chain.mine(chain.tip.time + 1000);
  return { id, payer: addressText(chain.network, payer) };
}

/** The base units of a `final_amount`; all test tokens have six decimals. */
export function unitsOf({ final_amount: amount }: { final_amount: string }): bigint {
  const [whole = '', fraction = ''] = amount.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
}
