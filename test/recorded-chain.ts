/**
 * Chains for tests out of the recorded answers in server/src/chains/fixtures: the recorded block with its own hashes,
 * times and logs, and MADE blocks around it. What is made is made here and nowhere else.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { base58 } from '@scure/base';
import type { RawBlock, RawHeader, RawLog, RawReceipt, ReplayRpc, Sent } from './replay-rpc.ts';

export const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

const fixtures = new URL('../server/src/chains/fixtures/', import.meta.url);

export const recordedJson = (path: string) => JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));

const hex = (value: number) => `0x${value.toString(16)}`;

/** A made hash: 32 bytes that follow from the words. */
export const madeHash = (words: string) => `0x${createHash('sha256').update(words).digest('hex')}`;

export const topicOf = (address: string) => `0x${address.replace(/^0x/, '').padStart(64, '0')}`;

/** A recorded EVM block with its receipts and all their logs, untouched. */
export function recordedBlock(folder: string): RawBlock {
  const header = recordedJson(`${folder}/block.json`) as RawHeader;
  const receipts = recordedJson(`${folder}/receipts.json`) as RawReceipt[];
  return { header, logs: receipts.flatMap(receipt => receipt.logs), receipts };
}

/** The transactions of a recorded EVM block that failed. */
export function failedTransactions(folder: string): string[] {
  const receipts = recordedJson(`${folder}/receipts.json`) as RawReceipt[];
  return receipts.filter(receipt => receipt.status === '0x0').map(receipt => receipt.transactionHash);
}

/** MADE: a header that follows `parent`, empty of meaning but for number, hash, parent and time. */
function madeHeader(parent: RawHeader, fork = ''): RawHeader {
  return {
    number: hex(Number(parent.number) + 1),
    hash: madeHash(`${parent.hash} ${fork}`),
    parentHash: parent.hash,
    timestamp: hex(Number(parent.timestamp) + 12),
  };
}

/** MADE: the block before a recorded one, with the hash that the recorded one names. */
export function madeParent(header: RawHeader): RawHeader {
  return {
    number: hex(Number(header.number) - 1),
    hash: header.parentHash,
    parentHash: madeHash(`before ${header.parentHash}`),
    timestamp: hex(Number(header.timestamp) - 12),
  };
}

/** MADE: a log in the block of `header`. Without `value` it has the shape of an ERC-721 transfer. */
export function madeLog(
  header: RawHeader,
  log: { address: string; from: string; to: string; value: bigint | null; tx: string; index: number },
): RawLog {
  const topics = [transferTopic, topicOf(log.from), topicOf(log.to)];
  return {
    address: log.address,
    topics: log.value === null ? [...topics, topicOf('0x07')] : topics,
    data: log.value === null ? '0x' : `0x${log.value.toString(16).padStart(64, '0')}`,
    blockNumber: header.number,
    blockHash: header.hash,
    transactionHash: log.tx,
    logIndex: hex(log.index),
    removed: false,
  };
}

/** MADE: `block`'s logs once more, in a block that follows `parent`, as other transactions. */
export function madeCopy(block: RawBlock, parent: RawHeader): RawBlock {
  const header = madeHeader(parent);
  const logs = block.logs.map(log => ({
    ...log,
    blockNumber: header.number,
    blockHash: header.hash,
    transactionHash: madeHash(`${header.hash} ${log.transactionHash}`),
  }));
  return { header, logs };
}

/** MADE: `count` blocks on top, empty unless `logs` says otherwise for their header and place. */
export function mine(
  replay: ReplayRpc,
  count: number,
  options: {
    fork?: string;
    logs?: (header: RawHeader, index: number) => RawLog[];
    sent?: (index: number) => Sent[];
  } = {},
) {
  for (let index = 0; index < count; index++) {
    const header = madeHeader(replay.tip.header, options.fork);
    replay.add({ header, logs: options.logs?.(header, index) ?? [], sent: options.sent?.(index) ?? [] });
  }
}

/** MADE: a transaction with one payment, which waits until `include` puts it into a block on top. */
export function submitPayment(replay: ReplayRpc, paid: { address: string; from: string; to: string }) {
  const tx = madeHash('a payment that waits');
  const include = async () =>
    mine(replay, 1, { logs: header => [madeLog(header, { ...paid, value: 11n, tx, index: 0 })] });
  return { tx, include };
}

/** MADE: a block 0, for the identity of a chain that starts elsewhere. */
export function addGenesis(replay: ReplayRpc) {
  const header = {
    number: '0x0',
    hash: madeHash('genesis'),
    parentHash: `0x${'00'.repeat(32)}`,
    timestamp: '0x1',
  };
  replay.blocks.set(0, { header, logs: [] });
}

const tronUsdt = '0xa614f803b6fd780986a42c78ec9c7f77e6ded13c';

type TronTransaction = {
  txID: string;
  raw_data: {
    contract: {
      type: string;
      parameter: {
        value: {
          owner_address: string;
          contract_address?: string;
          data?: string;
          to_address?: string;
          amount?: number;
        };
      };
    }[];
  };
};

/**
 * The recorded Tron block 60836289 as the Ethereum JSON-RPC would show it. Hash, parent, time and transaction ids are
 * recorded; the Transfer logs are MADE from the calldata of its calls on USDT, all of which succeeded. As the JSON-RPC does,
 * its transfers of TRX and of TRC-10 tokens alike show an amount and a receiver.
 */
export function recordedTronBlock(): RawBlock {
  const block = recordedJson('tron/http/block_60836289_visible.json');
  const raw = block.block_header.raw_data;
  const header: RawHeader = {
    number: hex(raw.number),
    hash: `0x${block.blockID}`,
    parentHash: `0x${raw.parentHash}`,
    timestamp: hex(raw.timestamp / 1000),
  };
  const logs: RawLog[] = [];
  const sent: Sent[] = [];
  for (const transaction of block.transactions as TronTransaction[]) {
    const { type, parameter } = transaction.raw_data.contract[0]!;
    const { owner_address, contract_address, data, to_address, amount } = parameter.value;
    if (to_address && amount)
      sent.push({
        hash: `0x${transaction.txID}`,
        from: bytesOf(owner_address),
        to: bytesOf(to_address),
        value: BigInt(amount),
        contract: type,
      });
    if (type !== 'TriggerSmartContract' || !data || bytesOf(contract_address!) !== tronUsdt) continue;
    const words = data.slice(8).match(/.{64}/g) ?? [];
    // The first 12 bytes of an address word may hold 41 before the 20 that count.
    const addresses = words.slice(0, -1).map(word => `0x${word.slice(-40)}`);
    const moved = { a9059cbb: [bytesOf(owner_address), addresses[0]!], '23b872dd': addresses }[
      data.slice(0, 8)
    ];
    if (!moved) continue;
    const [from, to] = moved as [string, string];
    const value = BigInt(`0x${words.at(-1)}`);
    logs.push(
      madeLog(header, {
        address: tronUsdt,
        from,
        to,
        value,
        tx: `0x${transaction.txID}`,
        index: logs.length,
      }),
    );
  }
  return { header, logs, sent };
}

/** The 20 bytes within a base58 address, as 0x hex. */
const bytesOf = (address: string) => `0x${Buffer.from(base58.decode(address).slice(1, 21)).toString('hex')}`;
