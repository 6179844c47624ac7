/**
 * JSON-RPC 2.0 over HTTP to one provider: one POST, one answer, no retry. Whatever goes wrong is a ChainError; what the
 * node itself said stays readable in NodeError. Nothing of the URL or the headers gets into a message: they carry keys.
 */
import type { Result } from '../lib/result.ts';
import { ChainError } from './chain.ts';
import { type Endpoint, HttpError, postJson } from './http-post.ts';
import { isRecord, type NodeError, readEnvelope } from './json-rpc-answer.ts';
import { speaksOfTooMuch } from './log-limits.ts';

export type Call = { method: string; params: readonly unknown[] };

export type JsonRpc = Endpoint;

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
  if (speaksOfTooMuch(answer.fault.text)) throw answer.fault;
  if (/\brate\b|frequency|too many requests|exceeded|capacity|unauthor|key/i.test(answer.fault.text))
    throw answer.fault;
  return null;
}

/** Statuses that mean "I do not take this kind of request" rather than "not now" or "not you". */
const refusals = new Set([400, 405, 415, 422, 501]);

/** The parsed body of one POST. */
async function exchange(rpc: JsonRpc, payload: unknown, signal: AbortSignal): Promise<unknown> {
  const { status, body } = await postJson(rpc, payload, signal);
  if (status >= 200 && status < 300) {
    if (body === undefined)
      throw new ChainError('the provider answered something that is not JSON', { retryable: true });
    return body;
  }
  // Some providers put the node's own error, such as a limit, behind HTTP 400 or 429.
  if (isRecord(body) && isRecord(body.error)) return body;
  throw new HttpError(status);
}
