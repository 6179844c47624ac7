/**
 * One POST to a provider, bounded in time and size, without a retry. Whatever goes wrong is a ChainError that holds
 * nothing of the URL or the headers: they carry keys.
 */
import { type Dispatcher, request } from 'undici';
import { withDeadline } from './bounded.ts';
import { ChainError, type Provider } from './chain.ts';
import { isRecord, TooLarge } from './json-rpc-answer.ts';
import { Pace, saysTooOften, toldPause } from './pace.ts';

/** An opened endpoint. `secrets` are the pieces of the URL and the headers that no message may hold. */
export type Endpoint = {
  url: string;
  headers: Record<string, string>;
  secrets: readonly string[];
  pace: Pace;
};

const answerTimeout = 10_000;
const largestAnswer = 64 * 1024 * 1024;

/** Throws a ChainError that is not retryable when the URL is none that a provider can have. */
export function openEndpoint(provider: Provider, pace = new Pace()): Endpoint {
  const url = URL.canParse(provider.url) ? new URL(provider.url) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new ChainError('the provider URL is not an http or https URL', { retryable: false });
  const headers = {
    ...nameAndPassword(url),
    ...provider.headers,
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const written = [
    ...[provider.url, url.href, url.host, url.hostname, url.username, url.password],
    ...[url.search.slice(1), ...url.pathname.split('/')],
    ...[...url.searchParams].map(([name, value]) => value || name),
    ...Object.values(headers).flatMap(value => [value, ...value.split(' ')]),
  ];
  // Whoever names them may do so as they are in the URL, or as they are meant.
  const secrets = written
    .flatMap(secret => [secret, decoded(secret)])
    .filter(secret => secret.length >= 6 && !secret.startsWith('application/'));
  return { url: provider.url, headers, secrets, pace };
}

/** What a browser would send for `https://name:password@host`: undici leaves it out. RFC 7617. */
function nameAndPassword({ username, password }: URL): { authorization?: string } {
  if (username === '' && password === '') return {};
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`);
  return { authorization: `Basic ${pair.toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A status that is no answer. */
export class HttpError extends ChainError {
  readonly status: number;
  constructor(status: number) {
    super(`the provider answered HTTP ${status}`, { retryable: true });
    this.status = status;
  }
}

/** The status of the answer and its body, undefined where that is not JSON. It waits for its turn; see Pace. */
export async function postJson(
  endpoint: Endpoint,
  payload: unknown,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const late = () =>
    new ChainError(`the provider did not answer within ${answerTimeout / 1000} s`, { retryable: true });
  const began = await endpoint.pace.turn(signal);
  const { status, text, after } = await withDeadline(
    linked => post(endpoint, JSON.stringify(payload), linked),
    { ms: answerTimeout, late },
    signal,
  );
  if (saysTooOften(status, text)) endpoint.pace.slow(began, toldPause(text, after));
  return { status, body: parse(text) };
}

async function post({ url, headers }: Endpoint, body: string, signal: AbortSignal) {
  try {
    const response = await request(url, { method: 'POST', headers, body, signal });
    const after = response.headers['retry-after'];
    return { status: response.statusCode, text: await readCapped(response.body), after };
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
