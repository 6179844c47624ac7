/** The EVM family: Ethereum and the chains that copy its addresses and JSON-RPC. */
import type { ChainFamily } from '../chain.ts';
import { type Dialect, openErc20Chain } from '../erc20-chain.ts';
import { evmAddressText, parseEvmAddress } from './address.ts';

const dialect: Dialect = {
  spelling: { key: digits => `0x${digits}`, digits: key => key.slice(2), txId: hash => hash },
  clock: { time: timestamp => timestamp * 1000 },
};

export const evm: ChainFamily = {
  parseAddress: parseEvmAddress,
  addressText: evmAddressText,
  open: (provider, network) => openErc20Chain(provider, network, dialect),
};
