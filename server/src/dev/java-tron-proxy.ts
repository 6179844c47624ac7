/**
 * Stands before the anvil that plays Tron, so that readers meet the limits of java-tron (java-tron-rules.ts) in tests
 * and not first in production. What a real node would not have at all passes on purpose: eth_sendTransaction, anvil_*,
 * evm_*. Of the HTTP API it has what TRX is told by (java-tron-api.ts). Not imitated: block hashes that begin with the height.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { z } from 'zod';
import { answerApi, isApiPath } from './java-tron-api.ts';
import {
  filterOf,
  largestAnswer,
  logRange,
  type RpcCall,
  refuse,
  refuseBatch,
  refuseLogs,
  type TronFault,
  tooLarge,
  unreadable,
} from './java-tron-rules.ts';

const largestRequest = 16 * 1024 * 1024;
const timeoutMs = 30_000;

const callSchema = z.object({
  id: z.unknown().optional(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});
const answerSchema = z.looseObject({
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
});
type Answer = z.output<typeof answerSchema>;

/** A running proxy. `url` is its address. */
export class JavaTronProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #node: Pool;

  constructor(options: { url: string; server: Server; node: Pool }) {
    this.url = options.url;
    this.#server = options.server;
    this.#node = options.node;
  }

  /** Cuts all connections and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await this.#node.destroy();
  }
}

/** Opens a proxy to the node at `nodeUrl`. Rejects with the system's error when the port is taken. */
export async function openJavaTronProxy(options: {
  host: string;
  port: number;
  nodeUrl: string;
}): Promise<JavaTronProxy> {
  const node = new Pool(options.nodeUrl, { connections: 16, maxResponseSize: 512 * 1024 * 1024 });
  const server = createServer({ requestTimeout: timeoutMs }, (request, response) => {
    serve(node, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, exclusive: true }, resolve);
  });
  return new JavaTronProxy({ url: `http://${options.host}:${options.port}/jsonrpc`, server, node });
}

async function serve(node: Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return end(response, 405, '');
  const body = await readBody(request);
  if (body === null) return end(response, 413, '');
  try {
    const path = request.url ?? '/';
    if (!isApiPath(path)) return end(response, 200, await answerBody(node, body));
    const answer = await answerApi((method, ...params) => result(node, method, params), path, parse(body));
    end(response, answer === null ? 404 : 200, JSON.stringify(answer));
  } catch {
    // The node behind is gone or does not answer.
    end(response, 502, '');
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The whole body, or null when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestRequest) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function answerBody(node: Pool, body: string): Promise<string> {
  const parsed = parse(body);
  if (parsed === undefined) return faultText(null, unreadable);
  if (!Array.isArray(parsed)) {
    const text = await answerText(node, parsed);
    return Buffer.byteLength(text) > largestAnswer ? faultText(idOf(parsed), tooLarge) : text;
  }
  const refused = refuseBatch(parsed.length);
  if (refused) return faultText(null, refused);
  const texts: string[] = [];
  let size = 0;
  for (const call of parsed) {
    const text = await answerText(node, call);
    size += Buffer.byteLength(text);
    if (size > largestAnswer) return faultText(null, tooLarge);
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

async function answerText(node: Pool, json: unknown): Promise<string> {
  const parsed = callSchema.safeParse(json);
  if (!parsed.success) return faultText(idOf(json), { code: -32600, message: 'Invalid Request' });
  const call: RpcCall = {
    id: parsed.data.id ?? null,
    method: parsed.data.method,
    params: parsed.data.params,
  };
  const fault = refuse(call);
  if (fault) return faultText(call.id, fault);
  const answer = call.method === 'eth_getLogs' ? await answerLogs(node, call) : await ask(node, call);
  return JSON.stringify({ ...answer, jsonrpc: '2.0', id: call.id });
}

async function answerLogs(node: Pool, call: RpcCall): Promise<Answer> {
  const filter = filterOf(call);
  let asked = call;
  if (!filter.blockHash) {
    const range = logRange(filter, await heights(node));
    if (range.kind === 'refused') return { error: range.fault };
    if (range.kind === 'empty') return { result: [] };
    const fromBlock = `0x${range.from.toString(16)}`;
    const toBlock = `0x${range.to.toString(16)}`;
    asked = { ...call, params: [{ ...filter, fromBlock, toBlock }] };
  }
  const answer = await ask(node, asked);
  // The head may have been taken back since it was asked for; java-tron has no error for that.
  if (answer.error?.message.includes('BlockOutOfRange')) return { result: [] };
  const tooMany = refuseLogs(answer.result);
  return tooMany ? { error: tooMany } : answer;
}

const numberSchema = z.object({ result: z.object({ number: z.string().transform(Number) }) });

async function heights(node: Pool): Promise<{ head: number; finalized: number }> {
  const [head, finalized] = await Promise.all(
    ['latest', 'finalized'].map(async tag => {
      const block = await ask(node, { id: 1, method: 'eth_getBlockByNumber', params: [tag, false] });
      return numberSchema.parse(block).result.number;
    }),
  );
  return { head: head ?? 0, finalized: finalized ?? 0 };
}

const result = async (node: Pool, method: string, params: readonly unknown[]): Promise<unknown> =>
  (await ask(node, { id: 1, method, params })).result ?? null;

async function ask(node: Pool, call: RpcCall): Promise<Answer> {
  const { body } = await node.request({
    path: '/',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: call.method, params: call.params }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return answerSchema.parse(await body.json());
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function idOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'id' in json ? json.id : null;
}

function faultText(id: unknown, fault: TronFault): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: fault });
}
