/** Registering a user. */
import { hash } from '@node-rs/argon2';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { ok } from '../lib/result.ts';
import { type Db, transact } from '../store/db.ts';
import { insertUser } from '../store/users.ts';
import { commissionField } from './change-user.ts';
import { type Checked, check, fault } from './faults.ts';

const userSchema = z.object({
  email: z.email('must be an e-mail address').max(254, 'must have at most 254 characters'),
  password: z.string().min(8, 'must have at least 8 characters').max(256, 'must have at most 256 characters'),
  commission: commissionField.optional(),
});

/** OWASP's recommended parameters for argon2id (the library's default kind): 19 MiB, 2 passes, 1 lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function createUser(
  { db, clock }: { db: Db; clock: Clock },
  input: { email: unknown; password: unknown; commission?: unknown },
): Promise<Checked<{ id: number }>> {
  const user = check(userSchema, input);
  if (!user.ok) return user;
  const passwordHash = await hash(user.value.password, ARGON2);
  const { email, commission = null } = user.value;
  const row = { email, passwordHash, commissionPercent: commission };
  const id = await transact(db, tx => insertUser(tx, row, clock.now()));
  return id === null ? fault('email', 'is registered already') : ok({ id });
}
