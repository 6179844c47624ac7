import { describe, expect, test } from 'vitest';
import { MINUTE, makeInvoice, makeShop, put, readTo } from '../../../test/factories.ts';
import { useWorld } from '../../../test/use-world.ts';
import { type Network, type NetworkCode, networks } from '../domain/asset.ts';
import { checkup } from './checkup.ts';
import { setRetired } from './cursors.ts';
import { saveProviders } from './providers.ts';

const world = useWorld();

type Given = { now?: number; local?: number; networks?: ReadonlyMap<NetworkCode, Network> };

/** What is found under a name; by default this machine's clock is the database's. */
async function found(name: string, given: Given = {}) {
  const now = given.now ?? world.clock.now();
  const checks = await checkup(world.db, { local: now, networks: world.networks, ...given, now });
  return checks.find(check => check.name === name);
}

const stateAt = async (name: string, now: number) => (await found(name, { now }))?.state;

test('a database that forgets commits, as this one does for the tests, is not to be relied on', async () => {
  expect(await found('database')).toMatchObject({
    state: 'broken',
    found: expect.stringContaining('fsync = off'),
  });
});

test('what is well is told as such, and of what is not there is nothing told', async () => {
  const now = world.clock.now();
  const [, ...checks] = await checkup(world.db, { now, local: now, networks: world.networks });
  expect(checks.map(({ name, state, todo }) => [name, state, todo])).toEqual(
    ['checksums', 'clock', 'webhooks'].map(name => [name, 'ok', null]),
  );
});

test.each([1, -1])('a clock may be five seconds off, in direction %i', async way => {
  const now = world.clock.now();
  expect(await found('clock', { local: now + way * 5000 })).toMatchObject({ state: 'ok' });
  expect(await found('clock', { local: now + way * 5001 })).toMatchObject({
    state: 'warning',
    found: "this machine's clock and the database's are 5.0 s apart",
  });
});

describe('a network', () => {
  test('is behind after five minutes, and refuses invoices after thirty', async () => {
    const read = world.clock.now();
    await readTo(world, 'TRC-20', { height: 100 });
    const at = (behind: number) => found('network TRC-20', { now: read + behind });
    expect(await at(5 * MINUTE)).toEqual({
      name: 'network TRC-20',
      state: 'ok',
      found: 'read up to block 100, 300 s ago',
      todo: null,
    });
    expect(await at(5 * MINUTE + 1)).toMatchObject({ state: 'warning' });
    expect((await at(30 * MINUTE))?.todo).not.toContain('refused');
    expect((await at(30 * MINUTE + 1))?.todo).toContain('Creates on it are refused until then.');
  });

  test('that makes blocks on demand is as fresh as its tip', async () => {
    const read = world.clock.now();
    await readTo(world, 'ERC-20', { height: 100, time: read - 60 * MINUTE });
    const local = new Map([['ERC-20', { ...networks['ERC-20'], onDemand: true }]] as const);
    expect(await found('network ERC-20', { networks: local })).toMatchObject({ state: 'ok' });
    expect(await found('network ERC-20')).toMatchObject({ state: 'warning' });
  });

  test('that is out of use says how to take it back', async () => {
    await readTo(world, 'TRC-20', { height: 100 });
    await setRetired(world.db, 'TRC-20', world.clock.now());
    expect(await found('network TRC-20')).toMatchObject({
      state: 'warning',
      todo: 'When it can be read again: cryptoscan network resume TRC-20.',
    });
  });
});

test('a provider is told of that is not well, and why', async () => {
  const { time } = world.clock;
  const row = { strikes: 0, head: null, latency_ms: null, errors_percent: 0, since: time, seen_at: time };
  await saveProviders(world.db, 'TRC-20', [
    { ...row, provider: 'good', state: 'ok', reason: null, until: null },
    { ...row, provider: 'slow', state: 'degraded', reason: 'it is late', until: null },
    { ...row, provider: 'liar', state: 'quarantined', reason: 'it lied', until: time },
  ]);
  expect(await found('provider good')).toBeUndefined();
  expect(await found('provider slow')).toMatchObject({
    state: 'warning',
    found: 'degraded on TRC-20: it is late',
  });
  expect(await found('provider liar')).toEqual({
    name: 'provider liar',
    state: 'warning',
    found: 'quarantined on TRC-20: it lied',
    todo: 'If you know better: cryptoscan network restore TRC-20 liar.',
  });
});

test('a webhook that is due for more than a minute has nobody to send it', async () => {
  const { merchant } = await makeShop(world);
  await put(world, await makeInvoice(world, merchant), 'cancelled');
  const due = world.clock.now();
  expect(await stateAt('webhooks', due + MINUTE)).toBe('ok');
  expect(await found('webhooks', { now: due + MINUTE + 1 })).toEqual({
    name: 'webhooks',
    state: 'warning',
    found: '1 are due, the oldest for 60 s',
    todo: 'Start a server with the role dispatch.',
  });
  await world.db
    .updateTable('deliveries')
    .set({ state: 'delivered', ended_at: new Date(due) })
    .execute();
  expect(await stateAt('webhooks', due + 60 * MINUTE)).toBe('ok');
});

test('what a wallet holds that no transfer explains is told in its coin', async () => {
  const { wallet } = await makeShop(world, { wallet: { network: 'ERC-20', asset: 'ETH', digits: 7 } });
  const at = new Date(world.clock.now());
  const row = {
    network: wallet.network,
    address_key: wallet.key,
    epoch: 1,
    height: 90,
    units: '0',
    checked_at: at,
  };
  await world.db
    .insertInto('balance_checks')
    .values({ ...row, unexplained: '1500000000000000000', unexplained_at: at })
    .execute();
  expect(await found(`wallet ${wallet.id}`)).toEqual({
    name: `wallet ${wallet.id}`,
    state: 'warning',
    found: `${wallet.address} on ERC-20 holds 1.50 ETH that no transfer explains, since 2026-01-01T12:00:00.000Z`,
    todo: `A contract may have paid it. Once you know where it came from: cryptoscan wallet explained ${wallet.id}.`,
  });
  await world.db.updateTable('balance_checks').set({ unexplained: '0', unexplained_at: null }).execute();
  expect(await found(`wallet ${wallet.id}`)).toBeUndefined();
});
