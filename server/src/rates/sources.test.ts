import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Chance } from '../../../test/seeded.ts';
import { recordedAnswer } from '../dev/rate-answers.ts';
import { formatNumber } from '../domain/money.ts';
import { binance } from './binance.ts';
import { cbr } from './cbr.ts';
import { coinbase } from './coinbase.ts';
import { coingecko } from './coingecko.ts';
import { ecb } from './ecb.ts';
import { kraken } from './kraken.ts';
import { nbrb } from './nbrb.ts';
import { okx } from './okx.ts';
import { openErApi } from './open-er-api.ts';
import { openSources, rateSourceNames, rateSources } from './registry.ts';
import type { RateSource } from './source.ts';

const NOW = Date.UTC(2026, 3, 25, 12);

const file = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string) => new TextEncoder().encode(text);

function read(source: RateSource, body: Uint8Array, at = NOW) {
  const answer = source.read(body, at);
  if (!answer.ok) throw new Error(answer.fault);
  const rates = Object.fromEntries(answer.value.quoted.map(q => [q.currency, formatNumber(q.perUsd)]));
  const times = Object.fromEntries(answer.value.quoted.map(q => [q.currency, q.observedAt]));
  return { ...answer.value, rates, times };
}

const faultOf = (source: RateSource, body: Uint8Array | string) => {
  const answer = source.read(typeof body === 'string' ? bytes(body) : body, NOW);
  return answer.ok ? null : answer.fault;
};

describe('a recorded answer', () => {
  test('of the ECB is told in dollars instead of euros', () => {
    const { rates, times } = read(ecb, file('recorded/ecb_eurofxref_daily_2015-01-07.xml'));
    // 1 / 1.1831 and 75 / 1.1831
    expect(rates.EUR).toBe('0.845237089003465472');
    expect(rates.RUB).toBe('63.392781675259910405');
    expect(rates.USD).toBeUndefined();
    expect(times.EUR).toBe(Date.UTC(2015, 0, 7, 12));
  });

  test('of the ECB with many days is read for the newest', () => {
    const { rates, times } = read(ecb, file('recorded/ecb_eurofxref_hist_90d.xml'));
    // 1 / 1.0982
    expect(rates.EUR).toBe('0.910580950646512475');
    expect(new Set(Object.values(times))).toEqual(new Set([Date.UTC(2019, 10, 29, 12)]));
  });

  test('of the CBR is read from windows-1251, with decimal commas and nominals', () => {
    const { rates, times } = read(cbr, file('recorded/cbr_XML_daily_2026-04-25.xml'));
    expect(rates.RUB).toBe('75.5273');
    // 75.5273 / 26.7960, and 100 · 75.5273 / 20.3123
    expect(rates.BYN).toBe('2.818603522913867741');
    expect(rates.AMD).toBe('371.8303687913234838');
    expect(rates.XDR).toBeUndefined();
    expect(times.RUB).toBe(NOW);
    expect(read(cbr, file('recorded/cbr_XML_daily_2016-12-09.xml')).rates.RUB).toBe('63.3901');
  });

  test('of the NBRB is read with its scales', () => {
    const { rates, times } = read(nbrb, file('recorded/nbrb_rates_daily_2026-03-17.json'));
    expect(rates.BYN).toBe('2.9463');
    // 100 · 2.9463 / 3.6709
    expect(rates.RUB).toMatch(/^80\.26/);
    // 1000 · 2.9463 / 7.8014
    expect(rates.AMD).toBe('377.662983567052067578');
    expect(times.BYN).toBe(Date.UTC(2026, 2, 17, 12));
  });

  test('of Kraken is found under its own names of pairs', () => {
    const { rates } = read(kraken, file('recorded/kraken_Ticker_XBTUSDT.json'));
    // 1 / 105899.4
    expect(rates).toEqual({ BTC: '0.000009442924133659' });
    expect(faultOf(kraken, file('recorded/kraken_Ticker_XXBTZEUR_2014.json'))).toBe('it holds no rate');
  });

  test('of Coinbase may be told in any currency', () => {
    const { rates } = read(coinbase, file('recorded/coinbase_v2_exchange-rates.json'));
    // 1 / 11723.50 and 23679.27 / 11723.50
    expect(rates.BTC).toBe('0.000085298758903058');
    expect(rates.BYN).toBe('2.019812342730413272');
  });

  test('of OKX, Binance and CoinGecko is turned over', () => {
    // 1 / 103895
    const index = read(okx, file('recorded/okx_index_tickers_BTC-USDT.json'));
    expect(index.rates).toEqual({ BTC: '0.000009625102266712' });
    expect(index.times).toEqual({ BTC: 1746942707815 });
    expect(faultOf(binance, file('recorded/binance_ticker_price_LTCBTC.json'))).toBe('it holds no rate');
    expect(read(binance, bytes('{"symbol":"LTCUSDT","price":"80.00"}')).rates).toEqual({ LTC: '0.0125' });
    expect(read(coingecko, file('recorded/coingecko_simple_price.json')).rates).toEqual({
      BTC: '0.000023631164780112',
    });
    // 2182.99 / 2299.72
    const ether = read(coingecko, file('recorded/coingecko_simple_price_eth.json'));
    expect(ether.rates.EUR).toBe('0.949241646809176769');
  });

  test('of every source, as dev serves it, agrees with the others on the euro', () => {
    for (const name of rateSourceNames) {
      const answer = read(rateSources[name], recordedAnswer(name, new Date(NOW)));
      expect(answer.refused).toEqual([]);
      for (const time of Object.values(answer.times)) expect(NOW - time).toBeLessThanOrEqual(1000);
      if (answer.rates.EUR) expect(answer.rates.EUR).toMatch(/^0\.8[5-7]/);
    }
  });

  test('that tells of an error is no answer', () => {
    expect(faultOf(cbr, file('recorded/cbr_error.xml'))).toBe('it has no date');
    expect(faultOf(nbrb, file('recorded/nbrb_single_2020-03-07.json'))).toBe('it has no US dollar');
    expect(faultOf(openErApi, file('recorded/exchangerate_host_error.json'))).toMatch(/success/);
    expect(faultOf(openErApi, '{"result":"error","error-type":"unsupported-code"}')).toMatch(/success/);
    expect(faultOf(kraken, '{"error":["EAPI:Rate limit exceeded"]}')).toMatch(/Rate limit/);
    expect(faultOf(okx, '{"code":"50011","msg":"Too Many Requests","data":[]}')).toMatch(/50011/);
    expect(faultOf(binance, '{"code":-1121,"msg":"Invalid symbol."}')).toBe('it holds no rate');
    expect(faultOf(coingecko, '{"status":{"error_code":429}}')).toBe('it holds no rate');
  });
});

const PAGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>403</body></html>';

describe.each(rateSourceNames)('%s', name => {
  const source = rateSources[name];
  const good = recordedAnswer(name, new Date(NOW));

  test('is a path of its own, asked no faster than once a minute', () => {
    expect(source.name).toBe(name);
    expect(source.path).toMatch(/^\/\S+$/);
    expect(source.origin).toMatch(/^https:\/\/[a-z.-]+$/);
    expect(source.every).toBeGreaterThanOrEqual(60_000);
  });

  test.each([
    ['a page of HTML', bytes(PAGE)],
    ['a page without a document type', bytes(PAGE.replace(/<!.*?>/, ''))],
    ['nothing', bytes('')],
    ['an empty object', bytes('{}')],
    ['an empty list', bytes('[]')],
    ['null', bytes('null')],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0x00, 0x80])],
    ['brackets without end', bytes('['.repeat(100_000))],
    ['elements without end', bytes('<a>'.repeat(10_000))],
  ])('takes no rate from %s', (_what, body) => {
    expect(source.read(body, NOW).ok).toBe(false);
  });

  test('takes no rate from a body that breaks off', () => {
    for (let part = 1; part < 20; part++) {
      const body = good.subarray(0, Math.floor((good.length * part) / 20));
      expect(source.read(body, NOW).ok).toBe(false);
    }
  });

  test.each(['0', '-1.5', 'NaN', '1e309', 'Infinity', '', '0x10', '١'])(
    'takes no rate from the number %j',
    written => {
      const body = Buffer.from(
        withNumbers(good.toString('latin1'), () => written),
        'latin1',
      );
      const answer = source.read(body, NOW);
      expect(answer.ok && answer.value.quoted).toBe(false);
    },
  );
});

/** Every price or rate of an answer, of whatever source, written otherwise. */
function withNumbers(text: string, change: (number: string) => string): string {
  return text
    .replace(/("c": \[\s*")([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/("(?:idxPx|price)": ")([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/("[A-Z]{3,4}": "?)([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/("[a-z]{3}": )([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/("Cur_OfficialRate":)([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/(rate=')([\d.]+)/g, (_all, before, number) => before + change(number))
    .replace(/(<Value>)([\d,]+)/g, (_all, before, number) => before + change(number));
}

describe('an entry', () => {
  const ecbOf = (rows: string, time = '2026-04-24') =>
    `<gesmes:Envelope xmlns:gesmes="g"><Cube><Cube time="${time}">${rows}</Cube></Cube></gesmes:Envelope>`;
  const row = (currency: string, rate: string) => `<Cube currency="${currency}" rate="${rate}"/>`;
  const dollar = row('USD', '1.16');

  test('that is no rate is left out, and told', () => {
    const { rates, refused } = read(ecb, bytes(ecbOf(dollar + row('GBP', '0') + row('JPY', '-3'))));
    expect(Object.keys(rates)).toEqual(['EUR']);
    expect(refused).toEqual(['GBP is not a number above zero', 'JPY is not a number above zero']);
  });

  test('given twice alike counts once, and differently spoils the answer', () => {
    expect(read(ecb, bytes(ecbOf(dollar + dollar + row('GBP', '0.87')))).quoted).toHaveLength(2);
    expect(faultOf(ecb, ecbOf(dollar + row('GBP', '0.87') + row('GBP', '0.88')))).toMatch(/GBP .*twice/);
    const doubled = '{"data":{"currency":"USD","rates":{"EUR":"0.86","EUR":"0.01"}}}';
    expect(faultOf(coinbase, doubled)).toMatch(/EUR .*twice/);
    for (const own of ['0.86', '1.16'])
      expect(faultOf(coinbase, `{"data":{"currency":"USD","rates":{"USD":"${own}","EUR":"1"}}}`)).toMatch(
        /USD/,
      );
  });

  test('beyond every possible rate is left out', () => {
    const { rates, refused } = read(ecb, bytes(ecbOf(dollar + row('GBP', '1e-30') + row('JPY', '1e30'))));
    expect(Object.keys(rates)).toEqual(['EUR']);
    expect(refused).toHaveLength(2);
  });

  test('of the far end of precision is read digit by digit', () => {
    const body = '{"data":{"currency":"USD","rates":{"EUR":0.123456789012345678}}}';
    expect(read(coinbase, bytes(body)).rates.EUR).toBe('0.123456789012345678');
  });

  test('dated in the future, or on no day at all, spoils a table', () => {
    expect(faultOf(ecb, ecbOf(dollar, '2026-04-27'))).toBe('it is dated in the future');
    expect(faultOf(ecb, ecbOf(dollar, '2099-01-01'))).toBe('it is dated in the future');
    expect(faultOf(ecb, ecbOf(dollar, '2026-02-30'))).toBe('it has no date');
    expect(faultOf(ecb, ecbOf(dollar, 'today'))).toBe('it has no date');
    expect(faultOf(nbrb, recordedAnswer('nbrb', new Date(NOW + 3 * 86_400_000)))).toMatch(/future/);
    expect(faultOf(cbr, recordedAnswer('cbr', new Date(NOW + 3 * 86_400_000)))).toMatch(/future/);
  });

  test('dated in the future is left out of a market', () => {
    const ahead = new Date(NOW + 6 * 60_000);
    expect(faultOf(okx, recordedAnswer('okx', ahead))).toMatch(/future/);
    expect(faultOf(coingecko, recordedAnswer('coingecko', ahead))).toMatch(/future/);
    expect(faultOf(openErApi, recordedAnswer('open-er-api', ahead))).toMatch(/future/);
  });

  test('of a table for tomorrow counts from now on', () => {
    const { times } = read(cbr, recordedAnswer('cbr', new Date(NOW + 86_400_000)));
    expect(times.RUB).toBe(NOW);
  });

  test('is as old as the dollar beside it, where that is older', () => {
    const row = (code: string, day: string) =>
      `{"Date":"${day}T00:00:00","Cur_Abbreviation":"${code}","Cur_Scale":1,"Cur_OfficialRate":3}`;
    const { times } = read(nbrb, bytes(`[${row('USD', '2026-04-20')},${row('EUR', '2026-04-24')}]`));
    expect(times).toEqual({ EUR: Date.UTC(2026, 3, 20, 12), BYN: Date.UTC(2026, 3, 20, 12) });
  });

  test('of years ago keeps its age', () => {
    const { times } = read(openErApi, recordedAnswer('open-er-api', new Date(Date.UTC(2020, 0, 1))));
    expect(times.EUR).toBe(Date.UTC(2020, 0, 1));
  });

  test('without a time says nothing where times are told', () => {
    const body = '{"code":"0","data":[{"instId":"BTC-USD","idxPx":"9"}]}';
    expect(faultOf(okx, body)).toBe('it holds no rate');
    expect(faultOf(openErApi, '{"result":"success","base_code":"USD","rates":{"EUR":1}}')).toMatch(/date/);
  });

  test('of a stablecoin is not told in another stablecoin, and dollars go before tether', () => {
    const ticker = (instId: string, idxPx: string) => ({ instId, idxPx, ts: `${NOW}` });
    const data = [ticker('USDC-USDT', '1.01'), ticker('BTC-USDT', '50'), ticker('BTC-USD', '40')];
    expect(read(okx, bytes(JSON.stringify({ code: '0', data }))).rates).toEqual({ BTC: '0.025' });
  });
});

describe('XML', () => {
  test('with a document type or an entity is refused before it is read', () => {
    const bomb =
      '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ValCurs>&b;</ValCurs>';
    expect(faultOf(cbr, bomb)).toBe('it has a document type');
    expect(faultOf(ecb, bomb)).toBe('it has a document type');
  });
});

describe('an answer made to take long', () => {
  const big = 1024 * 1024;
  const nested = (name: string, root: string) => {
    const times = Math.floor(big / (2 * name.length + 5));
    return `<${root}>${`<${name}>`.repeat(times)}${`</${name}>`.repeat(times)}</${root}>`;
  };
  const many = (entry: string) => Array.from({ length: big / entry.length }, () => entry).join(',');

  test.each([
    ['kraken', `{"error":[],"result":{"${'USD'.repeat(big / 3)}":{"c":["1"]}}}`],
    ['kraken', `{"error":[],"result":{${many('"XXBTZUSD":{"c":["0"]}')}}}`],
    ['coinbase', `{"data":{"currency":"USD","rates":{${many('"EUR":"0"')}}}}`],
    ['coinbase', `{"data":{"currency":"${'X'.repeat(big)}","rates":{"USD":"1"}}}`],
    ['okx', `{"code":"0","data":[${many('{"instId":"EUR-USD"}')}]}`],
    ['coingecko', `{"bitcoin":{${many('"eur":1')}}}`],
    ['cbr', nested('Valute', 'ValCurs')],
    ['cbr', `<ValCurs Date="25.04.2026">${'<Valute/>'.repeat(big / 9)}</ValCurs>`],
    ['ecb', nested('Cube', 'gesmes:Envelope')],
  ] as const)('does not hold up %s', (name, text) => {
    const answer = rateSources[name].read(bytes(text), NOW);
    expect(answer.ok ? '' : answer.fault.length).toBeLessThan(200);
  });
});

describe('an answer with bytes gone wrong', () => {
  test.each(rateSourceNames)('of %s is an answer or a fault, never a crash', name => {
    const good = recordedAnswer(name, new Date(NOW));
    const chance = new Chance(7);
    for (let run = 0; run < 300; run++) {
      const body = Buffer.from(good);
      for (let change = chance.between(1, 5); change > 0; change--)
        body[chance.below(body.length)] = chance.pick([0x30, 0x22, 0x3c, 0x2d, 0x2c, 0x00, 0x7d, 0xff]);
      const answer = rateSources[name].read(body, NOW);
      if (!answer.ok) expect(answer.fault).not.toBe('');
      else for (const { perUsd } of answer.value.quoted) expect(perUsd.units > 0n).toBe(true);
    }
  });
});

describe('the sources that are asked', () => {
  test('are all, at home, unless the settings say otherwise', () => {
    expect(openSources().map(({ source }) => source.name)).toEqual([...rateSourceNames]);
    const settings = {
      okx: { enabled: false },
      cbr: { url: 'http://127.0.0.1:9/', headers: { 'x-key': 'k' } },
    };
    const opened = openSources(settings);
    expect(opened.map(({ source }) => source.name)).not.toContain('okx');
    expect(opened.find(({ source }) => source.name === 'cbr')).toMatchObject({
      url: 'http://127.0.0.1:9/scripts/XML_daily.asp',
      headers: { 'x-key': 'k' },
    });
  });
});
