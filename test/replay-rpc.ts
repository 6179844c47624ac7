/**
 * A JSON-RPC server on loopback that answers from blocks held in memory, as an honest node would, until a test tells it
 * to lie. It counts what it was asked, so that tests can prove what a reading costs.
 */

import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type RawLog = {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  transactionHash: string;
  logIndex: string;
  removed?: boolean;
};
/** A transaction as a block has it whole. A recorded one has more. */
export type RawTransaction = {
  hash: string;
  from: string;
  to: string | null;
  value: string;
  blockHash: string;
  blockNumber: string;
  transactionIndex: string;
  type?: string;
};
/** `transactions` of a recorded block: the whole of them, or their ids. */
export type RawHeader = {
  number: string;
  hash: string;
  parentHash: string;
  timestamp: string;
  transactions?: (RawTransaction | string)[];
};
/** MADE: a transaction that sends the chain's own coin. `contract`: what it is on Tron, where that is no TransferContract. */
export type Sent = {
  hash: string;
  from: string;
  to: string | null;
  value: bigint;
  failed?: boolean;
  contract?: string;
};
/** What the lookup reads of a receipt; a recorded one has more. */
export type RawReceipt = {
  transactionHash: string;
  blockHash: string;
  blockNumber: string;
  status: string;
  logs: RawLog[];
};
/** Without `receipts` every transaction of a log succeeded and did nothing else. */
export type RawBlock = { header: RawHeader; logs: RawLog[]; receipts?: RawReceipt[]; sent?: Sent[] };

export type RpcCall = { id: unknown; method: string; params: unknown[] };

/** The filter of an eth_getLogs call: one block by its hash, or a range. */
export type RpcFilter = {
  address: string[];
  topics: (null | string | string[])[];
  blockHash?: string;
  fromBlock?: string;
  toBlock?: string;
};

/** The filter, or null when the call is another one. */
export const filterOf = (call: RpcCall): RpcFilter | null =>
  call.method === 'eth_getLogs' ? (call.params[0] as RpcFilter) : null;

type Reply = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

/** Instead of the honest reply to one call; `body` and `status` replace the whole HTTP answer. */
export type Lie = Reply | { body: string; status?: number } | undefined;

export class ReplayRpc {
  readonly blocks = new Map<number, RawBlock>();
  /** Answers to decimals(), by contract. */
  readonly decimals = new Map<string, number>();
  /** Answers to eth_getBalance, by address, whatever the block. */
  readonly balances = new Map<string, bigint>();
  chainId = 1;
  /** Height of the finalized block; null when none is; a text when the node refuses the tag with it. */
  finalized: number | null | string = null;
  takesBatches = true;
  /** Set to make the server lie; undefined from it means the honest reply. */
  lie: (call: RpcCall) => Lie = () => undefined;
  /** Every call so far, those in batches too. */
  calls: RpcCall[] = [];
  /** HTTP requests so far, and the headers of the newest one. */
  requests = 0;
  headers: IncomingMessage['headers'] = {};
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/v3/a-secret-key`;
  }

  static async start(): Promise<ReplayRpc> {
    const server = createServer();
    const replay = new ReplayRpc(server, await listenAnywhere(server));
    server.on('request', (request, response) => {
      replay.#serve(request, response).catch(() => response.destroy());
    });
    return replay;
  }

  async close() {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  get tip(): RawBlock {
    return this.blocks.get(Math.max(...this.blocks.keys()))!;
  }

  /** Adds a block; its header says where. Blocks above it are dropped: they were built on another one. */
  add(block: RawBlock) {
    const height = Number(block.header.number);
    for (const above of [...this.blocks.keys()]) if (above > height) this.blocks.delete(above);
    this.blocks.set(height, block);
  }

  count(method: string) {
    return this.calls.filter(call => call.method === method).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    this.requests++;
    this.headers = request.headers;
    const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as RpcCall | RpcCall[];
    const calls = Array.isArray(asked) ? asked : [asked];
    this.calls.push(...calls);
    const replies = calls.map(call => ({ call, reply: this.lie(call) ?? this.#answer(call) }));
    const whole = replies.find(({ reply }) => 'body' in reply)?.reply as
      | { body: string; status?: number }
      | undefined;
    response.setHeader('content-type', 'application/json');
    if (whole) {
      response.statusCode = whole.status ?? 200;
      response.end(whole.body);
    } else if (Array.isArray(asked) && !this.takesBatches) {
      const error = { code: -32600, message: 'batch requests are not supported' };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
    } else {
      const envelopes = replies.map(({ call, reply }) => ({ jsonrpc: '2.0', id: call.id, ...reply }));
      response.end(JSON.stringify(Array.isArray(asked) ? envelopes : envelopes[0]));
    }
  }

  #answer({ method, params }: RpcCall): Reply {
    switch (method) {
      case 'eth_chainId':
        return { result: `0x${this.chainId.toString(16)}` };
      case 'eth_getBlockByNumber':
        return this.#blockByNumber(params[0] as string, params[1] === true);
      case 'eth_getBlockByHash':
        return { result: shown(this.#byHash(params[0] as string), params[1] === true) };
      case 'eth_getTransactionByHash':
        return { result: this.transaction(params[0] as string) };
      case 'eth_getBalance':
        return { result: `0x${(this.balances.get(params[0] as string) ?? 0n).toString(16)}` };
      case 'eth_getCode':
        return { result: this.decimals.has(params[0] as string) ? '0x60' : '0x' };
      case 'eth_getLogs':
        return this.#logs(params[0] as RpcFilter);
      case 'eth_getTransactionReceipt':
        return { result: this.receipt(params[0] as string) };
      case 'eth_getBlockReceipts':
        return { result: receiptsOf(this.blocks.get(Number(params[0]))) };
      case 'eth_call':
        return this.#decimals(params[0] as { to: string; data: string }, params[1] as string);
      default:
        return { error: { code: -32601, message: `the method ${method} does not exist/is not available` } };
    }
  }

  /** The receipt of a transaction in one of the blocks; null when there is none. */
  receipt(hash: string): RawReceipt | null {
    const receipts = [...this.blocks.values()].map(block => receiptIn(block, hash));
    return receipts.find(receipt => receipt !== undefined) ?? null;
  }

  /** The whole transaction; null when it is in no block. */
  transaction(hash: string): RawTransaction | null {
    const all = [...this.blocks.values()].flatMap(bodiesIn);
    return all.find(one => one.hash === hash) ?? null;
  }

  #blockByNumber(at: string, whole: boolean): Reply {
    if (at === 'latest') return { result: shown(this.tip, whole) };
    if (at === 'finalized') {
      if (typeof this.finalized === 'string') return { error: { code: -32602, message: this.finalized } };
      const block = this.finalized === null ? undefined : this.blocks.get(this.finalized);
      return { result: shown(block, whole) };
    }
    return { result: shown(this.blocks.get(Number(at)), whole) };
  }

  #byHash(hash: string) {
    return [...this.blocks.values()].find(block => block.header.hash === hash);
  }

  #logs(filter: RpcFilter): Reply {
    const fits = (log: RawLog) =>
      filter.address.includes(log.address) &&
      filter.topics.every((wanted, index) => wanted === null || [wanted].flat().includes(log.topics[index]!));
    if (filter.blockHash !== undefined) {
      const block = this.#byHash(filter.blockHash);
      if (!block) return { error: { code: -32000, message: 'unknown block' } };
      return { result: block.logs.filter(fits) };
    }
    const found: RawLog[] = [];
    // Like many nodes, a range beyond the head is answered with what there is.
    for (const [height, block] of [...this.blocks].sort((a, b) => a[0] - b[0]))
      if (height >= Number(filter.fromBlock) && height <= Number(filter.toBlock))
        found.push(...block.logs.filter(fits));
    return { result: found };
  }

  #decimals(call: { to: string; data: string }, at: string): Reply {
    if (at !== 'latest')
      return { error: { code: -32602, message: 'QUANTITY not supported, just support TAG as latest' } };
    const decimals = call.data === '0x313ce567' ? this.decimals.get(call.to) : undefined;
    return { result: decimals === undefined ? '0x' : `0x${decimals.toString(16).padStart(64, '0')}` };
  }
}

/** Without its transactions a header shows their ids, where they are known. */
function shown(block: RawBlock | undefined, whole: boolean) {
  if (!block) return null;
  const { transactions } = block.header;
  if (whole) return { ...block.header, transactions: bodiesIn(block) };
  return transactions
    ? { ...block.header, transactions: transactions.map(one => (typeof one === 'string' ? one : one.hash)) }
    : block.header;
}

/** The recorded transactions, or MADE ones: those of the logs, which send nothing, and those that were sent. */
function bodiesIn({ header, logs, sent = [] }: RawBlock): RawTransaction[] {
  const recorded = header.transactions?.filter(one => typeof one !== 'string') ?? [];
  if (recorded.length > 0) return recorded;
  const others = [...new Set(logs.map(log => log.transactionHash))]
    .filter(hash => !sent.some(one => one.hash === hash))
    .map((hash): Sent => ({ hash, from: `0x${'0'.repeat(39)}1`, to: `0x${'0'.repeat(39)}2`, value: 0n }));
  return [...others, ...sent].map(({ hash, from, to, value, contract }, index) => ({
    hash,
    from,
    to,
    value: `0x${value.toString(16)}`,
    blockHash: header.hash,
    blockNumber: header.number,
    transactionIndex: `0x${index.toString(16)}`,
    ...(contract && { contract }),
  }));
}

function receiptIn(block: RawBlock, hash: string): RawReceipt | undefined {
  const { header, logs, receipts, sent = [] } = block;
  if (receipts) return receipts.find(receipt => receipt.transactionHash === hash);
  const own = logs.filter(log => log.transactionHash === hash);
  const paid = sent.find(one => one.hash === hash);
  const { hash: blockHash, number: blockNumber } = header;
  const status = paid?.failed ? '0x0' : '0x1';
  return own.length === 0 && !paid
    ? undefined
    : { transactionHash: hash, blockHash, blockNumber, status, logs: own };
}

/** The receipts of a block; null where there is no block. */
function receiptsOf(block: RawBlock | undefined): RawReceipt[] | null {
  if (!block) return null;
  if (block.receipts) return block.receipts;
  return bodiesIn(block).flatMap(({ hash }) => receiptIn(block, hash) ?? []);
}

async function listenAnywhere(server: Server): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(10_000, 32_000);
    const bound = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    server.removeAllListeners('error');
    if (bound) return port;
  }
  throw new Error('no free port between 10000 and 32000');
}
