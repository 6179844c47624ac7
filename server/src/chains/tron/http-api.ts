/**
 * The HTTP API of a Tron full node, one POST a question (https://tronprotocol.github.io/documentation-en/api/http/).
 * Failures come with HTTP 200 and {"Error": …}, the node's own limiter among them; what is not there yet is an empty
 * object or list, and no error.
 */
import { ChainError } from '../chain.ts';
import { type Endpoint, HttpError, postJson } from '../http-post.ts';
import { isRecord, readable } from '../json-rpc-answer.ts';

/** The answer to one question. Throws a ChainError, HttpError where the path is not served. */
export async function ask(
  node: Endpoint,
  path: string,
  payload: Record<string, unknown>,
  signal: AbortSignal,
): Promise<unknown> {
  const url = new URL(node.url);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  const { status, body } = await postJson({ ...node, url: url.href }, payload, signal);
  if (isRecord(body) && typeof body.Error === 'string')
    throw new ChainError(`${path}: ${readable(body.Error, node.secrets)}`, { retryable: true });
  if (status < 200 || status >= 300) throw new HttpError(status);
  if (body === undefined)
    throw new ChainError(`${path}: the provider answered something that is not JSON`, { retryable: true });
  return body;
}
