/**
 * What anybody may ask for by naming an e-mail address: a link to set a new password, or to register. The address is
 * only written down here, whoever has it; who that is comes out when the letter is written. So the answer and its time are
 * the same for every address.
 */
import type { Language } from '../lib/language.ts';
import { transact } from '../store/db.ts';
import { insertMail } from '../store/mails.ts';
import { admitLetter } from './count-tries.ts';
import type { PeopleDeps } from './people-deps.ts';

/** One address gets a few letters an hour; beyond that nothing is sent, and nothing else is said. */
export async function askForLetter(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  letter: { kind: 'password_reset' | 'registration'; email: string; language: Language },
): Promise<void> {
  if (!(await admitLetter({ db, clock }, letter.email))) return;
  await transact(db, tx => insertMail(tx, { ...letter, invitationId: null }, clock.now()));
}
