/** Second factors that are codes: the TOTP secret of a person, sealed, and recovery codes, hashed. */
import { seal, unseal, type Vault } from '../lib/vault.ts';
import type { Db, Tx } from './db.ts';

/** 20 bytes or more of a TOTP secret as hex. `lastStep`: the time step of the last code that was accepted. */
export type Totp = { secret: string; confirmed: boolean; lastStep: number | null };

export async function findTotp(db: Db, vault: Vault, personId: number): Promise<Totp | null> {
  const row = await db.selectFrom('totp').selectAll().where('person_id', '=', personId).executeTakeFirst();
  if (!row) return null;
  return {
    secret: unseal(vault, row.secret, contextOf(personId)),
    confirmed: row.confirmed_at !== null,
    lastStep: row.last_step,
  };
}

/** A secret to be confirmed; false when the person has a confirmed one already. */
export async function offerTotp(
  tx: Tx,
  vault: Vault,
  { personId, secret, now }: { personId: number; secret: string; now: number },
): Promise<boolean> {
  const sealed = seal(vault, secret, contextOf(personId));
  const row = await tx
    .insertInto('totp')
    .values({ person_id: personId, secret: sealed, created_at: new Date(now) })
    .onConflict(conflict =>
      conflict
        .column('person_id')
        .doUpdateSet({ secret: sealed, created_at: new Date(now), last_step: null })
        .where('totp.confirmed_at', 'is', null),
    )
    .returning('person_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a step, so that its code counts once; false when that step or a later one was used before. */
export async function useTotpStep(tx: Tx, personId: number, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('totp')
    .set({ last_step: step })
    .where('person_id', '=', personId)
    .where(eb => eb.or([eb('last_step', 'is', null), eb('last_step', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function confirmTotp(tx: Tx, personId: number, now: number): Promise<void> {
  await tx
    .updateTable('totp')
    .set({ confirmed_at: new Date(now) })
    .where('person_id', '=', personId)
    .execute();
}

export async function deleteTotp(tx: Tx, personId: number): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('totp').where('person_id', '=', personId).executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Whether a confirmed TOTP secret, and how many passkeys and unused recovery codes a person has. */
export async function factorsOf(
  db: Db,
  personId: number,
): Promise<{ totp: boolean; passkeys: number; recoveryCodes: number }> {
  const row = await db
    .selectNoFrom(eb => [
      eb
        .exists(
          eb
            .selectFrom('totp')
            .select('person_id')
            .where('person_id', '=', personId)
            .where('confirmed_at', 'is not', null),
        )
        .as('totp'),
      eb
        .selectFrom('passkeys')
        .select(count => count.fn.countAll<number>().as('n'))
        .where('person_id', '=', personId)
        .as('passkeys'),
      eb
        .selectFrom('recovery_codes')
        .select(count => count.fn.countAll<number>().as('n'))
        .where('person_id', '=', personId)
        .where('used_at', 'is', null)
        .as('codes'),
    ])
    .executeTakeFirstOrThrow();
  return { totp: Boolean(row.totp), passkeys: row.passkeys ?? 0, recoveryCodes: row.codes ?? 0 };
}

/** Replaces a person's recovery codes; none at all takes them away. */
export async function replaceRecoveryCodes(
  tx: Tx,
  personId: number,
  hashes: readonly Buffer[],
): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  if (hashes.length === 0) return;
  await tx
    .insertInto('recovery_codes')
    .values(hashes.map(hash => ({ person_id: personId, code_hash: hash })))
    .execute();
}

/** Takes an unused code; false when there is no such one. */
export async function useCode(tx: Tx, personId: number, hash: Buffer, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('recovery_codes')
    .set({ used_at: new Date(now) })
    .where('person_id', '=', personId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function contextOf(personId: number): string {
  return `TOTP secret of person ${personId}`;
}
