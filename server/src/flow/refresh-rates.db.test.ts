import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeInvoice, makeShop, makeWorld, type World } from '../../../test/factories.ts';
import { type TestDatabase, testDatabase } from '../../../test/pg.ts';
import { setCurrency } from '../commands/currency-settings.ts';
import { openRateAnswers, type RateAnswers, recordedAnswer } from '../dev/rate-answers.ts';
import { formatNumber } from '../domain/money.ts';
import { fetchAnswer } from '../rates/fetch-answer.ts';
import { RateBook } from '../rates/rate-book.ts';
import { openSources, type RateSourceName, rateSourceNames } from '../rates/registry.ts';
import { listAudit } from '../store/audit-log.ts';
import { poolConfig } from '../store/db.ts';
import { findInvoice } from '../store/invoices.ts';
import { allReadings } from '../store/rates.ts';
import { WakeListener } from '../store/wake.ts';
import { READ_RATES, readRates } from './read-rates.ts';
import { type RefreshDeps, refreshMemory, refreshRates } from './refresh-rates.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let database: TestDatabase;
let world: World;
let answers: RateAnswers;
let warnings: string[];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  await database.clear();
  world = makeWorld(database.db);
  warnings = [];
  answers = await openRateAnswers({ port: 0, now: () => world.clock.now() });
});
afterEach(() => answers.stop());

const newBook = () => new RateBook({ quorum: 2, sources: new Set(rateSourceNames) });

function newRefresher(only: readonly RateSourceName[] = rateSourceNames): RefreshDeps {
  const warn = (what: object, text: string) => warnings.push(`${text} ${JSON.stringify(what)}`);
  const logger = { ...world.logger, warn, info: warn } as unknown as RefreshDeps['logger'];
  const sources = openSources(answers.settings).filter(({ source }) =>
    only.includes(source.name as RateSourceName),
  );
  return { ...world, logger, sources, book: newBook(), memory: refreshMemory(), fetch: fetchAnswer };
}

const signal = new AbortController().signal;

function stateOf(book: RateBook, code: string) {
  const state = book.find(code, world.clock.now());
  return state && { ...state, rate: state.rate && formatNumber(state.rate) };
}

describe('refreshing rates', () => {
  test('makes the currencies of shops usable, from the recorded answers', async () => {
    const deps = newRefresher();
    expect(await refreshRates(deps, signal)).toBe(9);
    const codes = ['EUR', 'GBP', 'RUB', 'BYN', 'UAH', 'KZT', 'PLN', 'TRY', 'CNY', 'GEL', 'AED'];
    const coins = ['BTC', 'ETH', 'LTC', 'TRX', 'BNB', 'TON', 'SOL', 'POL', 'AVAX'];
    for (const code of [...codes, ...coins]) expect(stateOf(deps.book, code)?.status).toBe('enabled');
    for (const code of ['USDT', 'USDC', 'DAI']) expect(stateOf(deps.book, code)?.rate).toBe('1');
    expect(Number(stateOf(deps.book, 'EUR')?.rate)).toBeCloseTo(0.866, 2);
    expect(Number(stateOf(deps.book, 'RUB')?.rate)).toBeCloseTo(77.9, 0);
    expect(warnings.filter(text => text.includes('gave'))).toEqual([]);
  });

  test('asks each source at its own pace, also after a restart', async () => {
    const deps = newRefresher();
    await refreshRates(deps, signal);
    expect(await refreshRates(deps, signal)).toBe(0);
    world.clock.advance(MINUTE);
    expect(await refreshRates(deps, signal)).toBe(4);
    expect(await refreshRates({ ...newRefresher(), memory: refreshMemory() }, signal)).toBe(0);
    world.clock.advance(59 * MINUTE);
    expect(await refreshRates(newRefresher(), signal)).toBe(9);
    expect(answers.asked('ecb')).toBe(2);
    expect(answers.asked('kraken')).toBe(3);
    // A currency that a source no longer tells of is no reason to ask it again.
    await world.db
      .updateTable('rate_readings')
      .set({ observed_at: new Date(0), fetched_at: new Date(0) })
      .where('currency', '=', 'GBP')
      .execute();
    expect(await refreshRates(newRefresher(), signal)).toBe(0);
  });

  test('wakes every process, as a change of the settings does', async () => {
    const heard: string[] = [];
    const config = poolConfig(database.connection, 1);
    const listener = new WakeListener(config, stage => heard.push(stage), world.clock);
    await listener.connect();
    await refreshRates(newRefresher(['kraken']), signal);
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([READ_RATES]);
    await setCurrency(world, 'EUR', { spread: '0.01' });
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([READ_RATES, READ_RATES]);
    await listener.close();
  });

  test('is seen by every process, whatever it asked itself', async () => {
    await refreshRates(newRefresher(), signal);
    const book = newBook();
    expect(stateOf(book, 'EUR')).toMatchObject({ status: 'disabled', why: 'none' });
    await readRates({ db: world.db, book });
    expect(stateOf(book, 'EUR')?.status).toBe('enabled');
  });

  test('goes on with the others while one is down, and says so once', async () => {
    answers.put('ecb', { status: 503, body: '' });
    answers.put('cbr', { body: '<!DOCTYPE html><html></html>' });
    const deps = newRefresher();
    expect(await refreshRates(deps, signal)).toBe(7);
    world.clock.advance(5 * MINUTE);
    await refreshRates(deps, signal);
    expect(answers.asked('ecb')).toBe(2);
    const told = warnings.filter(text => text.includes('no rates'));
    expect(told).toHaveLength(2);
    answers.put('ecb', null);
    world.clock.advance(5 * MINUTE);
    await refreshRates(deps, signal);
    expect(warnings.some(text => text.includes('works again') && text.includes('ecb'))).toBe(true);
  });

  test('goes out of date when nobody answers any more: coins in minutes, money in days', async () => {
    const deps = newRefresher();
    await refreshRates(deps, signal);
    for (const name of rateSourceNames) answers.put(name, { status: 500, body: '' });
    world.clock.advance(10 * MINUTE);
    await refreshRates(deps, signal);
    expect(stateOf(deps.book, 'BTC')?.status).toBe('enabled');
    world.clock.advance(1000);
    expect(stateOf(deps.book, 'BTC')).toMatchObject({ status: 'disabled', why: 'too_old' });
    expect(stateOf(deps.book, 'EUR')?.status).toBe('enabled');
    world.clock.advance(4 * DAY);
    expect(stateOf(deps.book, 'EUR')).toMatchObject({ status: 'disabled', why: 'too_old' });
  });

  test('leaves out a source that lies, with an alarm told once', async () => {
    const inverted = recordedAnswer('open-er-api', new Date(world.clock.now()))
      .toString()
      .replace(/"EUR": [\d.]+/, '"EUR": 1.157')
      .replace(/"RUB": [\d.]+/, '"RUB": 0.0128');
    answers.put('open-er-api', { body: inverted });
    const deps = newRefresher();
    await refreshRates(deps, signal);
    expect(Number(stateOf(deps.book, 'EUR')?.rate)).toBeCloseTo(0.866, 2);
    const state = stateOf(deps.book, 'RUB');
    expect(state?.off).toMatchObject([{ source: 'open-er-api', inverted: true }]);
    expect(state?.status === 'enabled' && state.origin).not.toContain('open-er-api');
    world.clock.advance(60 * MINUTE);
    await refreshRates(deps, signal);
    expect(warnings.filter(text => text.includes('stands apart'))).toHaveLength(2);
  });

  test('gives no rate where two contradict each other', async () => {
    const cut = recordedAnswer('nbrb', new Date(world.clock.now()))
      .toString()
      .replace(/("Cur_Abbreviation":"UAH","Cur_Scale":)100/, '$11000');
    answers.put('nbrb', { body: cut });
    const deps = newRefresher(['nbrb', 'cbr']);
    await refreshRates(deps, signal);
    expect(stateOf(deps.book, 'UAH')).toMatchObject({
      status: 'disabled',
      why: 'contradictory',
      rate: null,
    });
    expect(stateOf(deps.book, 'EUR')?.status).toBe('enabled');
    expect(warnings.some(text => text.includes('"UAH"') && text.includes('contradictory'))).toBe(true);
  });

  test('keeps the newer reading when a source answers an older one', async () => {
    const deps = newRefresher(['nbrb']);
    await refreshRates(deps, signal);
    const before = (await allReadings(world.db)).get('BYN');
    const old = recordedAnswer('nbrb', new Date(world.clock.now() - 3 * DAY));
    answers.put('nbrb', { body: old.toString().replace('2.9463', '9.9999') });
    world.clock.advance(60 * MINUTE);
    await refreshRates(deps, signal);
    expect((await allReadings(world.db)).get('BYN')).toEqual(before);
  });

  test('does not count sources that are switched off, though their readings are still there', async () => {
    await refreshRates(newRefresher(), signal);
    const book = new RateBook({ quorum: 2, sources: new Set(['ecb']) });
    await readRates({ db: world.db, book });
    expect(stateOf(book, 'EUR')).toMatchObject({ status: 'disabled', why: 'too_few' });
  });

  test('leaves an open invoice the rate it was made with, and whose that was', async () => {
    const deps = newRefresher();
    await refreshRates(deps, signal);
    const { merchant } = await makeShop(world);
    const state = deps.book.find('EUR', world.clock.now());
    if (state?.status !== 'enabled') throw new Error('the euro has no rate');
    const amount = { units: 1_000_000_000n, scale: 8 };
    const source = { currency: 'EUR', amount, rate: state.rate, rateOrigin: state.origin };
    const { id } = await makeInvoice(world, merchant, { source });
    for (const name of rateSourceNames) answers.put(name, { status: 500, body: '' });
    world.clock.advance(5 * DAY);
    await refreshRates(deps, signal);
    expect(stateOf(deps.book, 'EUR')?.status).toBe('disabled');
    const kept = (await findInvoice(world.db, merchant.id, id))?.source;
    expect(kept && formatNumber(kept.rate)).toBe(formatNumber(state.rate));
    const { sources } = JSON.parse(kept?.rateOrigin ?? '') as { sources: Record<string, unknown>[] };
    expect(sources.map(one => one.source)).toContain('ecb');
    for (const one of sources)
      expect(one).toEqual({
        source: expect.any(String),
        rate: expect.stringMatching(/^0\.8/),
        observed_at: expect.any(Number),
        fetched_at: expect.any(Number),
      });
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const deps = newRefresher();
    const fetch: RefreshDeps['fetch'] = async (asked, own) => {
      stop.abort(new Error('stopping'));
      return fetchAnswer(asked, own);
    };
    await expect(refreshRates({ ...deps, fetch }, stop.signal)).rejects.toThrow('stopping');
  });
});

describe('what the operator sets', () => {
  const bookNow = async () => {
    const book = newBook();
    await readRates({ db: world.db, book });
    return book;
  };

  test('is in the audit log, as it was asked', async () => {
    await setCurrency(world, 'GBP', { enabled: false, pinnedRate: '0.80', spread: '0.010' });
    expect(await listAudit(world.db, { userId: null, before: null, limit: 9 })).toMatchObject([
      {
        actor: 'command_line',
        action: 'currency.change',
        target: 'currency GBP',
        after: '{"enabled":false,"pinned_rate":"0.8","spread":"0.01"}',
      },
    ]);
  });

  test('takes a currency off and puts it back', async () => {
    await refreshRates(newRefresher(), signal);
    await setCurrency(world, 'GBP', { enabled: false });
    const off = stateOf(await bookNow(), 'GBP');
    expect(off).toMatchObject({ status: 'disabled', why: 'switched_off' });
    expect(off?.rate).toMatch(/^0\.7/);
    await setCurrency(world, 'GBP', { enabled: true });
    expect(stateOf(await bookNow(), 'GBP')?.status).toBe('enabled');
  });

  test('pins, adds a spread, and unpins, each without undoing the other', async () => {
    await setCurrency(world, 'EUR', { pinnedRate: '1.01' });
    await setCurrency(world, 'EUR', { spread: '0.01' });
    expect(stateOf(await bookNow(), 'EUR')).toMatchObject({ status: 'enabled', rate: '1' });
    await setCurrency(world, 'EUR', { pinnedRate: null });
    expect(stateOf(await bookNow(), 'EUR')).toMatchObject({ status: 'disabled', why: 'none' });
    await setCurrency(world, 'EUR', { pinnedRate: '101' });
    expect(stateOf(await bookNow(), 'EUR')).toMatchObject({ rate: '100' });
  });

  test('on a currency that is off by default leaves it off', async () => {
    await setCurrency(world, 'IRR', { pinnedRate: '1000000' });
    expect(stateOf(await bookNow(), 'IRR')?.status).toBe('disabled');
    await setCurrency(world, 'IRR', { enabled: true });
    expect(stateOf(await bookNow(), 'IRR')).toMatchObject({ status: 'enabled', rate: '1000000' });
  });

  test.each([
    ['USD', { enabled: false }, 'currency'],
    ['XXX', { enabled: true }, 'currency'],
    ['EUR', { pinnedRate: '0' }, 'pinnedRate'],
    ['EUR', { pinnedRate: '-1' }, 'pinnedRate'],
    ['EUR', { pinnedRate: '1e15' }, 'pinnedRate'],
    ['EUR', { pinnedRate: '0.0000000000000000001' }, 'pinnedRate'],
    ['EUR', { spread: '1' }, 'spread'],
    ['EUR', { spread: '1%' }, 'spread'],
    ['EUR', { spread: '0.000000001' }, 'spread'],
  ])('is refused for %s %j', async (currency, changes, field) => {
    expect(await setCurrency(world, currency, changes)).toMatchObject({ ok: false, fault: [{ field }] });
  });
});
