/** Ethereum JSON-RPC to a local chain, as its keeper speaks it: one call at a time, no retries, all answers checked. */
import { Agent, request } from 'undici';
import { z } from 'zod';

const replySchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

// A whole chain comes in one answer (anvil_dumpState), hence the generous limit.
const agent = new Agent({ connections: 4, maxResponseSize: 512 * 1024 * 1024 });
const timeoutMs = 15_000;

/** Calls `method`. Throws when the node answers with an error or does not answer within 15 s. */
export async function rpc(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const { body } = await request(url, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const reply = replySchema.parse(await body.json());
  if (reply.error) throw new Error(`${method}: ${reply.error.message} (${reply.error.code})`);
  return reply.result;
}

const hex = z.string().regex(/^0x[0-9a-f]*$/i);
const quantity = hex.transform(Number);

/** Calls a method that answers with a number. */
export async function rpcNumber(url: string, method: string, ...params: unknown[]): Promise<number> {
  return quantity.parse(await rpc(url, method, ...params));
}

/** Calls a method that answers with bytes, a hash or an address, as 0x hex. */
export async function rpcHex(url: string, method: string, ...params: unknown[]): Promise<string> {
  return hex.parse(await rpc(url, method, ...params));
}

/** The unlocked accounts, as 0x hex. The first one holds the test tokens. */
export async function rpcAccounts(url: string): Promise<[string, ...string[]]> {
  return z.tuple([hex], hex).parse(await rpc(url, 'eth_accounts'));
}

/** A block in short. `time` is in seconds, as the chain has it; `transactions` is their count. */
export type LocalBlock = { height: number; hash: string; parent: string; time: number; transactions: number };

const blockSchema = z
  .object({
    number: quantity,
    hash: hex,
    parentHash: hex,
    timestamp: quantity,
    transactions: z.array(z.unknown()),
  })
  .transform(
    (block): LocalBlock => ({
      height: block.number,
      hash: block.hash,
      parent: block.parentHash,
      time: block.timestamp,
      transactions: block.transactions.length,
    }),
  );

/** The block at a height or tag. Throws when there is none: keepers ask only for blocks they know of. */
export async function rpcBlock(url: string, at: number | 'latest'): Promise<LocalBlock> {
  const tag = typeof at === 'number' ? `0x${at.toString(16)}` : at;
  return blockSchema.parse(await rpc(url, 'eth_getBlockByNumber', tag, false));
}

const receiptSchema = z.object({ status: quantity, contractAddress: hex.nullish(), blockNumber: quantity });
export type Receipt = z.output<typeof receiptSchema>;

/** Waits until a transaction is in a block, at most 15 s: longer only when somebody has switched automatic mining off. */
export async function receiptOf(url: string, txId: string): Promise<Receipt> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const receipt = await rpc(url, 'eth_getTransactionReceipt', txId);
    if (receipt !== null) return receiptSchema.parse(receipt);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`transaction ${txId} is in no block after ${timeoutMs / 1000} s; is automatic mining off?`);
}
