/** Every chain family there is, and what a merchant's text must pass before it becomes a wallet. */
import type { Network } from '../domain/asset.ts';
import { fail, type Result } from '../lib/result.ts';
import type { Address, Chain, ChainFamily, Provider } from './chain.ts';
import { evm } from './evm/adapter.ts';
import { looksSecret } from './looks-secret.ts';
import type { Pace } from './pace.ts';
import { tron } from './tron/adapter.ts';

export const families: Record<Network['family'], ChainFamily> = { evm, tron };

const familyNames: Record<Network['family'], string> = {
  evm: 'an Ethereum-style (0x…)',
  tron: 'a Tron (T…)',
};

/** A wallet address as people write it. The fault is a sentence for them and never repeats the text. */
export function parseAddress(network: Network, text: string): Result<Address> {
  const secret = looksSecret(text);
  if (secret) return fail(secret);
  const parsed = families[network.family].parseAddress(text);
  if (!parsed.ok) return fail(foreignFault(network, text) ?? parsed.fault);
  const token = network.tokens.find(one => one.contract.slice(2) === parsed.value.key.slice(-40));
  if (token) return fail(`this is the ${token.asset} contract itself, not a wallet`);
  return parsed;
}

function foreignFault(network: Network, text: string): string | null {
  for (const family of Object.keys(families) as Network['family'][])
    if (family !== network.family && families[family].parseAddress(text).ok)
      return `this is ${familyNames[family]} address; ${network.names[0] ?? network.code} needs ${familyNames[network.family]} one`;
  return null;
}

/** The form people read, of an address key stored for this network. */
export const addressText = (network: Network, key: string): string =>
  families[network.family].addressText(key);

/**
 * A transaction id as people write it, in the form this network stores. The fault is a sentence for them and never
 * repeats the text. A private key has the same 64 digits and cannot be told apart: keep what was entered out of logs.
 */
export function parseTransactionId(network: Network, text: string): Result<string> {
  const parsed = families[network.family].parseTransactionId(text);
  const isAddress = !parsed.ok && Object.values(families).some(family => family.parseAddress(text).ok);
  return isAddress ? fail(`this is an address; ${parsed.fault}`) : parsed;
}

/** Throws a ChainError that is not retryable when the provider's URL is unusable. */
export const openChain = (network: Network, provider: Provider, pace?: Pace): Chain =>
  families[network.family].open(provider, network, pace);
