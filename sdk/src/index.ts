/** Everything the package offers. */
// biome-ignore-all lint/performance/noBarrelFile: a package has one entry, and this is it.
export { type CallOptions, type ClientOptions, type CreateOptions, CryptoScan } from './client.ts';
export {
  ApiError,
  AuthenticationError,
  CryptoScanError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  ValidationError,
} from './errors.ts';
export { signTestWebhook, type TestWebhook } from './test-webhook.ts';
export type {
  Amount,
  CreatedInvoice,
  CreateInvoice,
  EventType,
  Invoice,
  InvoiceStatus,
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
