/** What a wallet holds, held against what its transfers explain. */
import { beforeEach, describe, expect, test } from 'vitest';
import { keyOn, MINUTE, makeWallet } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, WatchedChain } from '../../../test/watched-chain.ts';
import { explainBalance } from '../commands/explain-balance.ts';
import { surplus } from '../domain/balance.ts';
import { listAudit } from '../store/audit-log.ts';
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
const unexplained = async () =>
  (await world.db.selectFrom('balance_checks').select('unexplained').execute()).map(row => row.unexplained);

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
    const { id } = send(payer, payer, BNB);
    const paid = { asset: 'BNB' as const, from: payer, to: wallet.key, units: 7n * BNB };
    const sent = chain.chain.mempool.find(one => one.id === id);
    Object.assign(sent ?? {}, { inside: [paid] });
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

  test('is called by nobody for dust', async () => {
    const { id } = send(payer, payer, BNB);
    const dust = { asset: 'BNB' as const, from: payer, to: wallet.key, units: 10n ** 12n };
    Object.assign(chain.chain.mempool.find(one => one.id === id) ?? {}, { inside: [dust] });
    await pass();
    expect(await unexplained()).toEqual(['0']);
  });
});

test.each([
  [10n, 5n, 15n, 0n],
  [10n, 5n, 16n, 1n],
  [10n, 5n, 3n, 0n],
  [0n, 0n, 0n, 0n],
])('held %s, received %s, holds %s: %s came from elsewhere', (before, received, after, more) => {
  expect(surplus({ before, received, after })).toBe(more);
});
