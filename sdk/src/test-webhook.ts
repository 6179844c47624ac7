/** Signs webhooks as the gateway does, so that a shop can test its own handler without one. */
import { phpQuery } from './php-query.ts';
import { hmac, standardMessage, toBase64, toBytes, toHex, webhookKey } from './sign.ts';
import type { WebhookEvent } from './types.ts';
import type { WebhookKeys } from './webhook.ts';

/** POST `body`, unchanged, with `headers`. */
export type TestWebhook = { headers: Record<string, string>; body: string };

/**
 * Signs an event by each scheme whose secret is given. `keys.now` dates it; a fresh `webhook-id` is made unless one is
 * given to repeat. Throws a TypeError on an event or secret that cannot be signed.
 */
export async function signTestWebhook(
  event: WebhookEvent,
  keys: WebhookKeys,
  webhookId: string = `msg_${crypto.randomUUID()}`,
): Promise<TestWebhook> {
  const body = JSON.stringify(event);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'public-key': keys.publicKey,
  };
  if (keys.privateKey) {
    const query = phpQuery(event, keys.publicKey);
    if (query === null) throw new TypeError('The event holds a value that no webhook has.');
    headers.signature = toHex(await hmac(toBytes(keys.privateKey), toBytes(query)));
  }
  if (keys.webhookSecret) {
    const key = webhookKey(keys.webhookSecret);
    if (key === null) throw new TypeError('webhookSecret is not whsec_ followed by base64.');
    const timestamp = String(Math.floor((keys.now ?? Date.now()) / 1000));
    headers['webhook-id'] = webhookId;
    headers['webhook-timestamp'] = timestamp;
    headers['webhook-signature'] =
      `v1,${toBase64(await hmac(key, standardMessage(webhookId, timestamp, toBytes(body))))}`;
  }
  return { headers, body };
}
