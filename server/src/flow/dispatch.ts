/**
 * outbox → deliveries → shop. Claims what is due with a lease, sends it outside any transaction, records what came of
 * it. A process that dies in between leaves a lease that runs out: the request is then sent again, with the same id.
 */
import { afterAttempt } from '../domain/delivery.ts';
import type { Clock } from '../lib/clock.ts';
import type { Outcome } from '../lib/fetch-outcome.ts';
import { type Group, group } from '../lib/group.ts';
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import { type Db, isUnavailable, transact } from '../store/db.ts';
import {
  type AttemptRecord,
  type ClaimedDelivery,
  claimDeliveries,
  endWithoutEndpoint,
  recordAttempts,
  releaseLeases,
} from '../store/deliveries.ts';
import { findSigningKeys } from '../store/merchants.ts';
import { answerOf, shownHeaders } from './webhook-answer.ts';
import { webhookRequest } from './webhook-request.ts';

export type DispatchDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  logger: Logger;
  /** The guarded outbound HTTP; never throws for a fault of the network. */
  post: (
    url: string,
    request: { headers: Record<string, string>; body: string },
    signal: AbortSignal,
  ) => Promise<Outcome>;
  /** A fresh random UUID. */
  uuid: () => string;
  /** Called when a request has ended, so that its place is taken at once. */
  onFree: () => void;
};

/** A request has 15 s; the lease outlasts it by the time a slow database may need. */
const LEASE = 60_000;
/** Requests under way in one process, at most. */
export const IN_FLIGHT = 512;
const PER_MERCHANT = 4;
/** Of one account; beyond that others come first. */
const PER_ACCOUNT = 64;
const PER_CLAIM = 64;
const RECORDS_PER_TRANSACTION = 64;

/** Holds the requests under way. What it knows is a hint; the leases in the table are the truth. */
export class Dispatcher {
  readonly #deps: DispatchDeps;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #record: Group<AttemptRecord, null>;

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
    this.#record = group(
      async records => {
        await transact(deps.db, tx => recordAttempts(tx, records));
        return records.map(() => null);
      },
      {
        max: RECORDS_PER_TRANSACTION,
        runs: 2,
        limit: IN_FLIGHT * 2,
        isolate: error => !isUnavailable(error),
      },
    );
  }

  /** Claims what is due, as far as there is room, and starts sending it. Answers how many were claimed. */
  async tick(signal: AbortSignal): Promise<number> {
    const { db, vault, clock, uuid } = this.#deps;
    const room = Math.min(IN_FLIGHT - this.#inFlight.size, PER_CLAIM);
    if (room <= 0) return 0;
    const now = clock.now();
    const lease = uuid();
    const claimed = await claimDeliveries(db, {
      now,
      lease,
      leaseMs: LEASE,
      limit: room,
      perMerchant: PER_MERCHANT,
      perAccount: PER_ACCOUNT,
    });
    if (claimed.length === 0) return 0;
    await endWithoutEndpoint(
      db,
      claimed.filter(delivery => delivery.webhook_url === null),
      now,
    );
    const keys = await findSigningKeys(db, vault, {
      merchantIds: claimed.map(delivery => delivery.merchant_id),
      now,
    });
    for (const delivery of claimed) {
      const own = keys.get(delivery.merchant_id);
      if (delivery.webhook_url !== null && own) {
        this.#start(
          sendAndRecord(this.#deps, this.#record, { delivery, url: delivery.webhook_url, keys: own, signal }),
        );
      }
    }
    return claimed.length;
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #start(sending: Promise<void>): void {
    const entry = sending
      .catch(error =>
        this.#deps.logger.warn({ err: error }, 'a delivery could not be recorded; its lease runs out'),
      )
      .finally(() => {
        this.#inFlight.delete(entry);
        this.#deps.onFree();
      });
    this.#inFlight.add(entry);
  }
}

type Sending = {
  delivery: ClaimedDelivery;
  url: string;
  keys: Parameters<typeof webhookRequest>[1];
  signal: AbortSignal;
};

async function sendAndRecord(
  deps: DispatchDeps,
  record: Group<AttemptRecord, null>,
  { delivery, url, keys, signal }: Sending,
): Promise<void> {
  const startedAt = deps.clock.now();
  const request = webhookRequest(delivery, keys, startedAt);
  const outcome = await deps.post(url, request, signal);
  // Stopped before an answer came: nothing is known, so nothing is counted, and whoever runs next sends it again.
  if (outcome.kind === 'error' && outcome.class === 'aborted') return releaseLeases(deps.db, [delivery]);
  const answer = answerOf(outcome);
  await record({
    delivery,
    url,
    startedAt,
    endedAt: deps.clock.now(),
    requestHeaders: shownHeaders(request.headers),
    ...answer,
    next: afterAttempt(delivery.attempts, startedAt, answer.status),
  });
}
