/**
 * A backlog of webhooks sent to a sink that answers at once. Baseline: the same bodies posted by as many connections
 * without a queue, a signature or a record.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Pool } from 'undici';
import { Dispatcher } from '../../server/src/flow/dispatch.ts';
import { SafeFetch } from '../../server/src/lib/safe-fetch.ts';
import {
  type Ground,
  logger,
  loopback,
  makeMerchant,
  onGround,
  openSink,
  percentile,
  ratio,
  type Sink,
  vault,
} from './ground.ts';

const BACKLOG = 5000;
const MERCHANTS = 50;
const CONNECTIONS = 64;

export async function benchDeliver(): Promise<void> {
  await onGround(async ground => {
    const sink = await openSink();
    for (let n = 0; n < MERCHANTS; n++) await makeMerchant(ground, sink.url);
    for (let round = 1; round <= 3; round++) {
      const bare = await postBare(sink);
      const queued = await deliverAll(ground, sink);
      const rates = `${queued.toFixed(0)}/s with queue, signature and record; ${bare.toFixed(0)}/s bare (${ratio(queued, bare)})`;
      console.log(`${BACKLOG} webhooks of ${MERCHANTS} merchants: ${rates}`);
    }
    await single(ground, sink);
    await sink.close();
  });
}

async function postBare(sink: Sink): Promise<number> {
  const pool = new Pool(sink.url, { connections: CONNECTIONS });
  const body = JSON.stringify({
    event_type: 'paid',
    retry_count: 0,
    data: { id: 1, filler: 'x'.repeat(400) },
  });
  let left = BACKLOG;
  const begun = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const answer = await pool.request({
        path: '/',
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      await answer.body.text();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  const rate = BACKLOG / ((performance.now() - begun) / 1000);
  await pool.close();
  return rate;
}

async function deliverAll(ground: Ground, sink: Sink): Promise<number> {
  await enqueue(ground, BACKLOG);
  const { dispatcher, close } = open(ground);
  const signal = new AbortController().signal;
  const expected = sink.received.length + BACKLOG;
  const begun = performance.now();
  while (sink.received.length < expected) {
    const claimed = await dispatcher.tick(signal);
    if (claimed === 0) await new Promise(resolve => setImmediate(resolve));
  }
  const rate = BACKLOG / ((performance.now() - begun) / 1000);
  await dispatcher.idle();
  await close();
  return rate;
}

/** One event at a time, on an idle dispatcher: from the claim to the sink. */
async function single(ground: Ground, sink: Sink): Promise<void> {
  const { dispatcher, close } = open(ground);
  const signal = new AbortController().signal;
  const times: number[] = [];
  for (let n = 0; n < 60; n++) {
    await enqueue(ground, 1);
    const begun = performance.now();
    await dispatcher.tick(signal);
    await dispatcher.idle();
    times.push((sink.received.at(-1)?.at ?? begun) - begun);
  }
  await close();
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  console.log(`one webhook, claim to sink: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
}

function open({ db, clock }: Ground) {
  const fetch = new SafeFetch({ allow: loopback, maxConnectionsPerOrigin: 512 });
  const post: ConstructorParameters<typeof Dispatcher>[0]['post'] = (url, request, signal) =>
    fetch.post(url, request, signal);
  const dispatcher = new Dispatcher({
    db,
    vault,
    clock,
    logger,
    post,
    uuid: randomUUID,
    onFree: () => undefined,
  });
  return { dispatcher, close: () => fetch.close() };
}

async function enqueue({ db, clock }: Ground, count: number): Promise<void> {
  const now = new Date(clock.now());
  await sql`
    with invoice as (
      insert into invoices (merchant_id, client_reference_id, compat, requested_amount, commission, status, created_at,
        expire_at, ended_at, version)
      select 1 + n % ${MERCHANTS}, gen_random_uuid(), false, 1, 0, 'expired', ${now}, ${now}::timestamptz + interval '30 minutes', ${now}, 1
        from generate_series(1, ${count}::int) as n
      returning id, merchant_id),
    event as (
      insert into outbox (invoice_id, merchant_id, type, webhook_id, data, created_at)
      select id, merchant_id, 'expired', 'msg_' || gen_random_uuid(), '{"id":1,"filler":"' || repeat('x', 400) || '"}', ${now}
        from invoice returning id, invoice_id, merchant_id)
    insert into deliveries (outbox_id, invoice_id, merchant_id, state, attempts, due_at)
    select id, invoice_id, merchant_id, 'open', 0, ${now} from event`.execute(db);
}
