/**
 * A log answer that does not fit the header of its block is held against the receipts, which the same provider has to
 * give as well. One that tells two stories is not believed any more.
 */
import { isRuledOut, missesLogs } from './block-evidence.ts';
import { receiptsOf } from './block-logs.ts';
import { type Block, Untrusted } from './chain.ts';
import { findAsked, type Log, type LogFilter } from './erc20-logs.ts';
import { call, type JsonRpc } from './json-rpc.ts';
import { isRecord } from './json-rpc-answer.ts';

/**
 * Throws Untrusted when the receipts know nothing of a log that the header rules out, or know one that is missing. The
 * first can happen without a lie on Polygon, whose bridge writes logs that are in no bloom.
 */
export async function proveLogs(
  rpc: JsonRpc,
  { block, filter, logs }: { block: Block; filter: LogFilter; logs: readonly Log[] },
  signal: AbortSignal,
): Promise<void> {
  for (const log of logs) {
    if (!isRuledOut(block, log)) continue;
    const receipt = await call(rpc, { method: 'eth_getTransactionReceipt', params: [log.txHash] }, signal);
    const own = isRecord(receipt) ? findAsked(receipt.logs, filter) : [];
    if (!own.some(one => isSame(one, log)))
      throw lie(`a log at block ${block.height} that neither its header nor its receipt knows`);
  }
  if (!missesLogs(block, filter, logs)) return;
  const receipts = await receiptsOf(rpc, block, signal);
  // What a bloom says by itself is no proof.
  if (receipts === null) return;
  const there = receipts.flatMap(one => findAsked(one.logs, filter));
  const hidden = there.some(
    one => one.blockHash === block.hash && !logs.some(log => log.logIndex === one.logIndex),
  );
  if (hidden) throw lie(`no log at block ${block.height} where its receipts have one`);
}

const isSame = (one: Log, other: Log) => JSON.stringify(one) === JSON.stringify(other);

const lie = (what: string) => new Untrusted('contradiction', `the provider shows ${what}`);
