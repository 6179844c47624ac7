/** How a request proves whose it is: the headers of each kind of authentication. */
import { ValidationError } from './errors.ts';
import { phpQuery } from './php-query.ts';
import { hmac, sha256, toBytes, toHex } from './sign.ts';

export type Auth = 'signature' | 'signature-v2' | 'private-key';

export type Keys = { publicKey: string; privateKey: string };

/** A request as it goes out. `path` begins with a slash and has the query; `fields` are those `body` spells. */
export type Outgoing = {
  method: string;
  path: string;
  body: string;
  fields: Record<string, string>;
};

export async function authHeaders(
  auth: Auth,
  keys: Keys,
  outgoing: Outgoing,
): Promise<Record<string, string>> {
  const headers = { 'public-key': keys.publicKey };
  switch (auth) {
    case 'private-key':
      return { ...headers, 'private-key': keys.privateKey };
    case 'signature':
      return { ...headers, signature: await signatureV1(keys, outgoing.fields) };
    case 'signature-v2': {
      const nonce = toHex(crypto.getRandomValues(new Uint8Array(16)));
      const time = Math.floor(Date.now() / 1000);
      return { ...headers, 'signature-v2': await signatureV2(keys.privateKey, outgoing, { time, nonce }) };
    }
  }
}

/** The documented signature. It covers the fields of the body alone, `api_key` added: neither the URL nor the time. */
async function signatureV1(keys: Keys, fields: Record<string, string>): Promise<string> {
  const query = phpQuery(fields, keys.publicKey);
  if (query === null)
    throw new ValidationError({ body: ['A text holds half a character.'] }, 'Nothing was sent');
  return toHex(await hmac(toBytes(keys.privateKey), toBytes(query)));
}

/** Covers the whole request, once: method, path with query, time in unix seconds, nonce and the bytes of the body. */
export async function signatureV2(
  privateKey: string,
  { method, path, body }: Pick<Outgoing, 'method' | 'path' | 'body'>,
  { time, nonce }: { time: number; nonce: string },
): Promise<string> {
  const digest = toHex(await sha256(toBytes(body)));
  const text = ['v2', method, path, time, nonce, digest].join('\n');
  return `t=${time},n=${nonce},v1=${toHex(await hmac(toBytes(privateKey), toBytes(text)))}`;
}
