/**
 * JSON-RPC 2.0 over HTTP to one provider: one POST, one answer, no retry. Whatever goes wrong is a ChainError; what the
 * node itself said stays readable in NodeError. Nothing of the URL or the headers gets into a message: they carry keys.
 */
import { type Dispatcher, request } from 'undici';
import type { Result } from '../lib/result.ts';
import { withDeadline } from './bounded.ts';
import { ChainError, type Provider } from './chain.ts';
import { isRecord, type NodeError, readEnvelope, TooLarge } from './json-rpc-answer.ts';

export type Call = { method: string; params: readonly unknown[] };

/** An opened endpoint. `secrets` are the pieces of the URL and the headers that no message may hold. */
export type JsonRpc = { url: string; headers: Record<string, string>; secrets: readonly string[] };

const callTimeout = 10_000;
const largestAnswer = 64 * 1024 * 1024;

/** Throws a ChainError that is not retryable when the URL is none that a provider can have. */
export function openJsonRpc(provider: Provider): JsonRpc {
  const url = URL.canParse(provider.url) ? new URL(provider.url) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new ChainError('the provider URL is not an http or https URL', { retryable: false });
  const headers = {
    ...provider.headers,
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const secrets = [
    provider.url,
    url.href,
    url.host,
    url.hostname,
    url.username,
    url.password,
    ...url.pathname.split('/'),
    ...url.searchParams.values(),
    ...Object.values(provider.headers ?? {}),
  ].filter(secret => secret.length >= 6);
  return { url: provider.url, headers, secrets };
}

let lastId = 0;

/** The `result` of one call. Throws a NodeError when the node answers with an error, else a ChainError. */
export async function call(rpc: JsonRpc, asked: Call, signal: AbortSignal): Promise<unknown> {
  const question = { jsonrpc: '2.0', id: ++lastId, ...asked };
  const body = await exchange(rpc, question, signal);
  const answer = readEnvelope(body, question, rpc.secrets);
  if (!answer.ok) throw answer.fault;
  return answer.value;
}

/**
 * Several calls in one request, answered in the order they were asked. A balancer hands one request to one node, so
 * what comes back speaks of one view of the chain. `null`: this provider takes no batches.
 */
export async function callTogether(
  rpc: JsonRpc,
  asked: readonly Call[],
  signal: AbortSignal,
): Promise<Result<unknown, NodeError>[] | null> {
  const questions = asked.map(one => ({ jsonrpc: '2.0', id: ++lastId, ...one }));
  const body = await exchange(rpc, questions, signal).catch(error => {
    if (error instanceof HttpError && refusals.has(error.status)) return null;
    throw error;
  });
  if (body === null) return null;
  if (!Array.isArray(body)) return refusedBatch(body, asked, rpc);
  return questions.map(question => {
    const own = body.filter(one => isRecord(one) && one.id === question.id);
    if (own.length !== 1)
      throw new ChainError(`${question.method}: a batch came back incomplete`, { retryable: true });
    return readEnvelope(own[0], question, rpc.secrets);
  });
}

/** One error for the whole batch says that batches are not taken, unless it speaks of how often or how much is asked. */
function refusedBatch(body: unknown, asked: readonly Call[], rpc: JsonRpc): null {
  const method = asked.map(one => one.method).join(' + ');
  const answer = readEnvelope(
    isRecord(body) ? { ...body, id: null } : body,
    { id: null, method },
    rpc.secrets,
  );
  if (answer.ok) throw new ChainError(`${method}: one answer to a batch`, { retryable: true });
  if (/\brate\b|frequency|too many requests|exceeded|capacity|unauthor|key/i.test(answer.fault.text))
    throw answer.fault;
  return null;
}

class HttpError extends ChainError {
  readonly status: number;
  constructor(status: number) {
    super(`the provider answered HTTP ${status}`, { retryable: true });
    this.status = status;
  }
}

/** Statuses that mean "I do not take this kind of request" rather than "not now" or "not you". */
const refusals = new Set([400, 405, 415, 422, 501]);

/** The parsed body of one POST. */
async function exchange(rpc: JsonRpc, payload: unknown, signal: AbortSignal): Promise<unknown> {
  const late = () =>
    new ChainError(`the provider did not answer within ${callTimeout / 1000} s`, { retryable: true });
  const { status, text } = await withDeadline(
    linked => post(rpc, JSON.stringify(payload), linked),
    { ms: callTimeout, late },
    signal,
  );
  const body = parse(text);
  if (status >= 200 && status < 300) {
    if (body === undefined)
      throw new ChainError('the provider answered something that is not JSON', { retryable: true });
    return body;
  }
  // Some providers put the node's own error, such as a limit, behind HTTP 400 or 429.
  if (isRecord(body) && isRecord(body.error)) return body;
  throw new HttpError(status);
}

async function post(rpc: JsonRpc, body: string, signal: AbortSignal) {
  try {
    const response = await request(rpc.url, { method: 'POST', headers: rpc.headers, body, signal });
    return { status: response.statusCode, text: await readCapped(response.body) };
  } catch (error) {
    if (signal.aborted || error instanceof ChainError) throw error;
    // Only the code: the text of a connection error names the host, and no cause is kept for the same reason.
    const code = isRecord(error) && typeof error.code === 'string' ? error.code : 'no connection';
    throw new ChainError(`the provider could not be reached: ${code}`, { retryable: true });
  }
}

async function readCapped(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestAnswer) throw new TooLarge(largestAnswer);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
