/**
 * Tells a webhook of the gateway from a forged one, and says why when it refuses: the first integration nearly always
 * fails on a body parsed too early or a key of another merchant.
 */
import { phpQuery } from './php-query.ts';
import { fromBase64, fromHex, standardMessage, toBytes, verifyHmac, webhookKey } from './sign.ts';
import type { WebhookEvent } from './types.ts';
import { readEvent } from './webhook-event.ts';

/**
 * Every scheme whose secret is given must hold. `privateKey` checks the legacy `signature` header, which has no time in
 * it; `webhookSecret` (`whsec_…`) checks the Standard Webhooks headers. Give both where you can.
 */
export type WebhookKeys = {
  publicKey: string;
  privateKey?: string | undefined;
  webhookSecret?: string | undefined;
  /** How far the timestamp may be from now, in seconds; 300 by default. */
  toleranceSeconds?: number | undefined;
  /** The present in milliseconds, for tests; Date.now() by default. */
  now?: number | undefined;
};

export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

export type WebhookFault =
  /** The body is an object: a framework parsed it. The raw text or bytes are needed. */
  | 'parsed-body'
  /** No secret was given, or an empty one, or webhookSecret is not `whsec_` and base64. */
  | 'unusable-key'
  | 'missing-header'
  /** The webhook is for another public key. */
  | 'wrong-key'
  | 'bad-signature'
  | 'too-old'
  | 'too-new'
  /** Not the JSON of a webhook, or a header is not of the documented form. */
  | 'malformed';

export type VerifiedWebhook =
  | { ok: true; event: WebhookEvent }
  | { ok: false; reason: WebhookFault; message: string };

type Refusal = Extract<VerifiedWebhook, { ok: false }>;

/** Larger than any webhook; more is not worth hashing. */
const largestBody = 256 * 1024;

const refuse = (reason: WebhookFault, message: string): Refusal => ({ ok: false, reason, message });

/**
 * Verifies a request as it came. Never throws on what was received. Answer 200 once the event is stored, and expect
 * the same event more than once: `event_type` and `data.id` together name it, whichever scheme was checked.
 */
export async function verifyWebhook(
  rawBody: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  keys: WebhookKeys,
): Promise<VerifiedWebhook> {
  const received = isArrayBuffer(rawBody) ? new Uint8Array(rawBody) : rawBody;
  if (typeof received !== 'string' && !ArrayBuffer.isView(received)) {
    return refuse(
      'parsed-body',
      'Pass the request body as received (text or bytes), not what a JSON parser made of it.',
    );
  }
  const secrets = [keys.privateKey, keys.webhookSecret].filter(secret => secret !== undefined);
  if (secrets.length === 0 || secrets.includes('')) {
    return refuse('unusable-key', 'Give privateKey, webhookSecret or both, neither of them empty.');
  }
  const body = toBytes(received);
  if (body.length > largestBody) return refuse('malformed', 'The body is larger than any webhook.');
  const publicKey = header(headers, 'public-key');
  if (publicKey === null) return missing('public-key');
  if (publicKey !== keys.publicKey) {
    return refuse('wrong-key', 'The public-key header names another merchant than keys.publicKey.');
  }
  const event = readEvent(body);
  if (typeof event === 'string') return refuse('malformed', event);
  const refusal =
    (keys.webhookSecret ? await checkStandard(body, headers, keys.webhookSecret, keys) : null) ??
    (keys.privateKey ? await checkLegacy(event, headers, keys.privateKey, keys.publicKey) : null);
  return refusal ?? { ok: true, event };
}

async function checkLegacy(
  event: WebhookEvent,
  headers: WebhookHeaders,
  privateKey: string,
  publicKey: string,
): Promise<Refusal | null> {
  const given = header(headers, 'signature');
  if (given === null) return missing('signature');
  const signature = fromHex(given);
  if (signature === null) return refuse('malformed', 'The signature header is not the hex text of 32 bytes.');
  const query = phpQuery(event, publicKey);
  if (query === null) return refuse('malformed', 'The event holds a value that no webhook has.');
  const good = await verifyHmac(toBytes(privateKey), signature, toBytes(query));
  return good
    ? null
    : refuse('bad-signature', 'The signature header was not made from this body with keys.privateKey.');
}

async function checkStandard(
  body: Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  { toleranceSeconds = 300, now = Date.now() }: WebhookKeys,
): Promise<Refusal | null> {
  const key = webhookKey(secret);
  if (key === null) return refuse('unusable-key', 'keys.webhookSecret is not whsec_ followed by base64.');
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const given = header(headers, 'webhook-signature');
  if (id === null) return missing('webhook-id');
  if (timestamp === null) return missing('webhook-timestamp');
  if (given === null) return missing('webhook-signature');
  if (!/^\d{1,12}$/.test(timestamp))
    return refuse('malformed', 'The webhook-timestamp header is not unix seconds.');
  if (!(await anyFits(given, key, standardMessage(id, timestamp, body)))) {
    return refuse('bad-signature', badStandard);
  }
  const age = now / 1000 - Number(timestamp);
  if (age > toleranceSeconds)
    return refuse('too-old', `The webhook was signed ${Math.round(age)} seconds ago.`);
  if (-age > toleranceSeconds) {
    return refuse(
      'too-new',
      `The webhook is dated ${Math.round(-age)} seconds ahead: check the clock of this machine.`,
    );
  }
  return null;
}

const badStandard =
  'The webhook-signature header was not made from exactly these bytes with keys.webhookSecret. If the secret is right, ' +
  'the body was changed on the way: a parsed and re-written body does not count.';

/** While a secret is being changed the header lists several signatures; those of other versions are passed over. */
async function anyFits(
  list: string,
  key: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const entry of list.split(' ').slice(0, 16)) {
    const signature = entry.startsWith('v1,') ? fromBase64(entry.slice('v1,'.length)) : null;
    if (signature !== null && (await verifyHmac(key, signature, message))) return true;
  }
  return false;
}

function missing(name: string): Refusal {
  return refuse('missing-header', `The header ${name} is missing: pass all headers of the request.`);
}

/** A header by its lower-case name, whatever case the record is in; null when absent or empty. */
function header(headers: WebhookHeaders, name: string): string | null {
  if (isHeaders(headers)) return headers.get(name) || null;
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(value) ? value.join(' ') : value) || null;
}

/** By its tag, for test runners give code an ArrayBuffer class of its own. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** By its method, for a framework may bring a Headers class of its own. */
function isHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof headers.get === 'function';
}
