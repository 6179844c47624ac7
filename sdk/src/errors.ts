/** What a call can fail with. None of them ever holds a key or a header that was sent. */

/** The root of all errors this client throws of its own accord; `instanceof` tells the kinds apart. */
export class CryptoScanError extends Error {
  override name = 'CryptoScanError';
}

/** No answer, or none in time. The call may have had its effect: repeat a create with the same reference and key. */
export class NetworkError extends CryptoScanError {
  override name = 'NetworkError';
  readonly timedOut: boolean;

  constructor(message: string, timedOut: boolean, cause: unknown) {
    super(message, { cause });
    this.timedOut = timedOut;
  }
}

/**
 * The server answered, but not with success. `status` is the HTTP status; `retryAfter` the seconds after which the
 * same call may do better, null when the server named none.
 */
export class ApiError extends CryptoScanError {
  override name = 'ApiError';
  readonly status: number;
  readonly retryAfter: number | null;

  constructor(message: string, status: number, retryAfter: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Status 400. `errors` lists sentences per field, under `body` for the whole body. */
export class ValidationError extends ApiError {
  override name = 'ValidationError';
  readonly errors: Record<string, string[]>;

  constructor(errors: Record<string, string[]>, message = 'Invalid request data') {
    const said = Object.values(errors).flat().join(' ');
    super(said === '' ? message : `${message}: ${said}`, 400);
    this.errors = errors;
  }
}

/** Status 401: unknown public key, wrong private key or signature, or the merchant is set to another `auth`. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** Status 404: no such thing, or it belongs to another merchant. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/**
 * Status 409: the idempotency key was used for another input, or is in use this moment (then `retryAfter` is set); every
 * amount near the price is taken; the invoice or the transaction to confirm is settled otherwise. `message` says which.
 */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** Status 429: too many requests. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** Status 503: not now, for instance because the network cannot be watched at the moment. Nothing was made. */
export class UnavailableError extends ApiError {
  override name = 'UnavailableError';
}
