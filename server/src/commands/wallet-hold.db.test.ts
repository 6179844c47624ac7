import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, makeMerchant, must } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { listAudit } from '../store/audit-log.ts';
import { transact } from '../store/db.ts';
import { hasActiveWallet, payableWallets } from '../store/wallets.ts';
import { addWallet } from './add-wallet.ts';
import { updateWallet } from './update-wallet.ts';

const world = useWorld();
const DAY = 24 * HOUR;
const ONE = 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir';
const TWO = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t';
const THREE = 'TJRabPrwbZy45sbavfcjinPJC18kjpRTv8';
let merchantId: number;
let userId: number;

beforeEach(async () => {
  Object.assign(world, { hold: { length: DAY } });
  const merchant = await makeMerchant(world);
  merchantId = merchant.id;
  const row = await world.db.selectFrom('merchants').select('user_id').executeTakeFirstOrThrow();
  userId = row.user_id;
});

const add = async (address: string, network = 'TRC-20', asset = 'USDT') =>
  must(
    await addWallet(world, {
      merchantId,
      network,
      cryptocurrency: asset,
      address,
      settings: { digits: 3, maxTail: 999, commissionPayer: 'merchant', holdHours: 24, active: true },
    }),
  );

async function payable(): Promise<string[]> {
  const wanted = [{ merchantId, network: 'TRC-20', asset: 'USDT' } as const];
  const [wallets = []] = await transact(world.db, tx => payableWallets(tx, wanted, world.clock.now()));
  return wallets.map(({ address }) => address);
}

/** Whether a payer who is still to choose would have anything to choose. */
const isPayable = async () =>
  (await transact(world.db, tx => hasActiveWallet(tx, [merchantId], world.clock.now()))).has(merchantId);

describe('the hold of a wallet', () => {
  test('is none for the first of a coin on a network, and a day for the next', async () => {
    expect((await add(ONE)).activeFrom).toBeNull();
    expect((await add(ONE, 'TRC-20', 'USDC')).activeFrom).toBeNull();
    expect((await add(`0x${'a'.repeat(40)}`, 'ERC-20')).activeFrom).toBeNull();
    expect((await add(THREE)).activeFrom).toBe(world.clock.now() + DAY);
    expect(await payable()).toEqual([ONE]);
    world.clock.advance(DAY - 1);
    expect(await payable()).toEqual([ONE]);
    world.clock.advance(1);
    expect(await payable()).toEqual([ONE, THREE]);
  });

  test('is not passed by switching the first one off, nor by switching it off and on again', async () => {
    const first = await add(ONE);
    const second = await add(THREE);
    must(await updateWallet(world, first.id, { active: false }));
    expect(await payable()).toEqual([]);
    expect(await isPayable()).toBe(false);
    world.clock.advance(HOUR);
    must(await updateWallet(world, second.id, { active: false }));
    const back = must(await updateWallet(world, second.id, { active: true }));
    expect(back.activeFrom).toBe(world.clock.now() + DAY);
    must(await updateWallet(world, second.id, { digits: 4 }));
    expect(await payable()).toEqual([]);
    world.clock.advance(DAY);
    expect(await payable()).toEqual([THREE]);
    expect(await isPayable()).toBe(true);
  });

  test('is none for the only one, when it is switched on again', async () => {
    const { id } = await add(ONE);
    must(await updateWallet(world, id, { active: false }));
    expect(must(await updateWallet(world, id, { active: true })).activeFrom).toBeNull();
    expect(await payable()).toEqual([ONE]);
  });

  test('leaves its steps in the audit log of the account', async () => {
    await add(ONE);
    const { id } = await add(THREE);
    must(await updateWallet(world, id, { active: false, digits: 4 }));
    must(await updateWallet(world, id, {}));
    const [last, ...before] = await listAudit(world.db, { userId, before: null, limit: 10 });
    expect(last).toMatchObject({ actor: 'command_line', action: 'wallet.change', target: `wallet ${id}` });
    expect(last).toMatchObject({
      before: '{"active":true,"digits":3}',
      after: '{"active":false,"digits":4}',
    });
    expect(before.map(({ action }) => action)).toEqual(['wallet.add', 'wallet.add', 'merchant.add']);
  });

  test('refuses the contract of a coin, as ever', async () => {
    await expect(add(TWO)).rejects.toThrow('contract itself');
  });
});
