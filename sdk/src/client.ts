/** The client a shop's server holds: one per merchant, safe to share, with nothing to close. */
import type { Auth } from './auth.ts';
import { ValidationError } from './errors.ts';
import { type Call, type Settings, send } from './request.ts';
import type {
  Amount,
  ConfirmedInvoice,
  CreatedInvoice,
  CreatedWidget,
  CreateInvoice,
  CreateWidget,
  CurrencyRate,
  CurrencyStatus,
  Invoice,
  User,
} from './types.ts';

/**
 * `baseUrl` is where the gateway runs (`https://pay.example.com`); `/api/v1` is added unless it is there. `auth` is how
 * the merchant's settings have it. With `signature`, the default, and `signature-v2` the private key never leaves this
 * process; `signature-v2` covers the URL and the time too, so it needs a right clock and an unchanged path on the way.
 */
export type ClientOptions = {
  baseUrl: string;
  publicKey: string;
  privateKey: string;
  auth?: Auth | undefined;
  /** Instead of the global fetch. */
  fetch?: typeof fetch | undefined;
  /** For one call, the reading of the answer included; 30 seconds by default. */
  timeoutMs?: number | undefined;
};

export type CallOptions = { signal?: AbortSignal | undefined };

/**
 * The server replays the first answer to a create repeated with the same `idempotencyKey` and input for 24 hours, a refusal
 * too: the same key where no answer came, a new one after any answer.
 */
export type CreateOptions = CallOptions & { idempotencyKey?: string | undefined };

/** `limit` is at most 100, and 100 by default; `cursor` is the id of the last invoice of the page before. */
export type SearchOptions = CallOptions & { limit?: number | undefined; cursor?: number | undefined };

const auths: readonly string[] = ['signature', 'signature-v2', 'private-key'] satisfies Auth[];

/** Throws a TypeError on settings that cannot work; no message ever holds a key. */
export class CryptoScan {
  // Private to the runtime, so that logging or serialising the client shows no key.
  readonly #settings: Settings;

  constructor(options: ClientOptions) {
    const auth = options.auth ?? 'signature';
    if (!auths.includes(auth)) throw new TypeError(`auth is one of ${auths.join(', ')}`);
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
    return (await this.#create('/invoice', input, options)) as CreatedInvoice;
  }

  /** `POST invoice/widget`: an invoice whose payer is sent to `widget_url` to pay. */
  async createWidget(input: CreateWidget, options: CreateOptions = {}): Promise<CreatedWidget> {
    return (await this.#create('/invoice/widget', input, options)) as CreatedWidget;
  }

  /** `GET invoice/{id}`. Rejects with a NotFoundError for an id that is not this merchant's. */
  async invoice(id: number | string, options: CallOptions = {}): Promise<Invoice> {
    return (await this.#get(`/invoice/${encode('id', id)}`, options)) as Invoice;
  }

  /**
   * `GET invoice?query=`: one page of the invoices that a value leads to, newest first. Looked for are an id, a
   * transaction, a wallet of either side, and the beginning of a reference or of the metadata.
   */
  async searchInvoices(query: string, options: SearchOptions = {}): Promise<Invoice[]> {
    const { limit, cursor, ...others } = options;
    let path = `/invoice?query=${encode('query', query)}`;
    if (limit !== undefined) path += `&limit=${limit}`;
    if (cursor !== undefined) path += `&cursor=${cursor}`;
    return (await this.#get(path, { ...others, list: true })) as Invoice[];
  }

  /** All of them, newest first, asking for the next page when one is used up. `limit` is the size of a page. */
  async *searchAllInvoices(query: string, options: SearchOptions = {}): AsyncGenerator<Invoice, void> {
    let { cursor } = options;
    const { limit = 100 } = options;
    for (;;) {
      const page = await this.searchInvoices(query, { ...options, limit, cursor });
      for (const invoice of page) {
        // A server that knows no cursor answers the same page again.
        if (cursor !== undefined && invoice.id >= cursor) return;
        cursor = invoice.id;
        yield invoice;
      }
      if (page.length < limit) return;
    }
  }

  /**
   * `PUT invoice/confirm/{id}`: says by which transaction an invoice was paid. The same again changes nothing. Rejects
   * with a ConflictError when the invoice is settled by another transaction, or this one settled another invoice.
   */
  async confirmInvoice(
    id: number | string,
    transactionId: string,
    options: CallOptions = {},
  ): Promise<ConfirmedInvoice> {
    const path = `/invoice/confirm/${encode('id', id)}`;
    const body = { transactionId };
    return (await send(this.#settings, { method: 'PUT', path, body, ...options })) as ConfirmedInvoice;
  }

  /** `GET user`: the account the keys belong to, and its balance. */
  async user(options: CallOptions = {}): Promise<User> {
    return (await this.#get('/user', options)) as User;
  }

  /** `GET currency-rate`: the currencies an order may be in. */
  async currencyRates(options: CallOptions = {}): Promise<CurrencyRate[]> {
    return (await this.#get('/currency-rate', { ...options, list: true })) as CurrencyRate[];
  }

  /** `GET currency-rate/{CODE}/status`: one of them, by its ISO 4217 code. */
  async currencyStatus(currency: string, options: CallOptions = {}): Promise<CurrencyStatus> {
    return (await this.#get(
      `/currency-rate/${encode('currency', currency)}/status`,
      options,
    )) as CurrencyStatus;
  }

  #get(path: string, options: CallOptions & Pick<Call, 'list'>): Promise<unknown> {
    return send(this.#settings, { method: 'GET', path, ...options });
  }

  async #create(path: string, input: Fields, options: CreateOptions): Promise<unknown> {
    const body = bodyOf(input);
    if (options.idempotencyKey !== undefined) headerText('idempotencyKey', options.idempotencyKey);
    return send(this.#settings, { method: 'POST', path, body, ...options });
  }
}

/** The fields a create may have. Only these are sent: an order's object may hold what is not the gateway's business. */
const fields: (keyof CreateInvoice | keyof CreateWidget)[] = [
  'amount',
  'client_reference_id',
  'currency',
  'cryptocurrency',
  'network',
  'widget_description',
  'metadata',
  'back_url',
  'cancel_url',
  'lang',
];

type Fields = { [field in (typeof fields)[number]]?: Amount | null | undefined };

/** Every value goes out as a text: PHP and JavaScript sign floats differently, and texts alike. */
function bodyOf(input: Fields): Record<string, string> {
  const body: Record<string, string> = {};
  for (const field of fields) {
    const value = input[field];
    if (value === undefined || value === null) continue;
    body[field] = field === 'amount' ? amountText(value) : String(value);
  }
  return body;
}

/** As one part of a URL. */
function encode(name: string, text: string | number): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new ValidationError({ [name]: ['A text holds half a character.'] }, 'Nothing was sent');
  }
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
