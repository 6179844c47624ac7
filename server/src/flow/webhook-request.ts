/** What is posted to a shop: the documented body, its legacy signature, and the Standard Webhooks headers beside it. */
import { createHmac } from 'node:crypto';
import { unixSeconds } from '../domain/event.ts';
import { type PlainValue, phpQuery, plainTree } from '../lib/php-query.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';
import type { SigningKeys } from '../store/merchants.ts';

/** What of a delivery goes into its request. `type` may also be one that only a test of the endpoint has. */
export type SignedEvent = Pick<
  ClaimedDelivery,
  'attempts' | 'webhook_id' | 'data' | 'auth' | 'private_key_header'
> & {
  type: string;
};

export type WebhookRequest = { headers: Record<string, string>; body: string };

/**
 * Builds one request. `retry_count` is 0 for the first. The `signature` is over exactly this body: top level sorted
 * with api_key, `data` in the order sent. Standard Webhooks: standardwebhooks.com specification 1.0.0.
 */
export function webhookRequest(delivery: SignedEvent, keys: SigningKeys, now: number): WebhookRequest {
  const body = bodyText(delivery);
  const timestamp = unixSeconds(now).toString();
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'CryptoScan',
      'public-key': keys.publicKey,
      ...legacyProof(delivery, keys, body),
      'webhook-id': delivery.webhook_id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${standardSignature(keys.webhookSecret, `${delivery.webhook_id}.${timestamp}.${body}`)}`,
    },
  };
}

/** The body of a request, byte for byte; `attempts` is its `retry_count`. */
export function bodyText({ type, data, attempts }: { type: string; data: string; attempts: number }): string {
  return `{"event_type":${JSON.stringify(type)},"retry_count":${attempts},"data":${data}}`;
}

/** The vendor's handler in private-key mode expects the key itself; it is sent only where the merchant switched that on. */
function legacyProof(delivery: SignedEvent, keys: SigningKeys, body: string): Record<string, string> {
  if (delivery.auth === 'private-key' && delivery.private_key_header)
    return { 'private-key': keys.privateKey };
  const query = phpQuery(plainTree(JSON.parse(body) as PlainValue), keys.publicKey);
  return { signature: createHmac('sha256', keys.privateKey).update(query).digest('hex') };
}

const SECRET_PREFIX = 'whsec_';

function standardSignature(secret: string, signed: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return createHmac('sha256', key).update(signed).digest('base64');
}
