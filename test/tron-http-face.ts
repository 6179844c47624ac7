/**
 * The HTTP API of a Tron full node, and its JSON-RPC under /jsonrpc, in front of anything that speaks the Ethereum JSON-RPC: recorded blocks, or a local
 * chain. Answers have the form of java-tron's: keys with nothing in them are left out, what is not there is empty.
 */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { freePort } from '../server/src/dev/free-port.ts';

type Json = Record<string, unknown>;
type Sent = {
  hash: string;
  from: string;
  to: string | null;
  value: string;
  input?: string;
  contract?: string;
};
type Header = {
  number: string;
  hash: string;
  parentHash: string;
  timestamp: string;
  transactions: Sent[];
};
type Log = { address: string; topics: string[]; data: string };
type Receipt = { transactionHash: string; blockNumber: string; status: string; logs: Log[] };

const bare = (text: string) => text.replace(/^0x/, '');

export class TronHttpFace {
  readonly url: string;
  /** The chain id that the first block's id is made to end with. */
  readonly #chainId: number;
  readonly #node: string;
  readonly #server: Server;
  /** Set to answer something else, null for 404, a number for that status; undefined from it means the honest answer. */
  lie: (path: string, body: Json) => unknown = () => undefined;

  private constructor(server: Server, at: { url: string; node: string; chainId: number }) {
    this.#server = server;
    this.url = at.url;
    this.#node = at.node;
    this.#chainId = at.chainId;
  }

  static async open(node: string, chainId: number): Promise<TronHttpFace> {
    const server = createServer();
    const port = await freePort('127.0.0.1', randomInt(10_000, 32_000));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const face = new TronHttpFace(server, { url: `http://127.0.0.1:${port}`, node, chainId });
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const path = request.url ?? '';
      if (path === '/jsonrpc') return void response.end(await face.#forward(Buffer.concat(chunks)));
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
      const lie = await face.lie(path, body);
      const answer = lie === undefined ? await face.#answer(path, body) : lie;
      const status = answer === null ? 404 : answer;
      response.statusCode = typeof status === 'number' ? status : 200;
      response.end(typeof status === 'number' ? '' : JSON.stringify(answer));
    });
    return face;
  }

  async close() {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** What it answers when it does not lie. */
  honest(path: string, body: Json): Promise<unknown> {
    return this.#answer(path, body);
  }

  async #answer(path: string, body: Json): Promise<unknown> {
    switch (path) {
      case '/wallet/getnowblock':
        return this.#block('latest');
      case '/walletsolidity/getnowblock':
        return this.#block('finalized');
      case '/wallet/getblockbynum':
        return this.#block(`0x${(body.num as number).toString(16)}`);
      case '/wallet/gettransactioninfobyblocknum':
        return (await this.#receipts(`0x${(body.num as number).toString(16)}`)).map(infoOf);
      case '/wallet/gettransactioninfobyid': {
        const receipt = (await this.#ask('eth_getTransactionReceipt', `0x${body.value}`)) as Receipt | null;
        return receipt ? infoOf(receipt) : {};
      }
      case '/wallet/gettransactionbyid': {
        const sent = (await this.#ask('eth_getTransactionByHash', `0x${body.value}`)) as Sent | null;
        return sent ? transactionOf(sent, true) : {};
      }
      case '/walletsolidity/getaccount': {
        const at = `0x${(body.address as string).slice(2)}`;
        // Of the newest block, the only one java-tron's JSON-RPC answers for; tests move no coins meanwhile.
        const balance = Number(await this.#ask('eth_getBalance', at, 'latest'));
        return balance > 0 ? { address: body.address, balance } : {};
      }
      case '/wallet/triggerconstantcontract': {
        const to = `0x${(body.contract_address as string).slice(2)}`;
        const word = (await this.#ask('eth_call', { to, data: '0x313ce567' }, 'latest')) as string;
        return word === '0x'
          ? { result: { code: 'CONTRACT_VALIDATE_ERROR' } }
          : { constant_result: [bare(word)] };
      }
      default:
        return null;
    }
  }

  async #block(at: string): Promise<Json> {
    const header = (await this.#ask('eth_getBlockByNumber', at, true)) as Header | null;
    if (!header) return {};
    const [number, timestamp] = [Number(header.number), Number(header.timestamp) * 1000];
    const receipts = await this.#receipts(header.number);
    const id = bare(header.hash);
    const parent = bare(header.parentHash);
    return {
      blockID: number === 0 ? this.#genesis(id) : id,
      block_header: {
        raw_data: {
          ...(number > 0 && { number }),
          ...(timestamp > 0 && { timestamp }),
          parentHash: number === 1 ? this.#genesis(parent) : parent,
        },
      },
      ...(header.transactions.length > 0 && {
        transactions: header.transactions.map(sent =>
          transactionOf(
            sent,
            receipts.some(one => one.transactionHash === sent.hash && one.status === '0x1'),
          ),
        ),
      }),
    };
  }

  #genesis(id: string): string {
    return id.slice(0, -8) + this.#chainId.toString(16).padStart(8, '0');
  }

  /** As java-tron's JSON-RPC: one of the same node. */
  async #forward(body: Buffer): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(this.#node, { method: 'POST', headers, body: new Uint8Array(body) })).text();
  }

  async #receipts(at: string): Promise<Receipt[]> {
    return ((await this.#ask('eth_getBlockReceipts', at)) as Receipt[] | null) ?? [];
  }

  async #ask(method: string, ...params: unknown[]): Promise<unknown> {
    const response = await fetch(this.#node, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return ((await response.json()) as { result?: unknown }).result ?? null;
  }
}

function transactionOf({ hash, from, to, value, input = '0x', contract }: Sent, succeeded: boolean): Json {
  const isPlain = to !== null && input === '0x' && Number(value) > 0;
  const type = contract ?? (isPlain ? 'TransferContract' : 'TriggerSmartContract');
  const paid = { amount: Number(value), to_address: to && `41${bare(to)}` };
  const parameter = { value: { owner_address: `41${bare(from)}`, ...(type.startsWith('Transfer') && paid) } };
  return {
    txID: bare(hash),
    raw_data: { contract: [{ type, parameter }] },
    ret: [{ contractRet: succeeded ? 'SUCCESS' : 'REVERT' }],
  };
}

const infoOf = ({ transactionHash, blockNumber, status, logs }: Receipt) => ({
  id: bare(transactionHash),
  blockNumber: Number(blockNumber),
  ...(status === '0x0' && { result: 'FAILED' }),
  ...(logs.length > 0 && {
    log: logs.map(({ address, topics, data }) => ({
      address: bare(address),
      topics: topics.map(bare),
      ...(data !== '0x' && { data: bare(data) }),
    })),
  }),
});
