/** Looks for addresses that somebody has changed in the database, and raises the alarm, once for each. */
import type { Logger } from '../lib/logger.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../store/db.ts';
import { forgedInvoices, forgedWallets } from '../store/genuine-wallets.ts';

export type CheckWalletsDeps = {
  db: Db;
  vault: Vault;
  logger: Logger;
  /** What the alarm was raised for and still stands, by name. */
  alarmed: Set<string>;
};

/** Answers 0: there is never more to do at once. */
export async function checkWallets({ db, vault, logger, alarmed }: CheckWalletsDeps): Promise<number> {
  const forged = [...(await forgedWallets(db, vault)), ...(await forgedInvoices(db, vault))];
  const standing = new Map(forged.map(one => [`${one.kind} ${one.id}`, one]));
  for (const [name, { kind, id, merchantId, network }] of standing) {
    if (alarmed.has(name)) continue;
    alarmed.add(name);
    logger.error(
      { alarm: 'wallet_integrity', [kind]: id, merchant: merchantId, network },
      `the address of ${kind} ${id} is not the one that was registered: it was changed in the database, and is shown to nobody`,
    );
  }
  for (const name of alarmed) {
    if (standing.has(name)) continue;
    alarmed.delete(name);
    logger.info(
      { alarm_over: 'wallet_integrity' },
      `the address of ${name} is again the one that was registered`,
    );
  }
  return 0;
}
