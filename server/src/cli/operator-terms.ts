/** What the configuration says users are asked for a paid invoice, and how low their balances may go. */
import type { Config } from '../config.ts';
import { type OperatorTerms, parsePercent } from '../domain/commission.ts';
import { usdFrom } from '../domain/usd.ts';

export function operatorTerms({ commissionPercent, balance }: Config): OperatorTerms {
  const percent = parsePercent(commissionPercent);
  if (!percent.ok) throw new Error('a percent that was accepted cannot be read');
  const limit = (text: string | null) => (text === null ? null : usdFrom(text));
  return {
    percent: percent.value,
    warnBelow: limit(balance.warnBelow),
    refuseBelow: limit(balance.refuseBelow),
  };
}
