/** The client a shop's server holds: one per merchant, safe to share, with nothing to close. */
import { ValidationError } from './errors.ts';
import { type Settings, send } from './request.ts';
import type { Amount, CreatedInvoice, CreateInvoice, Invoice, User } from './types.ts';

/**
 * `baseUrl` is where the gateway runs (`https://pay.example.com`); `/api/v1` is added unless it is there. `auth` must be
 * what the merchant is set to; with `signature`, the default, the private key never leaves this process.
 */
export type ClientOptions = {
  baseUrl: string;
  publicKey: string;
  privateKey: string;
  auth?: 'signature' | 'private-key' | undefined;
  /** Instead of the global fetch. */
  fetch?: typeof fetch | undefined;
  /** For one call, the reading of the answer included; 30 seconds by default. */
  timeoutMs?: number | undefined;
};

export type CallOptions = { signal?: AbortSignal | undefined };

/** The server replays the first answer to a create repeated with the same `idempotencyKey` and input for 24 hours. */
export type CreateOptions = CallOptions & { idempotencyKey?: string | undefined };

/** Throws a TypeError on settings that cannot work; no message ever holds a key. */
export class CryptoScan {
  // Private to the runtime, so that logging or serialising the client shows no key.
  readonly #settings: Settings;

  constructor(options: ClientOptions) {
    const auth = options.auth ?? 'signature';
    if (auth !== 'signature' && auth !== 'private-key')
      throw new TypeError("auth is 'signature' or 'private-key'");
    this.#settings = {
      endpoint: endpointOf(options.baseUrl),
      publicKey: headerText('publicKey', options.publicKey),
      privateKey: headerText('privateKey', options.privateKey),
      auth,
      fetch: options.fetch ?? globalThis.fetch,
      timeoutMs: options.timeoutMs ?? 30_000,
    };
  }

  /** `POST invoice`. The payer must send exactly `final_amount` to `wallet` before `expire_at`. */
  async createInvoice(input: CreateInvoice, options: CreateOptions = {}): Promise<CreatedInvoice> {
    const body = invoiceBody(input);
    if (options.idempotencyKey !== undefined) headerText('idempotencyKey', options.idempotencyKey);
    return (await send(this.#settings, {
      method: 'POST',
      path: '/invoice',
      body,
      ...options,
    })) as CreatedInvoice;
  }

  /** `GET invoice/{id}`. Rejects with a NotFoundError for an id that is not this merchant's. */
  async invoice(id: number | string, options: CallOptions = {}): Promise<Invoice> {
    const path = `/invoice/${encodeURIComponent(id)}`;
    return (await send(this.#settings, { method: 'GET', path, ...options })) as Invoice;
  }

  /** `GET user`: the account the keys belong to, and its balance. */
  async user(options: CallOptions = {}): Promise<User> {
    return (await send(this.#settings, { method: 'GET', path: '/user', ...options })) as User;
  }
}

/** Every value goes out as a text: PHP and JavaScript sign floats differently, and texts alike. */
function invoiceBody(input: CreateInvoice): Record<string, string> {
  const body: Record<string, string> = {
    amount: amountText(input.amount),
    client_reference_id: String(input.client_reference_id),
  };
  for (const name of ['currency', 'cryptocurrency', 'network', 'metadata'] as const) {
    const value = input[name];
    if (value !== undefined) body[name] = value;
  }
  return body;
}

function amountText(amount: Amount): string {
  const text = typeof amount === 'string' ? amount.trim() : String(amount);
  if (text !== '' && Number.isFinite(Number(text))) return text;
  throw new ValidationError({ amount: ['Amount must be a finite decimal number.'] }, 'Nothing was sent');
}

function endpointOf(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError('baseUrl is not an http or https URL');
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError('baseUrl must be a plain address: no user, query or fragment');
  }
  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (path.endsWith('/api/v1') ? path : `${path}/api/v1`);
}

/** Checked here because fetch quotes a header value it cannot send in its error. */
function headerText(name: string, text: string): string {
  if (typeof text === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return text;
  throw new TypeError(`${name} must be a text of printable ASCII characters`);
}
