/**
 * The logs of one block that a question asks for, also where they are more than the provider gives in one answer: there is
 * no narrower range to ask for, and whoever fills a block must not stop the reading at it.
 */
import { transactionIdsOf } from './block-evidence.ts';
import { type Block, ChainError } from './chain.ts';
import { askedLogs, findAsked, type Log, type LogFilter, logsCall } from './erc20-logs.ts';
import { data, malformed, toQuantity } from './eth-block.ts';
import { HttpError } from './http-post.ts';
import { call, type JsonRpc } from './json-rpc.ts';
import { isRecord, NodeError, TooLarge } from './json-rpc-answer.ts';
import { isTooMuch } from './log-limits.ts';

/** Asked for by the hash of the block; where that is too much, read out of its receipts, or asked for in parts. */
export async function logsAt(
  rpc: JsonRpc,
  { block, filter }: { block: Block; filter: LogFilter },
  signal: AbortSignal,
): Promise<Log[]> {
  try {
    return await askAt(rpc, { block, filter }, signal);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    const receipts = await receiptsOf(rpc, block, signal);
    if (receipts) return allIn(receipts, { block, filter });
    return inParts(rpc, { block, filter, error }, signal);
  }
}

async function askAt(
  rpc: JsonRpc,
  { block, filter }: { block: Block; filter: LogFilter },
  signal: AbortSignal,
): Promise<Log[]> {
  const scope = { blockHash: block.hash };
  return askedLogs(await call(rpc, logsCall(scope, filter), signal), scope, filter);
}

/** In halves, and their halves. Throws `error`, the last one, where there is nothing left to divide. */
async function inParts(
  rpc: JsonRpc,
  { block, filter, error }: { block: Block; filter: LogFilter; error: unknown },
  signal: AbortSignal,
): Promise<Log[]> {
  const logs: Log[] = [];
  for (const part of halves(filter, error)) {
    try {
      logs.push(...(await askAt(rpc, { block, filter: part }, signal)));
    } catch (fault) {
      if (!isTooMuch(fault)) throw fault;
      logs.push(...(await inParts(rpc, { block, filter: part, error: fault }, signal)));
    }
  }
  return logs;
}

function halves({ tokens, recipients }: LogFilter, error: unknown): LogFilter[] {
  if (tokens.size > 1)
    return [...tokens].map(([contract, token]) => ({ tokens: new Map([[contract, token]]), recipients }));
  if (recipients.size === 1) throw error;
  const all = [...recipients];
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)].map(some => ({ tokens, recipients: new Set(some) }));
}

/** Statuses by which a provider refuses a kind of question. */
const refusals = new Set([400, 404, 405, 422, 501]);

/**
 * The receipts of a block as they came, of whichever block the provider has at its height; null where it does not give
 * them. Not every provider has the method, and each says so in its own way.
 */
export async function receiptsOf(
  rpc: JsonRpc,
  block: Block,
  signal: AbortSignal,
): Promise<Record<string, unknown>[] | null> {
  const asked = { method: 'eth_getBlockReceipts', params: [toQuantity(block.height)] };
  const receipts = await call(rpc, asked, signal).catch(error => {
    if (error instanceof NodeError || error instanceof TooLarge) return null;
    if (error instanceof HttpError && refusals.has(error.status)) return null;
    throw error;
  });
  if (receipts === null) return null;
  if (!Array.isArray(receipts)) throw malformed('something else than a list of receipts');
  return receipts.filter(isRecord);
}

/** What the receipts have of it, which must be those of exactly this block, and of all its transactions. */
function allIn(
  receipts: readonly Record<string, unknown>[],
  { block, filter }: { block: Block; filter: LogFilter },
): Log[] {
  const of = new Set(receipts.map(one => data(one.transactionHash, 32, 'transaction hash of a receipt')));
  const isWhole = [...(transactionIdsOf(block) ?? [])].every(id => of.has(id));
  if (receipts.length === 0 || !isWhole || receipts.some(one => !isIn(one, block)))
    throw new ChainError(`the receipts of block ${block.height} are not those of its transactions`, {
      retryable: true,
    });
  const logs = receipts.flatMap(one => findAsked(one.logs, filter));
  if (logs.some(log => log.blockHash !== block.hash || log.height !== block.height))
    throw malformed("a log of another block than its transaction's");
  return logs;
}

const isIn = ({ blockHash }: Record<string, unknown>, { hash }: Block) =>
  typeof blockHash === 'string' && blockHash.toLowerCase() === hash;
