/**
 * The test tokens of a local chain: deployed by ordinary transactions, with real receipts and mint events, from a
 * sender of their own, so that their addresses depend on nothing else and the unlocked accounts start unused.
 */

import type { LocalKind, LocalNetwork } from './local-network.ts';
import { receiptOf, rpc, rpcAccounts, rpcHex } from './rpc.ts';
import { testTokenCode } from './test-token-code.ts';

/** Who deploys. Two senders, or the two chains would have their tokens at the same addresses. */
const senders: Record<LocalKind, string> = {
  'ERC-20': '0x00000000000000000000000000000000000d0c0a',
  'TRC-20': '0x00000000000000000000000000000000000d0c0b',
};

const wholeTokens = 10n ** 12n;

/** Deploys the tokens of the row that are not there yet; the first unlocked account holds them all. */
export async function deployTestTokens(url: string, network: LocalNetwork): Promise<void> {
  const sender = senders[network.code];
  const [holder] = await rpcAccounts(url);
  for (const { asset, contract, decimals } of network.tokens) {
    if ((await rpcHex(url, 'eth_getCode', contract, 'latest')) !== '0x') continue;
    const supply = wholeTokens * 10n ** BigInt(decimals);
    const address = await deployToken(url, {
      sender,
      name: `Test ${asset}`,
      symbol: asset,
      decimals,
      supply,
      holder,
    });
    if (address !== contract) throw new Error(`the test ${asset} is at ${address} and not at ${contract}`);
  }
}

/**
 * Deploys a token from any address, at the address that follows from the sender and its count of transactions, and
 * gives `supply` base units to `holder`. Returns the contract's address as 0x hex. Names are at most 31 bytes.
 */
export async function deployToken(
  url: string,
  token: { sender: string; name: string; symbol: string; decimals: number; supply: bigint; holder: string },
): Promise<string> {
  await rpc(url, 'anvil_setBalance', token.sender, '0xde0b6b3a7640000');
  await rpc(url, 'anvil_impersonateAccount', token.sender);
  const transaction = { from: token.sender, data: testTokenCode + constructorWords(token), gas: '0x200000' };
  const { status, contractAddress } = await receiptOf(
    url,
    await rpcHex(url, 'eth_sendTransaction', transaction),
  );
  await rpc(url, 'anvil_stopImpersonatingAccount', token.sender);
  if (status !== 1 || !contractAddress)
    throw new Error(`the test token ${token.symbol} could not be deployed`);
  return contractAddress.toLowerCase();
}

/** ABI encoding of (string, string, uint8, uint256, address): five words, then the two strings they point to. */
function constructorWords(token: {
  name: string;
  symbol: string;
  decimals: number;
  supply: bigint;
  holder: string;
}): string {
  const words = [0xa0n, 0xe0n, BigInt(token.decimals), token.supply, BigInt(token.holder)];
  return words.map(word).join('') + shortText(token.name) + shortText(token.symbol);
}

function shortText(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 31) throw new Error(`"${text}" is longer than 31 bytes`);
  return word(BigInt(bytes.length)) + bytes.toString('hex').padEnd(64, '0');
}

/** A number as a 32-byte word of the ABI, without 0x. */
export function word(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}
