/**
 * Transfers of a network's own coin. They are in no log: the whole transactions of a block say who sends what to whom, and
 * a receipt says whether it came to pass. What is sent by contracts is in neither and is not seen; see Chain.balance.
 */
import { bodiesOf, contradictsRoot, transactionIdsOf } from './block-evidence.ts';
import { mapBounded } from './bounded.ts';
import { type Block, ChainError, Untrusted } from './chain.ts';
import type { Found } from './erc20-transfers.ts';
import { data, fetchWhole, malformed, quantity } from './eth-block.ts';
import { decodeReceipt, type Receipt } from './eth-receipt.ts';
import { call } from './json-rpc.ts';
import type { Source } from './reading.ts';

/** The payments in `blocks` to any of `recipients` (address keys), each with its receipt. */
export async function readNative(
  source: Source,
  blocks: readonly Block[],
  recipients: readonly string[],
  signal: AbortSignal,
): Promise<Found[]> {
  if (recipients.length === 0) return [];
  const wanted = new Set(recipients.map(source.spelling.digits));
  const sent = await mapBounded(
    blocks,
    async (block, linked) => {
      const whole = bodiesOf(block) ? block : await fetchWhole(source, block, linked);
      return sentIn(source, whole).filter(one => wanted.has(one.to));
    },
    signal,
  );
  const proved = await mapBounded(
    sent.flat(),
    async (one, linked) => ((await cameToPass(source, one, linked)) ? one : null),
    signal,
  );
  return proved.filter(one => one !== null);
}

/** What one transaction moves of the network's own coin; null when nothing. Its receipt says that it succeeded. */
export async function nativeOf(source: Source, receipt: Receipt, signal: AbortSignal): Promise<Found | null> {
  const asked = { method: 'eth_getTransactionByHash', params: [receipt.txHash] };
  const raw = await call(source.rpc, asked, signal);
  if (raw === null)
    throw new ChainError('the provider has a receipt without its transaction', { retryable: true });
  const { hash } = raw as Record<string, unknown>;
  if (data(hash, 32, 'transaction hash') !== receipt.txHash)
    throw malformed('another transaction than asked');
  const sent = decodeSent(source, raw, receipt);
  return sent && (await isOwnCoin(source, sent, signal)) ? sent : null;
}

/** Everything the block's transactions say they send, whether they succeeded or not. */
function sentIn(source: Source, whole: Block): Found[] {
  const bodies = bodiesOf(whole);
  const ids = transactionIdsOf(whole);
  if (!bodies || !ids) throw malformed('a block without its transactions');
  if (ids.size !== bodies.length) throw lie('one transaction twice in a block');
  if (contradictsRoot(whole))
    throw lie(`other transactions at block ${whole.height} than its header speaks of`);
  const home = { blockHash: whole.hash, height: whole.height };
  return bodies.flatMap(raw => decodeSent(source, raw, home) ?? []);
}

const lie = (what: string) => new Untrusted('contradiction', `the provider shows ${what}`);

/**
 * Null for what sends nothing: no value, or no receiver, as the creation of a contract. The type is not asked for: what
 * is deposited from another chain (0x7e, 0x64) is the receiver's like any other money, and what the chain does by itself
 * (0x6a and its like) pays nobody's wallet.
 */
function decodeSent(
  { network }: Source,
  raw: unknown,
  home: { blockHash: string; height: number },
): Found | null {
  const { hash, blockHash, blockNumber, transactionIndex, from, to, value } = raw as Record<string, unknown>;
  if (data(blockHash, 32, 'block hash of a transaction') !== home.blockHash)
    throw malformed('a transaction of another block than asked');
  if (quantity(blockNumber, 'block number of a transaction') !== home.height)
    throw malformed('a transaction of another block than asked');
  const units = wei(value);
  if (units === 0n || to === null || to === undefined) return null;
  return {
    asset: network.native.asset,
    from: data(from, 20, 'sender').slice(2),
    to: data(to, 20, 'receiver').slice(2),
    units,
    txHash: data(hash, 32, 'transaction hash'),
    ...home,
    place: quantity(transactionIndex, 'transaction index'),
  };
}

/** java-tron leaves the value of some transactions out. */
function wei(value: unknown): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed('a malformed value');
  return BigInt(value);
}

async function cameToPass(source: Source, sent: Found, signal: AbortSignal): Promise<boolean> {
  const asked = { method: 'eth_getTransactionReceipt', params: [sent.txHash] };
  const receipt = decodeReceipt(await call(source.rpc, asked, signal), sent.txHash);
  if (receipt?.blockHash !== sent.blockHash)
    throw new ChainError('the receipt of a payment is not of the block it is in', { retryable: true });
  return !receipt.failed && isOwnCoin(source, sent, signal);
}

const isOwnCoin = async ({ ownCoin }: Source, sent: Found, signal: AbortSignal): Promise<boolean> =>
  ownCoin === undefined || ownCoin(sent, signal);
