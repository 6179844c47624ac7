import { beforeEach, describe, expect, test } from 'vitest';
import { FakeProvider } from '../../../test/fake-chain.ts';
import { useWorld } from '../../../test/use-world.ts';
import { DEPTH, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import { Overloaded } from '../lib/group.ts';
import { lockTransfer } from '../store/claim-transfer.ts';
import { transact } from '../store/db.ts';
import { lookUp, lookUpOn } from './look-up.ts';

const world = useWorld();
let watched: WatchedChain;
let kept: FakeProvider;
let other: FakeProvider;
let id: string;

/** A provider that keeps a payment's fork, and another one that has left it, as whoever reads the network has. */
beforeEach(async () => {
  watched = await WatchedChain.make(world);
  await watched.follow(2);
  ({ id } = watched.pay(7n));
  watched.mine(2);
  kept = new FakeProvider(watched.chain);
  other = new FakeProvider(watched.chain);
});

const signal = new AbortController().signal;
const ask = (...chains: FakeProvider[]) =>
  lookUp({ ...watched.deps, network: watched.chain.network, chains }, id, signal);

/** The block that the payment would be given, where somebody names it. */
async function named(...chains: FakeProvider[]) {
  const report = await ask(...chains);
  if (report?.kind !== 'found') return report?.kind;
  const [transfer] = report.transfers;
  const shown = { ...transfer!, network: watched.chain.network.code, above: report.above ?? null };
  const row = await transact(world.db, tx => lockTransfer(tx, shown, world.clock.now()));
  return row.block_hash;
}

describe('a transaction that is named', () => {
  test('stands on its block where that is of the chain that was read', async () => {
    await world.db.deleteFrom('wallets').execute();
    await watched.readAll();
    const hash = watched.chain.blocks[3]!.hash;
    expect(await ask(kept)).toMatchObject({ kind: 'found', above: { height: 3, hash } });
    expect(await named(kept)).toBe(hash);
  });

  test('has none yet where that is not read', async () => {
    expect(await ask(kept)).toMatchObject({ kind: 'found', above: null });
    expect(await named(kept)).toBeNull();
    await watched.readAll();
    expect(await watched.transfers()).toMatchObject([{ tx_id: id, height: 3 }]);
  });

  test('has none where a provider sits on a fork, whatever was read at one go', async () => {
    kept.frozen = watched.chain.blocks;
    watched.chain.drop(2);
    watched.mine(3 * DEPTH);
    await watched.readAll();
    expect(await ask(kept, other)).toMatchObject({ kind: 'found', above: null });
    expect(await named(kept, other)).toBeNull();
    expect(await named(other)).toBe('unknown');
  });

  test('has none where a fork takes it away while it is looked up', async () => {
    await watched.readAll();
    const report = await ask(kept);
    watched.chain.drop(3);
    watched.mine(DEPTH);
    await watched.readAll();
    await world.db.deleteFrom('transfers').execute();
    if (report?.kind !== 'found') throw new Error('not found');
    const shown = {
      ...report.transfers[0]!,
      network: watched.chain.network.code,
      above: report.above ?? null,
    };
    const row = await transact(world.db, tx => lockTransfer(tx, shown, world.clock.now()));
    expect(row.block_hash).toBeNull();
  });

  test('is asked of the next provider where one is down', async () => {
    await watched.readAll();
    kept.onCall = () => Promise.reject(new ChainError('down', { retryable: true }));
    expect(await ask(kept, other)).toMatchObject({ kind: 'found' });
    expect(await ask(kept)).toBeNull();
  });

  test('is shown by as many as are wanted, and by no more than say the very same', async () => {
    await watched.readAll();
    const twice = (...chains: FakeProvider[]) =>
      lookUp({ ...watched.deps, network: watched.chain.network, chains }, id, signal, 2);
    expect(await ask(kept, other)).toMatchObject({ kind: 'found', shownBy: 1, asked: 2 });
    expect(await twice(kept, other)).toMatchObject({ kind: 'found', shownBy: 2, asked: 2 });
    const said = await kept.transaction(id);
    if (said.kind !== 'found') throw new Error('not found');
    kept.transaction = async () => ({ ...said, transfers: said.transfers.map(t => ({ ...t, units: 8n })) });
    expect(await twice(kept, other)).toMatchObject({ kind: 'found', shownBy: 1, asked: 2 });
    other.transaction = async () => ({ kind: 'unknown' });
    expect(await twice(kept, other)).toMatchObject({ kind: 'found', shownBy: 1, asked: 2 });
  });

  test('is asked of none that serves another chain, or is in quarantine', async () => {
    await watched.readAll();
    const { genesis, tokens } = await other.identity();
    other.identity = async () => ({ chainId: 97, genesis, tokens });
    expect(await ask(other)).toBeNull();
    const { network } = watched.chain;
    const { providers, lookUp } = onNetwork();
    expect(await lookUp(network.code, id, 1)).toMatchObject({ kind: 'found' });
    providers.distrust(providers.members[0]!, 'contradiction', 'two logs in one place');
    expect(await lookUp(network.code, id, 1)).toBeNull();
  });
});

/** What is asked of the network's only provider. */
function onNetwork() {
  const { network } = watched.chain;
  const providers = new Providers([kept], { clock: world.clock });
  const byCode = {
    networks: new Map([[network.code, network]]),
    providers: new Map([[network.code, providers]]),
  };
  const looked: string[] = [];
  const { transaction } = kept;
  kept.transaction = txId => {
    looked.push(txId);
    return transaction.call(kept, txId);
  };
  return { providers, looked, lookUp: lookUpOn({ ...watched.deps, ...byCode }) };
}

describe('what providers bear', () => {
  const invented = (n: number) => (1_000_000 + n).toString(16).padStart(64, '0');

  test('is a number of look-ups on a network in a time, whoever asks for them', async () => {
    const { looked, lookUp } = onNetwork();
    const { code } = watched.chain.network;
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => lookUp(code, invented(n), 1)),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect([looked.length, refused.length]).toEqual([40, 60]);
    await expect(lookUp(code, id, 1)).rejects.toThrow(Overloaded);
    world.clock.advance(200);
    expect(await lookUp(code, id, 1)).toMatchObject({ kind: 'found' });
  });
});
