/**
 * The Tron family, by the Ethereum JSON-RPC of java-tron or the HTTP API of a full node: TRC-20 transfers are the same logs as ERC-20's. It knows 20-byte
 * addresses and 0x hashes; Tron people know 21 bytes, base58 and bare hashes.
 */
import { fail, ok, type Result } from '../../lib/result.ts';
import type { ChainFamily, Provider } from '../chain.ts';
import { type Dialect, openErc20Chain } from '../erc20-chain.ts';
import { openEndpoint } from '../http-post.ts';
import { Pace } from '../pace.ts';
import { transactionDigits } from '../transaction-id.ts';
import { parseTronAddress, tronAddressText } from './address.ts';
import { openHttpChain } from './http-chain.ts';
import { apiBeside, isTrx, solidBalance } from './own-coin.ts';

/** Before java-tron 4.6.0 a block's timestamp was in milliseconds; in seconds this number lies in the year 5138. */
const surelyMilliseconds = 1e11;

const dialect: Dialect = {
  spelling: {
    key: digits => `41${digits}`,
    digits: key => key.slice(2),
    txId: hash => hash.slice(2),
    hash: txId => `0x${txId}`,
  },
  clock: { time: timestamp => (timestamp > surelyMilliseconds ? timestamp : timestamp * 1000) },
};

export const tron: ChainFamily = {
  parseAddress: parseTronAddress,
  addressText: tronAddressText,
  parseTransactionId,
  open: (provider, network, pace = new Pace()) => {
    const endpoint = openEndpoint(provider, pace);
    return provider.kind === 'tron-http'
      ? openHttpChain(endpoint, network, dialect.spelling)
      : openErc20Chain(endpoint, network, dialectOf(provider, pace));
  },
};

function dialectOf(provider: Provider, pace: Pace): Dialect {
  const api = apiBeside(provider, pace);
  return {
    ...dialect,
    ownCoin: (sent, signal) => isTrx(api, sent, dialect.spelling, signal),
    balance: (key, _at, signal) => solidBalance(api, key, signal),
  };
}

function parseTransactionId(text: string): Result<string> {
  const digits = transactionDigits(text);
  return digits ? ok(digits) : fail('a transaction id on Tron is 64 hexadecimal digits');
}
