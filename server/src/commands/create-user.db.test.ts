import { verify } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { makeUser, must } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { findUser } from '../store/users.ts';
import { createUser } from './create-user.ts';

const world = useWorld();

const password = 'correct horse';

describe('a user', () => {
  test('is stored with a slow hash of the password alone', async () => {
    const { id } = must(await createUser(world, { email: 'A@example.com', password }));
    const user = await findUser(world.db, id);
    expect(user).toMatchObject({ email: 'A@example.com', status: 'Active', commission_percent: null });
    expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verify(user?.password_hash ?? '', password)).toBe(true);
  });

  test('has an e-mail address that nobody else has, whatever its letter case', async () => {
    await makeUser(world, { email: 'a@example.com' });
    expect(await createUser(world, { email: 'A@Example.com', password })).toEqual({
      ok: false,
      fault: [{ field: 'email', text: 'is registered already' }],
    });
  });

  test.each([
    [{ email: 'nobody', password }, 'email', 'must be an e-mail address', { code: 'email' }],
    [
      { email: `${'x'.repeat(250)}@a.bc`, password },
      'email',
      'must have at most 254 characters',
      { code: 'too_long', params: { most: 254 } },
    ],
    [
      { email: 'a@b.cd', password: '1234567' },
      'password',
      'must have at least 8 characters',
      { code: 'too_short', params: { least: 8 } },
    ],
    [
      { email: 'a@b.cd', password: 'x'.repeat(257) },
      'password',
      'must have at most 256 characters',
      { code: 'too_long', params: { most: 256 } },
    ],
  ])('entered as %j is refused by name and rule', async (input, field, text, rule) => {
    const made = await createUser(world, input);
    expect(made.ok ? [] : made.fault).toContainEqual({ field, text, rule });
  });
});
