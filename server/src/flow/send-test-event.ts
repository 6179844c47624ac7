/**
 * A made-up event, sent to a merchant's webhook URL because a person wants to see what comes back. Signed and guarded like
 * every other, but of no invoice: nothing of it is stored, and its data says that it is a test.
 */
import { eventData, unixSeconds } from '../domain/event.ts';
import type { EventType, Invoice } from '../domain/invoice.ts';
import type { Clock } from '../lib/clock.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../store/db.ts';
import { findSigningKeys } from '../store/merchants.ts';
import type { DispatchDeps } from './dispatch.ts';
import { type Answer, answerOf, shownHeaders } from './webhook-answer.ts';
import { webhookRequest } from './webhook-request.ts';

export type TestDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  post: DispatchDeps['post'];
  webhookId: () => string;
};

export type TestEvent = {
  merchant: { id: number; compat: boolean; auth: 'signature' | 'private-key'; private_key_header: boolean };
  url: string;
  type: EventType;
};

/** What was sent and what came back. Times in ms. */
export type TestSent = Answer & {
  startedAt: number;
  endedAt: number;
  requestHeaders: string;
  requestBody: string;
};

/** null where the merchant has no keys to sign with. */
export async function sendTestEvent(
  { db, vault, clock, post, webhookId }: TestDeps,
  { merchant, url, type }: TestEvent,
  signal: AbortSignal,
): Promise<TestSent | null> {
  const startedAt = clock.now();
  const keys = (await findSigningKeys(db, vault, { merchantIds: [merchant.id], now: startedAt })).get(
    merchant.id,
  );
  if (!keys) return null;
  const { auth, private_key_header } = merchant;
  const data = JSON.stringify({ ...eventData(type, madeUp(merchant, type, startedAt)), test: 1 });
  const event = { type, attempts: 0, webhook_id: webhookId(), data, auth, private_key_header };
  const request = webhookRequest(event, keys, startedAt);
  const answer = answerOf(await post(url, request, signal));
  const { body: requestBody, headers } = request;
  return { startedAt, endedAt: clock.now(), requestHeaders: shownHeaders(headers), requestBody, ...answer };
}

/** No invoice has the id 0, and no shop this reference: a handler that takes it for real finds no order. */
function madeUp({ id, compat }: TestEvent['merchant'], type: EventType, now: number): Invoice {
  return {
    id: 0,
    merchantId: id,
    clientReferenceId: `cryptoscan-test-${unixSeconds(now)}`,
    metadata: 'test event',
    compat,
    requested: { units: 1_000_000_000n, scale: 8 },
    commissionPercent: { units: 0n, scale: 0 },
    topUpUserId: null,
    source: null,
    page: null,
    method: null,
    status: type === 'paid' ? 'completed' : type,
    seen: null,
    exception: null,
    createdAt: now,
    expireAt: now,
    endedAt: now,
    version: 1,
  };
}
