/** Everything the package offers. */
// biome-ignore-all lint/performance/noBarrelFile: a package has one entry, and this is it.
export type { Auth } from './auth.ts';
export {
  type CallOptions,
  type ClientOptions,
  type CreateOptions,
  CryptoScan,
  type SearchOptions,
} from './client.ts';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  CryptoScanError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
  ValidationError,
} from './errors.ts';
export { signTestWebhook, type TestWebhook } from './test-webhook.ts';
export type {
  Amount,
  ConfirmedInvoice,
  CreatedInvoice,
  CreatedWidget,
  CreateInvoice,
  CreateWidget,
  CryptocurrencyCode,
  CurrencyRate,
  CurrencyStatus,
  EventType,
  Invoice,
  InvoiceStatus,
  NetworkCode,
  User,
  WebhookData,
  WebhookEvent,
} from './types.ts';
export {
  type VerifiedWebhook,
  verifyWebhook,
  type WebhookFault,
  type WebhookHeaders,
  type WebhookKeys,
} from './webhook.ts';
