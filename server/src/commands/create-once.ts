/**
 * Creating once for an idempotency key: the answer is stored in the transaction that makes the invoice. Whatever moment
 * a process dies at, there is either the invoice and the answer to repeat, or neither.
 */
import { fail } from '../lib/result.ts';
import type { Tx } from '../store/db.ts';
import { type Claim, claimKeys, type KeptAnswer, settleKeys } from '../store/idempotency.ts';
import type { Answer, Answers, CreateInvoice } from './create-invoice.ts';

export type Once = {
  claim: Claim;
  /** What the shop is answered, as it goes out; null where that is not to be repeated. */
  answer: (made: Answer) => KeptAnswer | null;
};

/** A command and its key, now claimed. */
type Claimed = { command: CreateInvoice; once: Once };

/** Claims the keys of the commands that have one, and refuses those whose key is another request's. */
export async function claimKeysOf(
  tx: Tx,
  commands: readonly CreateInvoice[],
  { now, answers }: { now: number; answers: Answers },
): Promise<Claimed[]> {
  const keyed = commands.flatMap((command): Claimed[] =>
    command.once ? [{ command, once: command.once }] : [],
  );
  if (keyed.length === 0) return [];
  const claimed = await claimKeys(
    tx,
    keyed.map(({ once }) => once.claim),
    now,
  );
  return keyed.filter(({ command }, index) => {
    if (!claimed[index]) answers.set(command, fail('key_in_use'));
    return claimed[index];
  });
}

/** Stores what each claimed command is answered. */
export async function settleKeysOf(tx: Tx, claimed: readonly Claimed[], answers: Answers): Promise<void> {
  await settleKeys(
    tx,
    claimed.map(({ command, once }) => ({
      claim: once.claim,
      answer: once.answer(answers.get(command) ?? fail('reference_taken')),
    })),
  );
}
