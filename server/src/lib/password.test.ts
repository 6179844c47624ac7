import { describe, expect, test } from 'vitest';
import { Overloaded } from './group.ts';
import { checkPassword, fitsPassword, hashPassword } from './password.ts';

describe('a password', () => {
  test('fits its hash and no other does; nothing fits a person who is not there', async () => {
    const hash = await hashPassword('a long and quiet river');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await fitsPassword(hash, 'a long and quiet river')).toBe(true);
    expect(await fitsPassword(hash, 'a long and quiet River')).toBe(false);
    expect(await fitsPassword(null, 'a long and quiet river')).toBe(false);
  });

  test('is the same one however its letters were composed', async () => {
    const hash = await hashPassword('Ame\u0301lie am Fluss');
    expect(await fitsPassword(hash, 'Am\u00e9lie am Fluss')).toBe(true);
  });

  test.each([
    ['too short', 'short pass'.slice(0, 9)],
    ['too long', 'x1'.repeat(101)],
    ['common', 'Password123'],
    ['one character over and over', '7'.repeat(12)],
    ['the address', 'Me@Example.com'],
  ])('is refused when it is %s', (_why, password) => {
    expect(checkPassword(password, ['me@example.com']).ok).toBe(false);
  });

  test('may be anything else, spaces and all', () => {
    expect(checkPassword('тихая длинная река', ['me@example.com']).ok).toBe(true);
    expect(checkPassword(`${' '.repeat(9)}x`, []).ok).toBe(true);
  });

  test('is not hashed without end: what would wait too long is told so', async () => {
    const asked = Array.from({ length: 80 }, () => fitsPassword(null, 'x').catch((error: unknown) => error));
    const answers = await Promise.all(asked);
    expect(answers.filter(answer => answer instanceof Overloaded).length).toBeGreaterThan(0);
    expect(answers.filter(answer => answer === false)).toHaveLength(66);
  });
});
