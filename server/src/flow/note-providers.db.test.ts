import { beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../../test/factories.ts';
import { FakeProvider } from '../../../test/fake-chain.ts';
import { useWorld } from '../../../test/use-world.ts';
import { publicNetwork, WatchedChain } from '../../../test/watched-chain.ts';
import { ChainError, Untrusted } from '../chains/chain.ts';
import { Providers } from '../chains/failover.ts';
import type { Logger } from '../lib/logger.ts';
import { listProviders, restoreProvider, saveProviders } from '../store/providers.ts';
import { noteMemory, noteProviders } from './note-providers.ts';

const world = useWorld();
const signal = new AbortController().signal;
let watched: WatchedChain;
let fakes: FakeProvider[];
let process: ReturnType<typeof start>;
let alarms: Record<string, unknown>[];

/** A process with its own view of the same providers. */
function start(names = ['a', 'b', 'c']) {
  const options = { names, clock: world.clock, blockTime: publicNetwork.blockTime };
  return { providers: new Providers(fakes.slice(0, names.length), options), memory: noteMemory() };
}

beforeEach(async () => {
  watched = await WatchedChain.make(world);
  watched.mine(20);
  fakes = [1, 2, 3].map(() => new FakeProvider(watched.chain));
  alarms = [];
  process = start();
});

const note = (own = process) => {
  const logger = {
    ...world.logger,
    error: (what: Record<string, unknown>) => alarms.push(what),
    info: () => {},
  };
  return noteProviders({ ...watched.deps, ...own, logger: logger as unknown as Logger }, signal);
};
const rows = async () =>
  (await listProviders(world.db, 'BEP-20')).map(({ provider, state, reason }) => [provider, state, reason]);
const lie = (own = process) =>
  own.providers
    .use(async () => {
      throw new Untrusted('contradiction', 'a log of another block');
    }, signal)
    .catch(() => undefined);

test('a good provider has a row with how far it is and how long it takes', async () => {
  await note();
  expect(await rows()).toEqual([
    ['a', 'ok', null],
    ['b', 'ok', null],
    ['c', 'ok', null],
  ]);
  const [row] = await listProviders(world.db, null);
  expect(row).toMatchObject({ network: 'BEP-20', head: 20, latency_ms: 0, errors_percent: 0, strikes: 0 });
  expect(alarms).toEqual([]);
});

test('one that lags is degraded, told once, and asked last', async () => {
  fakes[0]!.lag = 8;
  await note();
  expect(await rows()).toContainEqual(['a', 'degraded', 'is 8 blocks behind the others']);
  await note();
  expect(alarms).toMatchObject([{ alarm: 'provider_degraded', provider: 'a', network: 'BEP-20' }]);
  expect(process.providers.usable().map(({ name }) => name)).toEqual(['b', 'c', 'a']);
  fakes[0]!.lag = 0;
  world.clock.advance(MINUTE);
  await note();
  expect(await rows()).toContainEqual(['a', 'ok', null]);
});

test('one that is down is degraded after five tries, and well again once it answers', async () => {
  fakes[1]!.onCall = () => Promise.reject(new ChainError('down', { retryable: true }));
  for (let i = 0; i < 5; i++) {
    await note();
    world.clock.advance(MINUTE);
  }
  await note();
  expect(await rows()).toContainEqual(['b', 'degraded', 'does not answer']);
  fakes[1]!.onCall = async () => undefined;
  world.clock.advance(MINUTE);
  await note();
  expect(process.providers.members[1]!.health.failuresInRow).toBe(0);
});

test('one that lied is quarantined in every process, also in one that starts anew', async () => {
  await note();
  await lie();
  await note();
  expect(alarms).toMatchObject(
    ['a', 'b', 'c'].map(provider => ({ alarm: 'provider_quarantined', provider, network: 'BEP-20' })),
  );
  const other = start();
  await note(other);
  expect(other.providers.usable()).toEqual([]);
  await expect(other.providers.use(async () => 1, signal)).rejects.toThrow('in quarantine');
  // Its next one is the second, and twice as long.
  world.clock.advance(11 * MINUTE);
  const [member] = other.providers.members;
  other.providers.distrust(member!, 'forked', 'block 5');
  expect(member!.health.quarantine!.until - world.clock.now()).toBe(20 * MINUTE);
});

test('one that lied is not well because another process has long called it so', async () => {
  const other = start();
  await note();
  world.clock.advance(1000);
  await lie();
  world.clock.advance(1000);
  await note(other);
  await note();
  expect(process.providers.usable()).toEqual([]);
  expect((await rows()).map(([, state]) => state)).toEqual(Array(3).fill('quarantined'));
});

test('one of the same name on another network is another one', async () => {
  await lie();
  await note();
  const [row] = await listProviders(world.db, 'BEP-20');
  await saveProviders(world.db, 'ERC-20', [row!]);
  await world.db.deleteFrom('providers').where('network', '=', 'BEP-20').execute();
  alarms = [];
  process = start();
  await note();
  expect(process.providers.usable()).toHaveLength(3);
  expect(alarms).toEqual([]);
  await restoreProvider(world.db, { network: 'BEP-20', provider: 'a' }, world.clock.now());
  await note(start(['b']));
  expect(await listProviders(world.db, 'ERC-20')).toMatchObject([{ provider: 'a', state: 'quarantined' }]);
});

test('a quarantine ends by itself', async () => {
  await lie();
  await note();
  world.clock.advance(10 * MINUTE);
  await note();
  expect((await rows()).map(([, state]) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(process.providers.usable()).toHaveLength(3);
});

test('a quarantine is ended by hand', async () => {
  await lie();
  await note();
  world.clock.advance(1000);
  expect(await restoreProvider(world.db, { network: 'BEP-20', provider: 'b' }, world.clock.now())).toBe(true);
  expect(await restoreProvider(world.db, { network: 'BEP-20', provider: 'x' }, world.clock.now())).toBe(
    false,
  );
  await note();
  expect(process.providers.usable().map(({ name }) => name)).toEqual(['b']);
  expect(await rows()).toContainEqual(['b', 'ok', null]);
  expect(process.providers.members[1]!.health.strikes).toBe(0);
});

test('a quarantine that was ended by hand is not begun again by who had not heard of it', async () => {
  await lie();
  await note();
  const before = await listProviders(world.db, 'BEP-20');
  world.clock.advance(1000);
  await restoreProvider(world.db, { network: 'BEP-20', provider: 'b' }, world.clock.now());
  await saveProviders(world.db, 'BEP-20', before);
  expect(await rows()).toContainEqual(['b', 'ok', null]);
});

test('one that is configured no more has no row', async () => {
  await note();
  await note(start(['a']));
  expect(await rows()).toEqual([['a', 'ok', null]]);
});

test('a network behind by half an hour is an alarm, once', async () => {
  await watched.readAll();
  world.clock.advance(31 * MINUTE);
  await note();
  await note();
  expect(alarms).toMatchObject([{ alarm: 'network_behind', network: 'BEP-20' }]);
  watched.mine();
  await watched.readAll();
  await note();
  world.clock.advance(31 * MINUTE);
  await note();
  expect(alarms).toHaveLength(2);
});
