// The guarded outbound HTTP: posts to URLs that strangers wrote, without reaching this server's own network and without
// letting an answer cost more than a fixed time and amount of memory. It follows no redirect, reads no proxy variable
// and logs nothing. A pooled socket needs no second check: it stays connected to the address it was opened to.
import { setMaxListeners } from 'node:events';
import { createSecureContext } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import type { Cidr } from './address-guard.ts';
import { abortedFault, type Outcome, outcomeOf, timeoutFault } from './fetch-outcome.ts';
import { guardedConnector } from './guarded-connector.ts';
import { type Lookup, resolveHost } from './resolve-host.ts';
import { untilAborted } from './until-aborted.ts';
import { checkWebhookUrl } from './webhook-url.ts';

export type SafeFetchOptions = {
  /** Networks that may be reached although they are not public. */
  allow: readonly Cidr[];
  /** For DNS, connection, TLS, headers and body together, and any wait for a free socket. Default 15,000. */
  timeoutMs?: number;
  lookup?: Lookup;
  /** Default 64: what one process sends at once, so that no request waits behind another one to the same host. */
  maxConnectionsPerOrigin?: number;
  /** Origins whose idle sockets are kept; the one used longest ago leaves first. Default 64. */
  maxOrigins?: number;
  /** How long an unused socket is kept: enough for a burst, less than servers do, which would close it as we send. Default 2000. */
  idleSocketMs?: number;
  /** PEM of authorities to trust in place of Node's own list, for shops behind a private authority. */
  ca?: string;
};

/** `maxCharacters` of the answer's body that are read and kept; by default 5000. */
export type SafeRequest = { headers: Record<string, string>; body: string; maxCharacters?: number };

type Origin = { pool: Pool; inFlight: number };

const maxBodyCharacters = 5000;
const maxHeaderBytes = 16 * 1024;

export class SafeFetch {
  readonly #allow: readonly Cidr[];
  readonly #timeoutMs: number;
  readonly #maxOrigins: number;
  readonly #poolOptions: Pool.Options;
  readonly #origins = new Map<string, Origin>(); // least recently used first
  readonly #retiring = new Set<Promise<void>>();
  readonly #life = new AbortController();

  constructor(options: SafeFetchOptions) {
    this.#allow = options.allow;
    setMaxListeners(0, this.#life.signal); // one for each socket that is being opened, which is no leak
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#maxOrigins = options.maxOrigins ?? 64;
    const idleMs = options.idleSocketMs ?? 2000;
    this.#poolOptions = {
      connections: options.maxConnectionsPerOrigin ?? 64,
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      // The one limit on the whole exchange replaces undici's limits on its parts.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnector({
        allow: options.allow,
        lookup: options.lookup ?? resolveHost,
        timeoutMs: this.#timeoutMs,
        signal: this.#life.signal,
        ...(options.ca !== undefined && { secureContext: createSecureContext({ ca: options.ca }) }),
      }),
    };
  }

  /**
   * Posts `body` to `url` and waits for status, headers and the first 5000 characters. A network fault is an outcome;
   * it throws only for headers that cannot be sent. Once a status has arrived the outcome is the response even if the
   * body then breaks off or the time runs out: the shop has decided, and to send again would only repeat the event.
   */
  async post(url: string, request: SafeRequest, signal?: AbortSignal): Promise<Outcome> {
    const target = checkWebhookUrl(url, this.#allow);
    if (!target.ok) return { kind: 'error', class: 'blocked', message: target.fault };
    if (signal?.aborted || this.#life.signal.aborted) return outcomeOf(abortedFault());
    const attempt = new AbortController();
    const timer = setTimeout(() => attempt.abort(timeoutFault(this.#timeoutMs)), this.#timeoutMs);
    const stop = () => attempt.abort(abortedFault());
    if (signal) setMaxListeners(0, signal); // a dispatcher's one stop signal serves many posts at once
    signal?.addEventListener('abort', stop, { once: true });
    const origin = this.#enter(target.value.origin);
    try {
      return await exchange(origin.pool, target.value, request, attempt.signal);
    } catch (error) {
      return outcomeOf(error);
    } finally {
      origin.inFlight -= 1;
      signal?.removeEventListener('abort', stop);
      clearTimeout(timer);
    }
  }

  /** Ends what is in flight as `aborted` and closes every socket. Later posts are `aborted` too. */
  async close(): Promise<void> {
    this.#life.abort(abortedFault());
    for (const origin of [...this.#origins.keys()]) this.#retire(origin);
    await Promise.all(this.#retiring);
  }

  #enter(origin: string): Origin {
    const known = this.#origins.get(origin) ?? this.#open(origin);
    known.inFlight += 1;
    this.#origins.delete(origin);
    this.#origins.set(origin, known);
    return known;
  }

  /** Makes room first. Origins in use are never closed, so the bound is exceeded by what is in flight at most. */
  #open(origin: string): Origin {
    if (this.#origins.size >= this.#maxOrigins) {
      for (const [name, { inFlight }] of this.#origins) {
        if (inFlight > 0) continue;
        this.#retire(name);
        if (this.#origins.size < this.#maxOrigins) break;
      }
    }
    return { pool: new Pool(origin, this.#poolOptions), inFlight: 0 };
  }

  #retire(name: string): void {
    const origin = this.#origins.get(name);
    if (!origin) return;
    this.#origins.delete(name);
    const gone: Promise<void> = origin.pool.destroy().then(() => {
      this.#retiring.delete(gone);
    });
    this.#retiring.add(gone);
  }
}

async function exchange(
  pool: Pool,
  target: URL,
  request: SafeRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  // undici notices an abort only once a socket is there, hence the wait of our own; the request is then never sent.
  const answer = await untilAborted(
    pool.request({
      method: 'POST',
      path: target.pathname + target.search,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      body: request.body,
      responseHeaders: 'raw',
      signal,
    }),
    signal,
  );
  const headers = pairs(answer.headers as unknown as string[]); // undici's types do not know the raw form
  return {
    kind: 'response',
    status: answer.statusCode,
    headers,
    ...(await readBody(answer.body, request.maxCharacters ?? maxBodyCharacters)),
  };
}

function pairs(flat: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) headers.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return headers;
}

/** Leaving the loop early destroys the socket, so the rest of the body is neither read nor buffered. */
async function readBody(
  stream: Dispatcher.ResponseData['body'],
  most: number,
): Promise<{ body: string; truncated: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  let complete = false;
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > most) break;
    }
    complete = text.length <= most;
  } catch (error) {
    outcomeOf(error); // a network fault merely ends the body here; a bug is thrown on
  }
  text += decoder.decode();
  return { body: storable(text, most), truncated: !complete || text.length > most };
}

/** Cuts without halving a surrogate pair, and replaces U+0000, which PostgreSQL cannot keep in text. */
function storable(text: string, most: number): string {
  const cut = text.slice(0, most);
  const whole = /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
  return whole.replaceAll('\0', '\uFFFD');
}
