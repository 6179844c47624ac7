/** Replacing keys: which pair lets a shop in meanwhile, and with which one it is told. */
import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, makeMerchant, must, type TestMerchant } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { findCredentials, findSigningKeys, noteKeysUsed } from '../store/merchants.ts';
import { rotateKeys } from './rotate-keys.ts';

const world = useWorld();
let merchant: TestMerchant;

beforeEach(async () => {
  merchant = await makeMerchant(world);
});

const rotate = (overlapHours: number) => rotateKeys(world, { merchantId: merchant.id, overlapHours });
type Pair = { publicKey: string };
/** Whether a pair lets its shop in, so long from now. */
const accepted = async ({ publicKey }: Pair, after = 0) => {
  const now = world.clock.now() + after;
  const [found] = await findCredentials(world.db, world.vault, { publicKeys: [publicKey], now });
  return found !== null;
};
/** The public key that its shop is told with, so long from now. */
const signing = async (after = 0) => {
  const asked = { merchantIds: [merchant.id], now: world.clock.now() + after };
  return (await findSigningKeys(world.db, world.vault, asked)).get(merchant.id)?.publicKey;
};
const used = ({ publicKey }: Pair) => noteKeysUsed(world.db, [publicKey], world.clock.now());

describe('the old pair', () => {
  test('is accepted until its time is up, the new one from the start and after that', async () => {
    const fresh = must(await rotate(2));
    for (const [after, old] of [
      [0, true],
      [2 * HOUR - 1, true],
      [2 * HOUR, false],
    ] as const)
      expect([after, await accepted(merchant, after), await accepted(fresh, after)]).toEqual([
        after,
        old,
        true,
      ]);
  });

  test('ends at once where nothing else was asked for', async () => {
    const fresh = must(await rotate(0));
    expect([await accepted(merchant), await accepted(fresh)]).toEqual([false, true]);
  });

  test('keeps its end when the keys are replaced again, and may have it sooner', async () => {
    await rotate(1);
    const second = must(await rotate(5));
    expect([await accepted(merchant, HOUR), await accepted(second, HOUR)]).toEqual([false, true]);
    await rotate(0);
    expect([await accepted(merchant), await accepted(second)]).toEqual([false, false]);
  });

  test('of another merchant is left alone', async () => {
    const other = await makeMerchant(world);
    await rotate(0);
    expect(await accepted(other)).toBe(true);
  });
});

describe('a shop is told with', () => {
  test('the pair it used last, until that is at its end', async () => {
    await used(merchant);
    const fresh = must(await rotate(2));
    expect([await signing(), await signing(2 * HOUR)]).toEqual([merchant.publicKey, fresh.publicKey]);
    world.clock.advance(1);
    await used(fresh);
    expect(await signing()).toBe(fresh.publicKey);
  });

  test('the newest pair where it has used none', async () => {
    world.clock.advance(1);
    const fresh = must(await rotate(2));
    expect(await signing()).toBe(fresh.publicKey);
  });
});

test.each([
  [720, true],
  [721, false],
  [-1, false],
  [0.5, false],
])('an overlap of %d hours', async (hours, isTaken) => {
  expect((await rotate(hours)).ok).toBe(isTaken);
});
