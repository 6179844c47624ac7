/** What an operator may set for a currency: on or off, a rate of their own, a spread. */
import { z } from 'zod';
import { BASE_CURRENCY, kindOf } from '../domain/currency.ts';
import type { CurrencySetting } from '../domain/currency-state.ts';
import { compare, type Decimal, floorTo, formatNumber, parseDecimal } from '../domain/money.ts';
import { RATE_SCALE } from '../domain/rate.ts';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { changeCurrency } from '../store/currencies.ts';
import { type Db, transact } from '../store/db.ts';
import { notify } from '../store/wake.ts';
import { type ActingDeps, note } from './acting.ts';
import { type Checked, check, fault } from './faults.ts';
import { rule } from './rule.ts';

const SPREAD_SCALE = 8;

/** Far outside of any rate, and inside what the database holds. */
const MOST: Decimal = { units: 10n ** 15n, scale: 0 };
const ONE: Decimal = { units: 1n, scale: 0 };

function number(
  scale: number,
  isFit: (value: Decimal) => boolean,
  text: string,
  named: ReturnType<typeof rule>,
) {
  return z.string().transform((written, context) => {
    const value = parseDecimal(written);
    if (value && compare(floorTo(value, scale), value) === 0 && isFit(value)) return floorTo(value, scale);
    context.addIssue({ code: 'custom', message: text, params: named });
    return z.NEVER;
  });
}

const schema = z.object({
  enabled: z.boolean().optional(),
  pinnedRate: number(
    RATE_SCALE,
    value => value.units > 0n && compare(value, MOST) < 0,
    'must be a number above 0, of at most 18 decimals: how many units make one US dollar',
    rule('pinned_rate'),
  )
    .nullable()
    .optional(),
  spread: number(
    SPREAD_SCALE,
    value => compare(value, ONE) < 0,
    'must be a fraction from 0 to less than 1, of at most 8 decimals: 0.01 is one percent',
    rule('spread'),
  ).optional(),
});

/** Numbers as people write them. */
export type CurrencyChanges = z.input<typeof schema>;

/** Changes what is given, and wakes every process to read it. Open invoices keep the rate they have. */
export async function setCurrency(
  deps: { db: Db; clock: Clock } & ActingDeps,
  currency: string,
  given: CurrencyChanges,
): Promise<Checked<{ currency: string }>> {
  if (currency === BASE_CURRENCY) return fault('currency', `${BASE_CURRENCY} is what rates are told in`);
  if (!kindOf(currency)) return fault('currency', `${currency} is not a currency we know`);
  const checked = check(schema, given);
  if (!checked.ok) return checked;
  const { enabled, pinnedRate, spread } = checked.value;
  const after = {
    ...(enabled !== undefined && { enabled }),
    ...(pinnedRate !== undefined && { pinned_rate: pinnedRate && formatNumber(pinnedRate) }),
    ...(spread !== undefined && { spread: formatNumber(spread) }),
  };
  await transact(deps.db, async tx => {
    await changeCurrency(tx, currency, definedOnly(checked.value));
    await notify(tx, 'read-rates');
    const entry = { userId: null, action: 'currency.change', target: `currency ${currency}` };
    await note(tx, deps, { ...entry, after }, deps.clock.now());
  });
  return ok({ currency });
}

type Changes = Partial<Omit<CurrencySetting, 'currency'>>;

function definedOnly(changes: z.output<typeof schema>): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Changes;
}
