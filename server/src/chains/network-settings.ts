/** What may be set for a network: its providers, and what differs from the public network of that code (a testnet, say). */
import { z } from 'zod';
import { type Network, type NetworkCode, networks, stablecoinCodes } from '../domain/asset.ts';
import { type Provider, providerKinds } from './chain.ts';

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const tokenSchema = z.strictObject({
  asset: z.enum(stablecoinCodes),
  contract: z.string().regex(/^0x[0-9a-f]{40}$/, 'must be 20 bytes as lower-case 0x hex'),
  decimals: z.int().min(2).max(36),
});

export const networkSchema = z.strictObject({
  rpc: z
    .array(
      z.strictObject({
        url: httpUrl,
        headers: z.record(z.string(), z.string()).optional(),
        kind: z.enum(providerKinds).optional(),
      }),
    )
    .min(1, 'must name at least one RPC URL')
    .max(16, 'must name at most 16 RPC URLs'),
  agreeAbove: z.int().min(0).nullable().optional(),
  recheckMinutes: z.int().min(1).max(1440).optional(),
  chainId: z.int().positive().optional(),
  finality: z.strictObject({ by: z.enum(['tag', 'depth']), depth: z.int().min(1).max(1000) }).optional(),
  logSpan: z.int().min(1).max(100_000).optional(),
  tokens: z.array(tokenSchema).min(1).optional(),
});

export type NetworkSettings = z.output<typeof networkSchema>;

/** A network and its providers, in order of preference. */
export type WatchedNetwork = { network: Network; providers: Provider[] };

type Fault = { path: (string | number)[]; message: string };

/** What no single setting is to blame for. */
export const networkFaults = (all: Partial<Record<NetworkCode, NetworkSettings>>): Fault[] =>
  Object.entries(all).flatMap(([code, settings]) => faultsOf(networks[code as NetworkCode], settings));

function faultsOf({ code, family }: Network, { rpc, agreeAbove, tokens = [] }: NetworkSettings): Fault[] {
  const faults = rpc.flatMap(({ kind }, index): Fault[] =>
    kind === 'tron-http' && family !== 'tron'
      ? [{ path: [code, 'rpc', index, 'kind'], message: 'tron-http is for TRC-20 only' }]
      : [],
  );
  const addresses = new Set(rpc.map(({ url, headers }) => JSON.stringify([url, headers])));
  if (addresses.size < rpc.length) faults.push({ path: [code, 'rpc'], message: 'names one RPC URL twice' });
  if (typeof agreeAbove === 'number' && rpc.length < 2)
    faults.push({ path: [code, 'agreeAbove'], message: 'needs at least two RPC URLs that can agree' });
  for (const [index, { asset, decimals }] of tokens.entries())
    if (tokens.find(one => one.asset === asset)?.decimals !== decimals)
      faults.push({
        path: [code, 'tokens', index, 'decimals'],
        message: `must be those of the other ${asset}: amounts of one coin are counted in one unit`,
      });
  return faults;
}

/** The public row with what is set otherwise. */
export function watchedNetwork(
  code: NetworkCode,
  { rpc, agreeAbove, ...changes }: NetworkSettings,
): WatchedNetwork {
  return {
    network: { ...networks[code], ...defined({ ...changes, agreeAbove: agreeAbove ?? undefined }) },
    providers: rpc.map(({ url, headers, kind }) => ({
      url,
      ...(headers && { headers }),
      ...(kind && { kind }),
    })),
  };
}

function defined<T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
}
