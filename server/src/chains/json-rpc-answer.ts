/** What a JSON-RPC provider sends back, checked before anything is believed of it. */
import { fail, ok, type Result } from '../lib/result.ts';
import { ChainError } from './chain.ts';

/**
 * The node answered with an error of its own. `code` and `text` (its message and `data`, less our secrets) are for
 * telling a limit from a failure; the message is shortened for people. Only an unknown method is not retryable:
 * the codes for everything else differ from node to node.
 */
export class NodeError extends ChainError {
  override name = 'NodeError';
  readonly code: number;
  readonly text: string;
  constructor(message: string, node: { code: number; text: string }) {
    super(message, { retryable: node.code !== methodNotFound });
    this.code = node.code;
    this.text = node.text;
  }
}

/** The answer is larger than we are willing to hold; a narrower question may fit. */
export class TooLarge extends ChainError {
  override name = 'TooLarge';
  constructor(limit: number) {
    super(`the provider's answer is larger than ${limit} bytes`, { retryable: true });
  }
}

/** https://www.jsonrpc.org/specification#error_object */
const methodNotFound = -32601;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The result in an envelope, or what the node says instead. Throws a ChainError for what is no answer to `question` at
 * all. An error may come without our id, since a node that could not read the question does not know it.
 */
export function readEnvelope(
  body: unknown,
  question: { id: number | null; method: string },
  secrets: readonly string[],
): Result<unknown, NodeError> {
  const { id, method } = question;
  const fault = (words: string) => new ChainError(`${method}: ${words}`, { retryable: true });
  if (!isRecord(body)) throw fault('the answer is not a JSON-RPC envelope');
  // java-tron's own limiter answers HTTP 200 outside the envelope: {"Error":"... lack of computing resources"}.
  if (typeof body.Error === 'string') throw fault(readable(body.Error, secrets));
  if (isRecord(body.error)) {
    if (body.id !== id && body.id !== null && body.id !== undefined)
      throw fault('the answer belongs to another question');
    return fail(nodeError(body.error, method, secrets));
  }
  if (typeof body.error === 'string') throw fault(readable(body.error, secrets));
  if (body.id !== id) throw fault('the answer belongs to another question');
  if (!('result' in body)) throw fault('the answer has neither a result nor an error');
  return ok(body.result);
}

function nodeError(error: Record<string, unknown>, method: string, secrets: readonly string[]): NodeError {
  const code = typeof error.code === 'number' ? error.code : 0;
  const message = typeof error.message === 'string' ? error.message : '';
  const data = typeof error.data === 'string' ? error.data : JSON.stringify(error.data ?? '');
  const text = redact(`${message} ${data}`, secrets).slice(0, 2000);
  return new NodeError(`${method}: the node answered ${code} ${readable(message, secrets)}`, { code, text });
}

/** A stranger's words made fit for a log line: one line, short, and without our keys. */
export function readable(text: string, secrets: readonly string[]): string {
  return redact(text, secrets)
    .slice(0, 2000)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .slice(0, 200);
}

/** Some providers name the key they refuse, and loggers print every field of an error. */
const redact = (text: string, secrets: readonly string[]) =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
