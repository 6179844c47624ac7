import { describe, expect, test } from 'vitest';
import { currencyCodes, enabledByDefault, kindOf } from './currency.ts';
import { type CurrencySetting, currencyState, defaultSetting } from './currency-state.ts';
import { formatNumber, parseDecimal } from './money.ts';

const NOW = Date.UTC(2026, 3, 25, 12);
const decimal = (text: string) => parseDecimal(text)!;
const reading = (source: string, rate: string, age = 0) => ({
  source,
  perUsd: decimal(rate),
  observedAt: NOW - age,
  fetchedAt: NOW,
});
const agreed = [reading('ecb', '0.86'), reading('nbrb', '0.87')];

const stateOf = (changes: Partial<CurrencySetting> = {}, readings = agreed, currency = 'EUR') => {
  const state = currencyState({ ...defaultSetting(currency), ...changes }, readings, { now: NOW, quorum: 2 });
  return state && { ...state, rate: state.rate && formatNumber(state.rate) };
};

describe('a currency', () => {
  test('has the rate of the sources, and says whose it is and from when', () => {
    const state = stateOf();
    expect(state).toMatchObject({ status: 'enabled', rate: '0.865' });
    expect(state?.status === 'enabled' && JSON.parse(state.origin)).toEqual({
      sources: [
        { source: 'ecb', rate: '0.86', observed_at: NOW / 1000, fetched_at: NOW / 1000 },
        { source: 'nbrb', rate: '0.87', observed_at: NOW / 1000, fetched_at: NOW / 1000 },
      ],
    });
  });

  test('that is not known has no state', () => {
    expect(stateOf({}, agreed, 'XXX')).toBeNull();
    expect(stateOf({}, agreed, 'eur')).toBeNull();
    expect(kindOf('USD')).toBeNull();
  });

  test('that is switched off still shows its rate', () => {
    expect(stateOf({ enabled: false })).toMatchObject({
      status: 'disabled',
      why: 'switched_off',
      rate: '0.865',
    });
    expect(stateOf({ enabled: false }, [])).toMatchObject({ status: 'disabled', rate: null });
  });

  test('with a pin has that rate, though the sources are silent or contradict each other', () => {
    const pin = { pinnedRate: decimal('0.9') };
    for (const readings of [[], agreed, [reading('ecb', '0.1'), reading('cbr', '5')]]) {
      const state = stateOf(pin, readings);
      expect(state).toMatchObject({ status: 'enabled', rate: '0.9' });
      expect(state?.status === 'enabled' && state.origin).toBe('{"pinned":"0.9"}');
    }
    expect(stateOf({ ...pin, enabled: false })).toMatchObject({ status: 'disabled', rate: '0.9' });
  });

  test('with a spread costs more, and says so', () => {
    const state = stateOf({ pinnedRate: decimal('1.01'), spread: decimal('0.01') });
    expect(state).toMatchObject({ rate: '1', origin: '{"pinned":"1.01","spread":"0.01"}' });
  });

  test('on which too few agree is disabled', () => {
    expect(stateOf({}, [reading('ecb', '0.86')])).toMatchObject({ status: 'disabled', why: 'too_few' });
  });
});

describe('the known currencies', () => {
  test('are each named once, in order, without the dollar', () => {
    expect([...new Set(currencyCodes)].sort()).toEqual(currencyCodes);
    expect(currencyCodes).not.toContain('USD');
    for (const code of currencyCodes) expect(code).toMatch(/^[A-Z]{3,4}$/);
  });

  test('are on, unless their official rates mean little', () => {
    for (const code of ['EUR', 'RUB', 'BYN', 'UAH', 'KZT', 'BTC', 'USDT'])
      expect(enabledByDefault(code)).toBe(true);
    for (const code of ['IRR', 'SYP', 'XXX', 'USD']) expect(enabledByDefault(code)).toBe(false);
  });
});
