/** One authenticated request to the API and the reading of its answer. The keys go into headers and nowhere else. */
import { type Auth, authHeaders, type Keys } from './auth.ts';
import {
  ApiError,
  AuthenticationError,
  ConflictError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
  ValidationError,
} from './errors.ts';

/** A client's settings after checking. `endpoint` ends in `/api/v1`. */
export type Settings = Keys & { endpoint: string; auth: Auth; fetch: typeof fetch; timeoutMs: number };

/** `body` holds texts only, so that it has one spelling to sign; none for a GET. */
export type Call = {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: Record<string, string>;
  /** Whether `data` is a list in the answer; otherwise it is an object. */
  list?: boolean;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
};

/** A hundred invoices with the longest metadata, every character of it escaped, stay below. */
const largestAnswer = 4 * 1024 * 1024;

/** Resolves to the `data` of a successful answer; rejects with an error of errors.ts, or the reason of `signal`. */
export async function send(settings: Settings, call: Call): Promise<unknown> {
  const url = new URL(settings.endpoint + call.path);
  const body = call.body && JSON.stringify(call.body);
  const headers = await requestHeaders(settings, call, { path: url.pathname + url.search, body: body ?? '' });
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  const { fetch } = settings;
  try {
    // A redirect is not followed: it would carry the keys to another host.
    const request = { method: call.method, headers, redirect: 'manual', signal } as const;
    const response = await fetch(url.href, body === undefined ? request : { ...request, body });
    const text = await readText(response);
    return unwrap(response, text, call.list ?? false);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (call.signal?.aborted) throw call.signal.reason;
    if (timeout.aborted)
      throw new NetworkError(`No answer from ${url.origin} in ${settings.timeoutMs} ms`, true, error);
    throw new NetworkError(`No answer from ${url.origin}`, false, error);
  }
}

async function requestHeaders(
  settings: Settings,
  call: Call,
  outgoing: { path: string; body: string },
): Promise<Record<string, string>> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (call.body) headers['content-type'] = 'application/json';
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  const proof = { method: call.method, ...outgoing, fields: call.body ?? {} };
  return { ...headers, ...(await authHeaders(settings.auth, settings, proof)) };
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

function unwrap({ ok, status, headers }: Response, text: string, list: boolean): unknown {
  const envelope = record(parse(text));
  const data = list && Array.isArray(envelope?.data) ? envelope.data : record(envelope?.data);
  if (ok && envelope?.success === true && data && Array.isArray(data) === list) return data;
  const retryAfter = headers.get('retry-after') ?? '';
  throw failure(status, record(envelope?.data), /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : null);
}

const kinds: Record<number, typeof ApiError> = {
  401: AuthenticationError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
  503: UnavailableError,
};

function failure(
  status: number,
  data: Record<string, unknown> | undefined,
  retryAfter: number | null,
): ApiError {
  const message =
    typeof data?.message === 'string' ? data.message : `Unexpected answer with HTTP status ${status}`;
  if (status === 400) return new ValidationError(errorMap(data?.errors), message);
  return new (kinds[status] ?? ApiError)(message, status, retryAfter);
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
