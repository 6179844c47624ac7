// What a guarded request can end in, and the one place where errors of Node and undici become a class and a sentence.
// The sentences are shown to merchants: they name no address, no error code and nothing else of this server's network.
import { errors } from 'undici';

export type FetchFaultClass =
  | 'blocked'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'too-large-headers'
  | 'aborted';

export type Outcome =
  | {
      kind: 'response';
      status: number;
      /** In the order and letter case received; a repeated header is repeated. */
      headers: [name: string, value: string][];
      /** The first 5000 characters, U+0000 and bytes that are not UTF-8 replaced by U+FFFD. Never decompressed. */
      body: string;
      /** The body was longer than that, or broke off, or was not complete when the time was up. */
      truncated: boolean;
    }
  | { kind: 'error'; class: FetchFaultClass; message: string };

/** A fault whose class is known where it arises; thrown through undici, which only passes errors on. */
export class FetchFault extends Error {
  readonly class: FetchFaultClass;

  constructor(faultClass: FetchFaultClass, message: string) {
    super(message);
    this.class = faultClass;
  }
}

/** The outcome of an exchange that failed before a status arrived. An error that is no network fault is a bug: rethrown. */
export function outcomeOf(error: unknown): Outcome {
  const fault = faultOf(error);
  if (!fault) throw error;
  return { kind: 'error', class: fault.class, message: fault.message };
}

function faultOf(error: unknown): FetchFault | undefined {
  if (error instanceof FetchFault) return error;
  if (error instanceof errors.InvalidArgumentError || !(error instanceof Error)) return undefined;
  if (error instanceof errors.HeadersOverflowError) {
    return new FetchFault('too-large-headers', 'The header block of the answer is larger than 16 KiB.');
  }
  if (error instanceof errors.HTTPParserError) return protocolFault();
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError) {
    return abortedFault();
  }
  if (error instanceof errors.SocketError) {
    // undici says "bad response" or "bad upgrade" of answers that no request asked for, and "closed" otherwise.
    return error.message.startsWith('bad') ? protocolFault() : resetFault();
  }
  const code = codeOf(error);
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return tlsFault(error);
  return code === '' ? undefined : resetFault();
}

export function abortedFault(): FetchFault {
  return new FetchFault('aborted', 'The request was stopped on our side before an answer came.');
}

export function timeoutFault(timeoutMs: number): FetchFault {
  return new FetchFault('timeout', `No answer came within ${timeoutMs / 1000} seconds.`);
}

/** A lookup rejected, or found nothing. */
export function dnsFault(error?: unknown): FetchFault {
  const code = codeOf(error);
  const missing = code === '' || code === 'ENOTFOUND' || code === 'ENODATA';
  return new FetchFault(
    'dns',
    missing
      ? 'The host name has no address.'
      : 'The host name could not be resolved; its DNS gave no usable answer.',
  );
}

/** No TCP connection came about. */
export function connectFault(error: unknown): FetchFault {
  const refused = codeOf(error) === 'ECONNREFUSED';
  return new FetchFault(
    'connect',
    refused ? 'The server refused the connection.' : 'The server could not be reached.',
  );
}

const tlsReasons: Partial<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The TLS certificate has expired.',
  CERT_NOT_YET_VALID: 'The TLS certificate is not valid yet.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The TLS certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'The TLS certificate chain ends in a self-signed certificate that is not trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The TLS certificate chain is incomplete; the server does not send its intermediate certificate.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The TLS certificate was issued by an authority that is not trusted.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The TLS certificate is for another host name.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The server does not speak TLS on this port.',
};

/** TCP connected, TLS did not. */
export function tlsFault(error: unknown): FetchFault {
  return new FetchFault('tls', tlsReasons[codeOf(error)] ?? 'The TLS handshake failed.');
}

const resetFault = () => new FetchFault('reset', 'The server closed the connection before it answered.');
const protocolFault = () => new FetchFault('protocol', 'The answer is not valid HTTP/1.1.');

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
