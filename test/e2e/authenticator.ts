/** An authenticator in software: one ES256 passkey, as WebAuthn level 3 (section 6) says what it signs. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();

const PRESENT_AND_VERIFIED = 0x05;
const WITH_CREDENTIAL = 0x40;

export type Options = { challenge: string; user?: { id: string } };

export class Authenticator {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #id = randomBytes(32);
  readonly #rpId: string;
  readonly #origin: string;
  #handle = '';
  #counter = 0;

  constructor(rpId: string, origin: string) {
    this.#rpId = rpId;
    this.#origin = origin;
  }

  /** Answers `navigator.credentials.create`. */
  create({ challenge, user }: Options) {
    this.#handle = user?.id ?? '';
    const jwk = this.#keys.publicKey.export({ format: 'jwk' });
    const cose = map([
      [int(1), int(2)],
      [int(3), int(-7)],
      [int(-1), int(1)],
      [int(-2), bytes(Buffer.from(jwk.x ?? '', 'base64url'))],
      [int(-3), bytes(Buffer.from(jwk.y ?? '', 'base64url'))],
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.#id.length);
    const authData = Buffer.concat([
      this.#head(PRESENT_AND_VERIFIED | WITH_CREDENTIAL),
      Buffer.alloc(16),
      length,
      this.#id,
      cose,
    ]);
    const attestationObject = map([
      [text('fmt'), text('none')],
      [text('attStmt'), map([])],
      [text('authData'), bytes(authData)],
    ]);
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', challenge).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers `navigator.credentials.get`. */
  get({ challenge }: Options, { verified = true, origin = this.#origin } = {}) {
    this.#counter++;
    const authData = this.#head(verified ? PRESENT_AND_VERIFIED : 0x01);
    const clientData = this.#clientData('webauthn.get', challenge, origin);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#keys.privateKey);
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: this.#handle,
    });
  }

  #answer<T>(response: T) {
    const id = this.#id.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }

  #head(flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    return Buffer.concat([sha256(this.#rpId), Buffer.from([flags]), counter]);
  }

  #clientData(type: string, challenge: string, origin = this.#origin): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }
}

/** CBOR (RFC 8949), as far as it is needed here. */
function item(major: number, n: number): Buffer {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  if (n < 256) return Buffer.from([(major << 5) | 24, n]);
  return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
}
const int = (n: number) => (n < 0 ? item(1, -1 - n) : item(0, n));
const bytes = (data: Buffer) => Buffer.concat([item(2, data.length), data]);
const text = (value: string) => Buffer.concat([item(3, Buffer.byteLength(value)), Buffer.from(value)]);
const map = (pairs: [Buffer, Buffer][]) => Buffer.concat([item(5, pairs.length), ...pairs.flat()]);
