/** A person's own name and language. */
import { z } from 'zod';
import { ok } from '../lib/result.ts';
import { transact } from '../store/db.ts';
import { setProfile } from '../store/people.ts';
import { check } from './faults.ts';
import { languageField, nameField, type PeopleDeps } from './people-deps.ts';
import { invalid, type Judged } from './refusal.ts';

const profileSchema = z.object({ name: nameField, language: languageField });

export async function changeProfile(
  { db }: Pick<PeopleDeps, 'db'>,
  { personId, ...profile }: { personId: number; name: string; language: string },
): Promise<Judged<null>> {
  const checked = check(profileSchema, profile);
  if (!checked.ok) return invalid(checked.fault);
  await transact(db, tx => setProfile(tx, personId, checked.value));
  return ok(null);
}
