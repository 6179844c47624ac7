/** One GET to a source: bounded in time and size, following nobody elsewhere, saying nothing of URLs and keys. */
import { request } from 'undici';
import { fail, ok, type Result } from '../lib/result.ts';
import { untilAborted } from '../lib/until-aborted.ts';

const TIMEOUT = 10_000;
const LARGEST = 1024 * 1024;

export type FetchAnswer = (
  asked: { url: string; headers: Record<string, string> },
  signal: AbortSignal,
) => Promise<Result<Uint8Array>>;

/** The body of a 200; anything else is a fault in words. Rejects only when `signal` aborts. */
export const fetchAnswer: FetchAnswer = async ({ url, headers }, signal) => {
  signal.throwIfAborted();
  const attempt = new AbortController();
  const stop = () => attempt.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => attempt.abort(new Error('late')), TIMEOUT);
  try {
    return await untilAborted(get(url, headers, attempt.signal), attempt.signal);
  } catch (error) {
    signal.throwIfAborted();
    return fail(attempt.signal.aborted ? `no answer within ${TIMEOUT / 1000} seconds` : codeOf(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Ends what may still be under way: a body that is read no further.
    attempt.abort();
  }
};

async function get(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Result<Uint8Array>> {
  const answer = await request(url, {
    headers: { 'user-agent': 'CryptoScan', accept: '*/*', 'accept-encoding': 'identity', ...headers },
    signal,
  });
  // A body that is left unread is ended by the abort, which it then tells of as an error.
  answer.body.on('error', () => undefined);
  if (answer.statusCode !== 200) return fail(`it answered with status ${answer.statusCode}`);
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return fail('it answered in an encoding that was not asked for');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += (chunk as Buffer).length;
    if (size > LARGEST) return fail(`its answer is larger than ${LARGEST} bytes`);
    chunks.push(chunk as Buffer);
  }
  return ok(Buffer.concat(chunks));
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return `it cannot be reached (${String(code ?? name ?? 'unknown fault')})`;
}
