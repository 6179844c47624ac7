/** What a wallet holds, held against what its transfers explain. */
import { beforeEach, describe, expect, test } from 'vitest';
import { keyOn, MINUTE, makeWallet } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, localNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError } from '../chains/chain.ts';
import { explainBalance } from '../commands/explain-balance.ts';
import { surplus } from '../domain/balance.ts';
import { listAudit } from '../store/audit-log.ts';
import { listUnexplained, noteSeen, startBalance } from '../store/balance-checks.ts';
import { transact } from '../store/db.ts';
import { storeTransfers } from '../store/transfers.ts';
import { listWallets } from '../store/wallets.ts';
import { checkBalances } from './check-balances.ts';
import { recheck } from './recheck.ts';

const world = useWorld();
const signal = new AbortController().signal;
const CODE = 'BEP-20';
const BNB = 10n ** 18n;
const payer = keyOn(CODE, 'f'.repeat(40));
let chain: WatchedChain;
let wallet: { id: number; key: string };

beforeEach(async () => {
  chain = await WatchedChain.make(world);
  wallet = await makeWallet(world, chain.merchant, { network: CODE, asset: 'BNB', digits: 6 });
  await chain.readAll();
  await pass();
});

/** Time in which blocks become final and are read, and two looks: one reads the balance, the next one judges it. */
async function pass() {
  world.clock.advance(11 * MINUTE);
  await chain.follow(DEPTH + 1);
  await checkBalances(chain.deps, signal);
  await checkBalances(chain.deps, signal);
}

const send = (from: string, to: string, units: bigint, fails = false) =>
  chain.chain.send([{ asset: 'BNB', from, to, units }], 0, fails);
/** Sends what shows in the balance alone, as a contract would. */
function sendInside(units: bigint) {
  const { id } = send(payer, payer, BNB);
  const paid = { asset: 'BNB' as const, from: payer, to: wallet.key, units };
  Object.assign(chain.chain.mempool.find(one => one.id === id) ?? {}, { inside: [paid] });
}

const checks = () => world.db.selectFrom('balance_checks').selectAll().orderBy('network').execute();
const unexplained = async () => (await checks()).map(row => row.unexplained);

describe('a wallet of a native coin', () => {
  test('holds what transfers explain, whatever is paid, fails or goes out', async () => {
    send(payer, wallet.key, 3n * BNB);
    send(payer, wallet.key, 5n * BNB, true);
    await pass();
    send(wallet.key, payer, 2n * BNB);
    send(payer, wallet.key, BNB);
    await pass();
    const stored = (await chain.transfers()).map(({ asset, units }) => [asset, units]);
    expect(stored).toEqual([
      ['BNB', (3n * BNB).toString()],
      ['BNB', BNB.toString()],
    ]);
    expect(await unexplained()).toEqual(['0']);
    expect(await recheck(chain.deps, signal)).toBeGreaterThan(0);
  });

  test('has what a contract sent as unexplained, once, until a person says that it is known', async () => {
    sendInside(7n * BNB);
    await pass();
    expect(await unexplained()).toEqual([(7n * BNB).toString()]);
    expect(await chain.transfers()).toEqual([]);
    await pass();
    expect(await unexplained()).toEqual([(7n * BNB).toString()]);
    expect(await explainBalance(world, wallet.id)).toEqual({ ok: true, value: true });
    expect(await unexplained()).toEqual(['0']);
    const log = await listAudit(world.db, { userId: null, before: null, limit: 10, noun: 'wallet' });
    expect(log.map(({ action, target }) => [action, target]).slice(0, 2)).toEqual([
      ['wallet.explained', `wallet ${wallet.id}`],
      ['wallet.add', `wallet ${wallet.id}`],
    ]);
  });

  test('is not asked for again while nothing new is final', async () => {
    await pass();
    let asked = 0;
    chain.provider.onCall = async call => {
      if (call === 'balance') asked++;
    };
    world.clock.advance(11 * MINUTE);
    await checkBalances(chain.deps, signal);
    expect(asked).toBe(0);
    await pass();
    expect(asked).toBe(1);
  });

  test('holds what the very block explains that it is read at, and that once', async () => {
    world.clock.advance(11 * MINUTE);
    send(payer, wallet.key, 3n * BNB);
    await chain.follow(DEPTH);
    expect((await chain.cursor()).final_height).toBe((await chain.heights())[0]);
    for (let look = 0; look < 2; look++) await checkBalances(chain.deps, signal);
    expect(await unexplained()).toEqual(['0']);
    sendInside(7n * BNB);
    await pass();
    expect(await unexplained()).toEqual([(7n * BNB).toString()]);
  });

  test('is explained by what came from others in its own coin alone', async () => {
    send(wallet.key, wallet.key, 2n * BNB);
    chain.pay(3n * BNB, wallet.key, 'USDT');
    sendInside(7n * BNB);
    await pass();
    expect(await chain.transfers()).toHaveLength(2);
    expect(await unexplained()).toEqual([(7n * BNB).toString()]);
  });

  test('is judged only when all that it was read with is stored for good', async () => {
    send(payer, wallet.key, 3n * BNB);
    await chain.follow(1);
    const { tip } = chain.chain;
    world.clock.advance(11 * MINUTE);
    // A provider that tells what is held at a block of its own choice, which is final to it.
    const { provider } = chain;
    const { balance } = provider;
    provider.balance = async () => ({ units: 3n * BNB, height: tip.height });
    for (let look = 0; look < 2; look++) expect(await checkBalances(chain.deps, signal)).toBe(0);
    expect(await unexplained()).toEqual(['0']);
    provider.balance = balance;
    await chain.follow(DEPTH);
    expect(await checkBalances(chain.deps, signal)).toBe(1);
    expect(await unexplained()).toEqual(['0']);
  });

  test('is not judged by what it held before', async () => {
    world.clock.advance(11 * MINUTE);
    await chain.follow(DEPTH + 1);
    const before = await checks();
    chain.provider.balance = async () => ({ units: 9n * BNB, height: before[0]!.height - 1 });
    await checkBalances(chain.deps, signal);
    expect(await checks()).toEqual(before);
  });

  test('is not asked of a provider of another chain', async () => {
    world.clock.advance(11 * MINUTE);
    await chain.follow(DEPTH + 1);
    const { genesis, tokens } = await chain.provider.identity();
    chain.provider.identity = async () => ({ chainId: 97, genesis, tokens });
    world.clock.advance(11 * MINUTE);
    await expect(checkBalances(chain.deps, signal)).rejects.toThrow('is refused');
  });

  test.each<[string, () => Promise<null>]>([
    ['no provider can tell of', async () => null],
    [
      'a provider fails at',
      async () => {
        throw new ChainError('a malformed account', { retryable: true });
      },
    ],
  ])('that %s keeps no other one from being read, and is looked at after them', async (_, fail) => {
    const { provider } = chain;
    const read = provider.balance;
    const seen: string[] = [];
    // The broken one is the first by its address.
    const broken = await makeWallet(world, chain.merchant, {
      ...{ network: CODE, asset: 'BNB', digits: 6, account: '0'.repeat(39).concat('1') },
    });
    provider.balance = async (key, at) => {
      seen.push(key);
      return key === broken.key ? fail() : read.call(provider, key, at);
    };
    send(payer, wallet.key, 3n * BNB);
    await pass();
    expect(seen.slice(0, 2)).toEqual([broken.key, wallet.key]);
    expect((await checks()).find(row => row.address_key === wallet.key)).toMatchObject({
      ...{ units: (3n * BNB).toString(), unexplained: '0' },
    });
    await checkBalances(chain.deps, signal);
    expect(seen.filter(key => key === broken.key)).toHaveLength(1);
    // Once it can be read its account begins there, with nothing unexplained.
    provider.balance = read;
    sendInside(7n * BNB);
    send(payer, broken.key, 5n * BNB);
    await pass();
    const row = (await checks()).find(one => one.address_key === broken.key);
    expect(row).toMatchObject({ epoch: 1, units: (5n * BNB).toString(), unexplained: '0' });
  });

  test('is another one on another network, though its address is the same', async () => {
    world.clock.advance(11 * MINUTE);
    sendInside(7n * BNB);
    await chain.follow(DEPTH + 1);
    await checkBalances(chain.deps, signal);
    const { seen_height: seen } = (await checks())[0]!;
    const place = { network: 'ERC-20' as const, addressKey: wallet.key, epoch: 1 };
    const block = chain.chain.blocks[seen!]!;
    const paid = {
      txId: '0x1',
      asset: 'BNB' as const,
      from: payer,
      to: wallet.key,
      units: BNB,
      ordinal: 0,
      block,
    };
    await startBalance(world.db, place, { height: 1, units: 0n }, world.clock.now());
    await noteSeen(world.db, place, { height: seen!, units: 5n * BNB }, world.clock.now());
    await transact(world.db, tx => storeTransfers(tx, place, [paid], world.clock.now()));
    await world.db
      .updateTable('balance_checks')
      .set({ unexplained: '1', unexplained_at: new Date() })
      .execute();
    const elsewhere = async () => (await checks()).find(({ network }) => network === 'ERC-20');
    const before = await elsewhere();
    expect(await checkBalances(chain.deps, signal)).toBe(1);
    expect((await unexplained())[0]).toBe((7n * BNB + 1n).toString());
    expect(await explainBalance(world, wallet.id)).toEqual({ ok: true, value: true });
    expect(await elsewhere()).toEqual(before);
  });

  test('is shown with the wallet of its own network and coin', async () => {
    const same = { network: 'ERC-20' as const, account: wallet.key.slice(2) };
    await makeWallet(world, chain.merchant, { ...same, asset: 'USDT' });
    const other = await makeWallet(world, chain.merchant, { ...same, asset: 'ETH', digits: 7 });
    const place = { network: 'ERC-20' as const, addressKey: other.key, epoch: 1 };
    await startBalance(world.db, place, { height: 1, units: 0n }, world.clock.now());
    await world.db
      .updateTable('balance_checks')
      .set({ unexplained: '1', unexplained_at: new Date() })
      .execute();
    const told = (await listUnexplained(world.db)).map(row => [row.network, row.wallet_id]);
    expect(told.toSorted()).toEqual([
      ['BEP-20', wallet.id],
      ['ERC-20', other.id],
    ]);
    const listed = await listWallets(world.db, world.vault, null);
    const shown = listed.filter(row => row.unexplained !== null).map(({ id }) => id);
    expect(shown).toEqual([wallet.id, other.id]);
  });

  test('is called by nobody for dust', async () => {
    sendInside(10n ** 12n);
    await pass();
    expect(await unexplained()).toEqual(['0']);
  });
});

test('on a local chain that was begun anew the account begins anew', async () => {
  await world.db.deleteFrom('balance_checks').execute();
  await world.db.deleteFrom('cursors').execute();
  await world.db.deleteFrom('blocks').execute();
  chain = await WatchedChain.make(world, localNetwork);
  const { key } = await makeWallet(world, chain.merchant, { network: CODE, asset: 'BNB', digits: 6 });
  await chain.readAll();
  await pass();
  await pass();
  chain.chain.reset(world.clock.now());
  send(payer, key, 3n * BNB);
  await pass();
  const { final_height: height } = await chain.cursor();
  const own = (await checks()).find(({ address_key }) => address_key === key);
  expect(own).toMatchObject({ epoch: 2, height, units: (3n * BNB).toString(), unexplained: '0' });
});

test.each([
  [10n, 5n, 15n, 0n],
  [10n, 5n, 16n, 1n],
  [10n, 5n, 3n, 0n],
  [0n, 0n, 0n, 0n],
])('held %s, received %s, holds %s: %s came from elsewhere', (before, received, after, more) => {
  expect(surplus({ before, received, after })).toBe(more);
});
