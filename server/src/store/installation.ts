/** The one row that tells whether the master key is the one this database was made with. */
import { seal, unseal, type Vault } from '../lib/vault.ts';
import type { Db } from './db.ts';

const CANARY = 'cryptoscan';
const CONTEXT = 'installation canary';

/**
 * Makes the row at the first start. Answers bytes that no other installation has. Throws when the master key is not the one of
 * the first start.
 */
export async function checkMasterKey(db: Db, vault: Vault, now: number): Promise<Buffer> {
  await db
    .insertInto('installation')
    .values({ id: 1, canary: seal(vault, CANARY, CONTEXT), created_at: new Date(now) })
    .onConflict(conflict => conflict.column('id').doNothing())
    .execute();
  const row = await db.selectFrom('installation').select('canary').executeTakeFirstOrThrow();
  if (!opens(vault, row.canary)) {
    throw new Error(
      'The master key is not the one this database was made with; the keys stored in it cannot be opened.',
    );
  }
  return row.canary;
}

export async function opensCanary(db: Db, vault: Vault): Promise<boolean> {
  const row = await db.selectFrom('installation').select('canary').where('id', '=', 1).executeTakeFirst();
  return row ? opens(vault, row.canary) : false;
}

/** Whether the master key is the one this canary was sealed with. */
export function opens(vault: Vault, canary: Buffer): boolean {
  try {
    return unseal(vault, canary, CONTEXT) === CANARY;
  } catch {
    return false;
  }
}
