/** One authenticated request to the API and the reading of its answer. The keys go into headers and nowhere else. */
import {
  ApiError,
  AuthenticationError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  ValidationError,
} from './errors.ts';
import { phpQuery } from './php-query.ts';
import { hmac, toBytes, toHex } from './sign.ts';

/** A client's settings after checking. `endpoint` ends in `/api/v1`. */
export type Settings = {
  endpoint: string;
  publicKey: string;
  privateKey: string;
  auth: 'signature' | 'private-key';
  fetch: typeof fetch;
  timeoutMs: number;
};

/** `body` holds texts only, so that it has one spelling to sign; none for a GET. */
export type Call = {
  method: 'GET' | 'POST';
  path: string;
  body?: Record<string, string>;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
};

const largestAnswer = 1024 * 1024;

/** Resolves to the `data` of a successful answer; rejects with an error of errors.ts, or the reason of `signal`. */
export async function send(settings: Settings, call: Call): Promise<Record<string, unknown>> {
  const body = call.body && JSON.stringify(call.body);
  const headers = await requestHeaders(settings, call);
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  const { fetch } = settings;
  try {
    // A redirect is not followed: it would carry the keys to another host.
    const request = { method: call.method, headers, redirect: 'manual', signal } as const;
    const response = await fetch(
      settings.endpoint + call.path,
      body === undefined ? request : { ...request, body },
    );
    const text = await readText(response);
    return unwrap(response.status, response.headers.get('retry-after'), text);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (call.signal?.aborted) throw call.signal.reason;
    const { origin } = new URL(settings.endpoint);
    if (timeout.aborted)
      throw new NetworkError(`No answer from ${origin} in ${settings.timeoutMs} ms`, true, error);
    throw new NetworkError(`No answer from ${origin}`, false, error);
  }
}

/** What is signed is the body alone, `api_key` added; a request without one signs `api_key` only. */
async function requestHeaders(settings: Settings, call: Call): Promise<Record<string, string>> {
  const headers: Record<string, string> = { accept: 'application/json', 'public-key': settings.publicKey };
  if (call.body) headers['content-type'] = 'application/json';
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  if (settings.auth === 'private-key') return { ...headers, 'private-key': settings.privateKey };
  const query = phpQuery(call.body ?? {}, settings.publicKey);
  if (query === null)
    throw new ValidationError({ body: ['A text holds half a character.'] }, 'Nothing was sent');
  return { ...headers, signature: toHex(await hmac(toBytes(settings.privateKey), toBytes(query))) };
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    size += chunk.value.length;
    if (size > largestAnswer) {
      await reader?.cancel();
      throw new ApiError('The answer is larger than any of this API', response.status);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

function unwrap(status: number, retryAfter: string | null, text: string): Record<string, unknown> {
  const envelope = record(parse(text));
  const data = record(envelope?.data);
  if (data && envelope?.success === true && status >= 200 && status < 300) return data;
  const message =
    typeof data?.message === 'string' ? data.message : `Unexpected answer with HTTP status ${status}`;
  switch (status) {
    case 400:
      throw new ValidationError(errorMap(data?.errors), message);
    case 401:
      throw new AuthenticationError(message, status);
    case 404:
      throw new NotFoundError(message, status);
    case 429:
      throw new RateLimitError(
        message,
        status,
        /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : null,
      );
    default:
      throw new ApiError(message, status);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return plain ? (value as Record<string, unknown>) : undefined;
}

/** Only what is a list of texts; whatever else a proxy may have answered is left out. */
function errorMap(errors: unknown): Record<string, string[]> {
  const lists = Object.entries(record(errors) ?? {}).flatMap(([field, texts]): [string, string[]][] =>
    Array.isArray(texts) ? [[field, texts.filter(text => typeof text === 'string')]] : [],
  );
  return Object.fromEntries(lists);
}
