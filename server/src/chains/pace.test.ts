import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { minePayments, network, openReplay, to } from '../../../test/payments-replay.ts';
import { madeHash } from '../../../test/recorded-chain.ts';
import type { ReplayRpc } from '../../../test/replay-rpc.ts';
import { ChainError, type Position } from './chain.ts';
import { Pace, saysTooOften, toldPause } from './pace.ts';
import { openChain } from './registry.ts';

const signal = new AbortController().signal;

/** A time that goes on when somebody waits, and when told. */
function madeTime() {
  let now = 0;
  const wait = async (ms: number) => {
    const until = now + ms;
    await Promise.resolve();
    now = Math.max(now, until);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { now: () => now, wait, pass };
}

describe('a provider of fifteen calls a second, which suspends whoever asks more', () => {
  let replay: ReplayRpc;
  const time = madeTime();
  let asked: number[] = [];
  let suspended = { until: 0, times: 0 };
  beforeEach(async () => {
    replay = await openReplay();
    minePayments(replay, 200);
    asked = [];
    suspended = { until: 0, times: 0 };
    replay.lie = () => {
      const now = time.now();
      asked = [...asked.filter(at => at > now - 1000), now];
      if (asked.length > 15 && now >= suspended.until)
        suspended = { until: now + 30_000, times: suspended.times + 1 };
      if (now >= suspended.until) return undefined;
      const error = 'The key exceeds the frequency limit(15), and the query server is suspended for 30s';
      return { status: 403, body: JSON.stringify({ success: false, error, statusCode: 403 }) };
    };
  });
  afterEach(() => replay.close());

  test.each([
    ['all but the newest ones final', 196],
    ['nothing final', -1],
  ])('is caught up with over two hundred blocks, the own coin watched, %s', async (_, final) => {
    const chain = openChain(network, { url: replay.url }, new Pace(time));
    const watched = { tokens: network.tokens, recipients: [to], native: [to] };
    const began = time.now();
    let after: Position = { height: 0, hash: madeHash('genesis') };
    const found: bigint[] = [];
    for (let tick = 0; tick < 100 && after.height < 200; tick++) {
      try {
        const { tip } = await chain.head(signal);
        const reading = await chain.read({ after, head: { tip, final }, limit: 1000 }, watched, signal);
        if (reading.kind !== 'read') throw new Error('the chain diverged');
        after = reading.through;
        found.push(...reading.transfers.map(({ units }) => units));
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        time.pass(5000);
      }
    }
    expect(after.height).toBe(200);
    expect(found).toEqual(Array.from({ length: 200 }, (_, index) => BigInt(index + 1)));
    expect(suspended.times).toBe(1);
    expect(time.now() - began).toBeLessThan(120_000);
  });
});

describe('the pace', () => {
  /** The times between calls that each come as soon as they may. */
  const starts = async (pace: Pace, calls: number) => {
    const turns: number[] = [];
    for (let call = 0; call < calls; call++) turns.push(await pace.turn(signal));
    return turns.map((turn, index) => turn - (turns[index - 1] ?? turn));
  };

  test('holds nothing back before the provider has said anything', async () => {
    const time = madeTime();
    const pace = new Pace(time);
    expect(await starts(pace, 4)).toEqual([0, 0, 0, 0]);
    expect([pace.atOnce, time.now()]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });

  test('leaves the provider alone for as long as it says, then goes on with gaps', async () => {
    const time = madeTime();
    const pace = new Pace(time);
    time.pass(1);
    pace.slow(await pace.turn(signal), 30_000);
    time.pass(29_999);
    await expect(pace.turn(signal)).rejects.toMatchObject({ name: 'ChainError', retryable: true });
    time.pass(1);
    expect(await starts(pace, 3)).toEqual([0, 100, 100]);
    expect(pace.atOnce).toBe(150);
  });

  test('listens to one of the calls that were under way together', async () => {
    const time = madeTime();
    const pace = new Pace(time);
    time.pass(1);
    for (const began of [1, 1, 1]) pace.slow(began, null);
    time.pass(1000);
    expect(await starts(pace, 2)).toEqual([0, 100]);
  });

  test('is waited for no longer than whoever asks', async () => {
    const pace = new Pace();
    pace.slow(await pace.turn(signal), 0);
    const stop = new AbortController();
    const reason = new Error('shutting down');
    await pace.turn(stop.signal);
    const waiting = pace.turn(stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('doubles the gap and, unless it is told, the pause, and takes them back slowly', async () => {
    const time = madeTime();
    const pace = new Pace(time);
    for (const pause of [1000, 2000, 4000]) {
      time.pass(1);
      pace.slow(await pace.turn(signal), null);
      time.pass(pause - 1);
      await expect(pace.turn(signal)).rejects.toThrow('asked too often');
      time.pass(1);
    }
    expect(await starts(pace, 2)).toEqual([0, 400]);
    for (let rounds = 0; rounds < 3; rounds++) {
      time.pass(10 * 60_000);
      await pace.turn(signal);
    }
    expect(pace.atOnce).toBe(Math.floor(15_000 / (400 * 0.8 ** 3)));
    for (let rounds = 0; rounds < 20; rounds++) {
      time.pass(10 * 60_000);
      await pace.turn(signal);
    }
    expect(pace.atOnce).toBe(Number.POSITIVE_INFINITY);
  });
});

test.each([
  [
    403,
    '{"success":false,"error":"… exceeds the frequency limit(15), and the query server is suspended for 30s"}',
  ],
  [200, '{"Error":"class java.lang.IllegalAccessException : lack of computing resources"}'],
  [429, ''],
  [503, 'rate limit reached'],
  [
    200,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"daily request count exceeded, request rate limited"}}',
  ],
  [429, '{"error":{"code":429,"message":"Your app has exceeded its compute units per second capacity."}}'],
  [200, '[{"id":1,"error":{"code":-32007,"message":"15/second request limit reached"}}]'],
])('HTTP %i %s says that it is asked too often', (status, text) => {
  expect(saysTooOften(status, text)).toBe(true);
});

test.each([
  [200, '{"jsonrpc":"2.0","id":1,"result":"a rate limit of 15 per second"}'],
  [403, 'this key may not be used'],
  [429, '{"error":{"code":-32005,"message":"query returned more than 10000 results"}}'],
  [200, '{"error":{"code":-32602,"message":"exceed max block range: 5000"}}'],
  [500, 'internal error'],
])('HTTP %i %s does not', (status, text) => {
  expect(saysTooOften(status, text)).toBe(false);
});

test('the pause is what the provider says, in its words or in its header', () => {
  expect(toldPause('the query server is suspended for 30s', undefined)).toBe(30_000);
  expect(toldPause('', '7')).toBe(7000);
  for (const after of [undefined, '', 'Wed, 21 Oct 2026 07:28:00 GMT'])
    expect(toldPause('', after)).toBeNull();
});
