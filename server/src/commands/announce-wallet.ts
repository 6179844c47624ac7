/** Telling those who answer for an account that a wallet will take its payments, while it can still be stopped. */
import { mayDo } from '../domain/role.ts';
import type { WalletHold } from '../domain/wallet-hold.ts';
import type { Tx } from '../store/db.ts';
import { insertMail } from '../store/mails.ts';
import { listTeam } from '../store/memberships.ts';

/** A letter to everybody of the account who may edit its wallets. */
export async function announceWallet(
  tx: Tx,
  { byMail }: WalletHold,
  { userId, walletId }: { userId: number; walletId: number },
  now: number,
): Promise<void> {
  if (!byMail) return;
  const team = await listTeam(tx, userId);
  for (const { email } of team.filter(({ role }) => mayDo(role, 'wallets.edit')))
    await insertMail(tx, { kind: 'wallet_held', email, language: 'en', invitationId: null, walletId }, now);
}
