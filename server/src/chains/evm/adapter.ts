/** The EVM family: Ethereum and the chains that copy its addresses and JSON-RPC. */
import { fail, ok, type Result } from '../../lib/result.ts';
import type { ChainFamily } from '../chain.ts';
import { type Dialect, openErc20Chain } from '../erc20-chain.ts';
import { openEndpoint } from '../http-post.ts';
import { transactionDigits } from '../transaction-id.ts';
import { evmAddressText, parseEvmAddress } from './address.ts';

const dialect: Dialect = {
  spelling: {
    key: digits => `0x${digits}`,
    digits: key => key.slice(2),
    txId: hash => hash,
    hash: txId => txId,
  },
  clock: { time: timestamp => timestamp * 1000 },
};

export const evm: ChainFamily = {
  parseAddress: parseEvmAddress,
  addressText: evmAddressText,
  parseTransactionId,
  open: (provider, network, pace) => openErc20Chain(openEndpoint(provider, pace), network, dialect),
};

function parseTransactionId(text: string): Result<string> {
  const digits = transactionDigits(text);
  return digits ? ok(`0x${digits}`) : fail('a transaction id here is 0x followed by 64 hexadecimal digits');
}
