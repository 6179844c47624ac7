/** What each new invoice costs its merchant's user, and whose balance is too low for another one. */
import { isRefused, NO_PERCENT, NO_TERMS, type OperatorTerms } from '../domain/commission.ts';
import type { Decimal } from '../domain/money.ts';
import type { Tx } from '../store/db.ts';
import { termsOf } from '../store/ledger.ts';
import type { Answers, CreateInvoice } from './create-invoice.ts';

/** The percent of each command that may go on; the others are answered. A top-up costs nothing and is never refused. */
export async function agreeTerms(
  tx: Tx,
  commands: readonly CreateInvoice[],
  { terms = NO_TERMS, answers }: { terms: OperatorTerms | undefined; answers: Answers },
): Promise<Map<CreateInvoice, Decimal>> {
  if (commands.length === 0) return new Map();
  const known = await termsOf(
    tx,
    commands.map(({ merchant }) => merchant.id),
  );
  const percents = new Map<CreateInvoice, Decimal>();
  for (const command of commands) {
    const { percent = null, balance = 0n } = known.get(command.merchant.id) ?? {};
    const agreed = command.topUpUserId ? NO_PERCENT : (percent ?? terms.percent);
    if (isRefused({ percent: agreed, balance }, terms.refuseBelow))
      answers.set(command, { ok: false, fault: 'balance_low', balance });
    else percents.set(command, agreed);
  }
  return percents;
}
