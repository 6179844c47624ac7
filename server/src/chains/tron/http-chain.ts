/**
 * A Chain by the HTTP API of a Tron full node: a second source beside the JSON-RPC, with other code behind it and other
 * limits. It reads every block whole, which costs more; made for reading again and for agreeing.
 */
import type { Network, Token } from '../../domain/asset.ts';
import { mapBounded } from '../bounded.ts';
import { type Chain, ChainError, type Head, type Identity, type TransactionReport } from '../chain.ts';
import { byContract, paymentsIn } from '../erc20-logs.ts';
import { type Spelling, toTransfers } from '../erc20-transfers.ts';
import { malformed } from '../eth-block.ts';
import { type Endpoint, HttpError } from '../http-post.ts';
import { isRecord, readable } from '../json-rpc-answer.ts';
import { ask } from './http-api.ts';
import { decodeHttpBlock, decodeResult, paidIn, toLogs } from './http-block.ts';
import { fetchHttpBlock, headerOf, readBlocksAfter } from './http-reading.ts';
import { solidBalance } from './own-coin.ts';

type Source = { node: Endpoint; network: Network; spelling: Spelling };

export function openHttpChain(node: Endpoint, network: Network, spelling: Spelling): Chain {
  const source = { node, network, spelling };
  return {
    identity: signal => readIdentity(source, signal),
    head: signal => readHead(source, signal),
    block: async (height, signal) => {
      const block = await fetchHttpBlock(source.node, height, signal);
      return block && headerOf(block);
    },
    transaction: (txId, signal) => readTransaction(source, txId, signal),
    read: (range, watched, signal) => readBlocksAfter(source, range, watched, signal),
    balance: (key, _at, signal) => solidBalance(source.node, key, signal),
  };
}

/** On Tron the chain id is the last four bytes of the first block's id (TIP-474). */
async function readIdentity({ node, network }: Source, signal: AbortSignal): Promise<Identity> {
  const genesis = await fetchHttpBlock(node, 0, signal);
  if (!genesis) throw new ChainError('the provider has no first block', { retryable: true });
  const tokens = await mapBounded(
    network.tokens,
    async (token, linked) => ({
      asset: token.asset,
      contract: token.contract,
      decimals: await decimalsOf(node, token, linked),
    }),
    signal,
  );
  return { chainId: Number(`0x${genesis.hash.slice(-8)}`), genesis: genesis.hash, tokens };
}

/**
 * Null where there is no such contract, which the node says by refusing the question, or by an answer that is no byte in one
 * word. Any other fault is one of the moment, such as a machine that paused (OTHER_ERROR, CPU timeout), and no verdict.
 */
async function decimalsOf(node: Endpoint, token: Token, signal: AbortSignal): Promise<number | null> {
  const question = {
    owner_address: `41${'0'.repeat(40)}`,
    contract_address: `41${token.contract.slice(2)}`,
    function_selector: 'decimals()',
    parameter: '',
  };
  const answer = await ask(node, '/wallet/triggerconstantcontract', question, signal);
  const { result, constant_result: words } = isRecord(answer) ? answer : {};
  const code = isRecord(result) ? result.code : undefined;
  if (code === 'CONTRACT_VALIDATE_ERROR') return null;
  if ((code !== undefined && code !== 'SUCCESS') || !Array.isArray(words))
    throw new ChainError(`the provider did not run decimals(): ${readable(String(code), node.secrets)}`, {
      retryable: true,
    });
  const [word] = words;
  return typeof word === 'string' && /^0{62}[0-9a-f]{2}$/i.test(word) ? Number(`0x${word}`) : null;
}

/** Blocks are final once solidified; by depth where the provider does not serve what it has solidified. */
async function readHead({ node, network }: Source, signal: AbortSignal): Promise<Head> {
  const tip = decodeHttpBlock(await ask(node, '/wallet/getnowblock', {}, signal));
  if (!tip) throw new ChainError('the provider has no latest block', { retryable: true });
  const solid = network.finality.by === 'tag' ? await solidHeight(node, signal) : null;
  const byDepth = tip.height - (network.finality.depth - 1);
  const final = solid === null ? byDepth : Math.min(solid, tip.height);
  return { tip: headerOf(tip), final: Math.max(final, -1) };
}

async function solidHeight(node: Endpoint, signal: AbortSignal): Promise<number | null> {
  try {
    const block = decodeHttpBlock(await ask(node, '/walletsolidity/getnowblock', {}, signal));
    return block ? block.height : -1;
  } catch (error) {
    if (error instanceof HttpError && (error.status === 404 || error.status === 405)) return null;
    throw error;
  }
}

async function readTransaction(
  { node, network, spelling }: Source,
  txId: string,
  signal: AbortSignal,
): Promise<TransactionReport> {
  const result = decodeResult(await ask(node, '/wallet/gettransactioninfobyid', { value: txId }, signal));
  if (!result) return { kind: 'unknown' };
  if (result.txId !== txId) throw malformed('the result of another transaction than asked');
  const home = await fetchHttpBlock(node, result.height, signal);
  const own = home?.transactions.get(txId);
  if (!home || !own)
    throw new ChainError("the transaction's block is not on the provider's chain", { retryable: true });
  if (own.succeeded === result.failed) throw malformed('a transaction that succeeded and failed');
  const block = { height: home.height, hash: home.hash, time: home.time };
  if (result.failed) return { kind: 'failed', block };
  const logs = paymentsIn(toLogs(home, result, 0), byContract(network.tokens));
  const native = own.payment ? paidIn(home, new Set([own.payment.to])) : [];
  const found = { native: native.filter(({ txHash }) => txHash === `0x${txId}`), logs };
  return { kind: 'found', block, transfers: toTransfers(found, new Map([[home.height, home]]), spelling) };
}
