/**
 * Requests that people asked for, beside the schedule. As in dispatch: claimed with a lease, sent outside any transaction,
 * then recorded. They are few, so one round sends them at once and waits for the slowest.
 */
import type { Clock } from '../lib/clock.ts';
import type { Vault } from '../lib/vault.ts';
import { type Db, transact } from '../store/db.ts';
import { findSigningKeys, type SigningKeys } from '../store/merchants.ts';
import {
  type ClaimedResend,
  claimResends,
  endResend,
  recordResend,
  releaseResend,
} from '../store/resends.ts';
import type { DispatchDeps } from './dispatch.ts';
import { answerOf, shownHeaders } from './webhook-answer.ts';
import { webhookRequest } from './webhook-request.ts';

export type ResendDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  post: DispatchDeps['post'];
  /** A fresh random UUID. */
  uuid: () => string;
};

/** A request has 15 s; the lease outlasts it by the time a slow database may need. */
const LEASE = 60_000;
const PER_ROUND = 32;
const PER_MERCHANT = 4;

/** Sends what is asked for. Answers how many were claimed. */
export async function resend(deps: ResendDeps, signal: AbortSignal): Promise<number> {
  const { db, vault, clock, uuid } = deps;
  const now = clock.now();
  const options = { now, lease: uuid(), leaseMs: LEASE, limit: PER_ROUND, perMerchant: PER_MERCHANT };
  const claimed = await transact(db, tx => claimResends(tx, options));
  if (claimed.length === 0) return 0;
  const merchantIds = claimed.map(one => one.merchant_id);
  const keys = await findSigningKeys(db, vault, { merchantIds, now });
  await Promise.all(claimed.map(one => send(deps, one, { keys: keys.get(one.merchant_id), signal })));
  return claimed.length;
}

async function send(
  deps: ResendDeps,
  claimed: ClaimedResend,
  { keys, signal }: { keys: SigningKeys | undefined; signal: AbortSignal },
): Promise<void> {
  const { db, clock, post } = deps;
  const url = claimed.webhook_url;
  if (url === null || !keys) return endResend(db, claimed, clock.now());
  const startedAt = clock.now();
  const request = webhookRequest(claimed, keys, startedAt);
  const outcome = await post(url, request, signal);
  // Stopped before an answer came: whoever runs next sends it again.
  if (outcome.kind === 'error' && outcome.class === 'aborted') return releaseResend(db, claimed);
  const requestHeaders = shownHeaders(request.headers);
  const record = { url, startedAt, endedAt: clock.now(), requestHeaders, ...answerOf(outcome) };
  await transact(db, tx => recordResend(tx, claimed, record));
}
