/**
 * Passwords are kept as argon2id hashes. Hashing is slow and takes 19 MiB on purpose, so only a few run at once in a
 * process and only so many wait: beyond that the caller is told `Overloaded`.
 */
import { hash, verify } from '@node-rs/argon2';
import { isCommonPassword } from './common-passwords.ts';
import { group } from './group.ts';
import { fail, ok, type Result } from './result.ts';

/** OWASP's recommended parameters for argon2id (the library's default kind): 19 MiB, 2 passes, 1 lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = { max: 1, runs: 2, limit: 64, isolate: () => false };

/** Of a password that nobody has, with the same parameters: checking against it takes as long as against a real one. */
const DUMMY =
  '$argon2id$v=19$m=19456,t=2,p=1$SZgrKEwonlJ0ZXzNd2tMGw$ETIwOb/2yi2zV13FrcCQDwNLLL903G8BKqJT90uzi5o';

const work = group(async (jobs: (() => Promise<string | boolean>)[]) => {
  const answers = [];
  for (const job of jobs) answers.push(await job());
  return answers;
}, AT_ONCE);

export async function hashPassword(password: string): Promise<string> {
  return String(await work(() => hash(normal(password), ARGON2)));
}

/** Takes the same time for a hash of null, which no password fits. */
export async function fitsPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const fits = await work(() => verify(passwordHash ?? DUMMY, normal(password)));
  return passwordHash !== null && fits === true;
}

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 200;

export type PasswordFault = { kind: 'short' | 'long' | 'common'; text: string };

/** Whether a password may be chosen. `words`: what an attacker would try first, such as the e-mail address. */
export function checkPassword(password: string, words: readonly string[]): Result<string, PasswordFault> {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD)
    return fail({ kind: 'short', text: `must have at least ${SHORTEST_PASSWORD} characters` });
  if (length > LONGEST_PASSWORD)
    return fail({ kind: 'long', text: `must have at most ${LONGEST_PASSWORD} characters` });
  const plain = normal(password).toLowerCase();
  if (isCommonPassword(plain) || words.some(word => word.toLowerCase() === plain))
    return fail({ kind: 'common', text: 'is one of those tried first; choose another one' });
  return ok(password);
}

/** The same characters typed on another keyboard may be other code points. NIST SP 800-63B, section 3.1.1.2. */
const normal = (password: string): string => password.normalize('NFKC');
