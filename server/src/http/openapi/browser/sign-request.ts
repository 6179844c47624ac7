/**
 * Puts the proof of who is asking on a request of the reference page. With a signature the private key stays in the page:
 * what is signed, and how, is the published client's own code.
 */

export type Auth = 'signature' | 'signature-v2' | 'private-key';

export type Keys = { publicKey: string; privateKey: string; auth: Auth };

/** A request as Swagger UI hands it over; `body` is text, or undefined. */
export type Outgoing = { url: string; method: string; headers: Record<string, string>; body?: unknown };

/** What a signature of version 2 is made with once: unix seconds, and a text nobody can guess. */
export type Moment = { time: number; nonce: string };

/** The parts of the published client that sign (sdk/src/php-query.ts, sdk/src/sign.ts), and a digest. */
export type Signing = {
  phpQuery(body: object, publicKey: string): string | null;
  hmac(secret: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  sha256(message: Uint8Array): Promise<Uint8Array>;
  toBytes(text: string): Uint8Array;
  toHex(bytes: Uint8Array): string;
};

/** Throws an Error that tells the reader of the page what to do. */
export async function signRequest<R extends Outgoing>(
  request: R,
  keys: Keys,
  signing: Signing,
  moment: Moment,
): Promise<R> {
  if (keys.publicKey === '' || keys.privateKey === '')
    throw new Error('Enter the public and the private key at the top of the page first.');
  const withKey = { ...request, headers: { ...request.headers, 'public-key': keys.publicKey } };
  const secret = signing.toBytes(keys.privateKey);
  const sign = async (text: string) => signing.toHex(await signing.hmac(secret, signing.toBytes(text)));
  switch (keys.auth) {
    case 'private-key':
      return proved(withKey, 'private-key', keys.privateKey);
    case 'signature-v2': {
      const { time, nonce } = moment;
      const signature = await sign(await textOfV2(request, moment, signing));
      return proved(withKey, 'signature-v2', `t=${time},n=${nonce},v1=${signature}`);
    }
    case 'signature': {
      const { body, sent } = readBody(request);
      const query = signing.phpQuery(body, keys.publicKey);
      if (query === null)
        throw new Error('To sign this body write its amounts as text, like "125.50", and leave out lists.');
      return proved({ ...withKey, ...sent }, 'signature', await sign(query));
    }
  }
}

function proved<R extends Outgoing>(request: R, header: string, proof: string): R {
  return { ...request, headers: { ...request.headers, [header]: proof } };
}

/** As http/merchant-api/signature-v2.ts reads it: method, path with query, time, nonce and a digest of the body. */
async function textOfV2(request: Outgoing, { time, nonce }: Moment, signing: Signing): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const body = typeof request.body === 'string' ? request.body : '';
  const digest = signing.toHex(await signing.sha256(signing.toBytes(body)));
  return ['v2', request.method.toUpperCase(), pathname + search, time, nonce, digest].join('\n');
}

/** What is signed, and what is sent for it: the very text that was read, so that the two cannot differ. */
function readBody({ headers, body }: Outgoing): { body: object; sent: { body?: string } } {
  if (body === undefined || body === null || body === '') return { body: {}, sent: {} };
  if (typeof body !== 'string') throw new Error('This body cannot be signed here.');
  if (isForm(headers)) return { body: Object.fromEntries(new URLSearchParams(body)), sent: {} };
  const fields = parse(body);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw new Error('The body must be a JSON object.');
  return { body: fields, sent: { body: JSON.stringify(fields) } };
}

function isForm(headers: Record<string, string>): boolean {
  const [, type = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  return type.startsWith('application/x-www-form-urlencoded');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not valid JSON.');
  }
}

/** The request as the page may show it: the private key is nobody's to read over a shoulder. */
export function withoutSecret<R extends Outgoing>(request: R): R {
  if (!('private-key' in request.headers)) return request;
  return { ...request, headers: { ...request.headers, 'private-key': '<private key>' } };
}
