/**
 * The drill: a backup, then the chain and the shop go on, then everything is lost. What was paid before and after is found,
 * nothing is settled twice, and what the backup does not know waits for a person.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Providers } from '../../server/src/chains/failover.ts';
import { watch } from '../../server/src/flow/watch.ts';
import { openVault } from '../../server/src/lib/vault.ts';
import { findForgedAudit } from '../../server/src/store/audit-log.ts';
import { dump } from '../../server/src/store/backup/dump.ts';
import { restore } from '../../server/src/store/backup/restore.ts';
import { findForgedWallets, findViolations } from '../../server/src/store/invariants.ts';
import { listTasks } from '../../server/src/store/tasks.ts';
import { FakeProvider } from '../fake-chain.ts';
import { clientOf, openGateway, quiet, type Shop, type TestGateway } from '../gateway.ts';
import { type TestDatabase, testDatabase } from '../pg.ts';
import { payFake } from './fake-watch.ts';
import {
  closeWorld,
  create,
  listening,
  openWorld,
  paid,
  patience,
  recorded,
  type World,
} from './webhook-world.ts';

let world: World;
let shop: Shop;
let folder: string;
let file: string;
let lost: TestDatabase;
let gateway: TestGateway | null = null;

beforeAll(async () => {
  world = await openWorld();
  shop = await listening(world, '/shop');
  folder = await mkdtemp(join(tmpdir(), 'backup-'));
  file = join(folder, 'yesterday.backup');
  lost = await testDatabase({ schema: false });
});

afterAll(async () => {
  await gateway?.stop();
  await lost?.close();
  await closeWorld(world);
  await rm(folder, { recursive: true, force: true });
});

const now = () => world.ground.clock.now();
const tell = (of = file, vault = world.ground.vault) =>
  restore({ db: lost.db, connection: lost.connection }, { vault, file: of, now: now(), waitMinutes: 92 });
const faultOf = async (...given: Parameters<typeof tell>) => {
  const answer = await tell(...given);
  return answer.ok ? 'restored' : answer.fault;
};
const changed = async (name: string, change: (bytes: Buffer) => Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, change(await readFile(file)));
  return path;
};
const heard = (invoice: { id: string }) =>
  world.sink
    .at('/shop')
    .map(({ body, headers }) => ({ ...JSON.parse(body), webhookId: headers['webhook-id'] }))
    .filter(({ data }) => data.id === Number(invoice.id))
    .map(({ event_type, webhookId }) => `${event_type} ${webhookId}`);

/** What the steps of the drill hand on. */
const told = {} as Record<
  'before' | 'open' | 'late' | 'stray' | 'gone',
  { id: string; final_amount: string }
>;
let firstIds: string[] = [];

describe('yesterday', () => {
  test('a backup is made beside a running server, for its owner alone, without a secret in the clear', async () => {
    told.before = await paid(world, shop);
    await recorded(world, told.before, 1);
    told.open = await create(world, shop);
    told.late = await create(world, shop);
    const { connection, vault } = world.ground;
    const done = await dump(connection, { vault, file, now: now() });
    expect(done.rows).toMatchObject({ invoices: 3, payments: 1, outbox: 1 });
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    expect(done.schema.length).toBeGreaterThan(10);
  });

  test('and after it the shop and the chain go on', async () => {
    payFake(world.chains['ERC-20'], shop, told.open);
    told.gone = await paid(world, shop);
    await recorded(world, told.open, 1);
    await recorded(world, told.gone, 1);
    firstIds = heard(told.open);
    expect(firstIds).toHaveLength(1);
    await world.gateway.stop();
    payFake(world.chains['ERC-20'], shop, told.late);
  });
});

describe('what is not whole, or not ours, is refused before anything is written', () => {
  test.each<[string, () => Promise<string>, string]>([
    [
      'a flipped byte',
      () =>
        changed('flipped', bytes => Buffer.from(bytes.map((b, i) => (i === bytes.length >> 1 ? b ^ 1 : b)))),
      'damaged',
    ],
    [
      'a file that is cut off',
      () => changed('cut', bytes => bytes.subarray(0, bytes.length - 100)),
      'damaged',
    ],
    ['another file', () => changed('other', () => Buffer.from('hello')), 'damaged or no backup'],
    ['a file that is not there', async () => join(folder, 'none'), 'is not there'],
  ])('%s', async (_, path, says) => {
    expect(await faultOf(await path())).toContain(says);
  });

  test.each([
    ['who could make the checksum, but has not the key', true],
    ['who left the checksum and its seal as they were', false],
  ])('one whose rows were changed by somebody %s', async (_, isSummed) => {
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const { createHash } = await import('node:crypto');
    const path = await changed('forged', bytes => {
      const lines = gunzipSync(bytes)
        .toString('utf8')
        .replaceAll(shop.address, `0x${'bad0'.repeat(10)}`)
        .split('\n');
      const end = JSON.parse(lines.at(-2)!);
      const before = `${lines.slice(0, -2).join('\n')}\n`;
      if (isSummed) end.end.sha256 = createHash('sha256').update(before).digest('hex');
      return gzipSync(`${before}${JSON.stringify(end)}\n`);
    });
    expect(await faultOf(path)).toContain('its checksum does not fit');
  });

  test('with another master key, or a newer schema', async () => {
    expect(await faultOf(file, openVault(Buffer.alloc(32, 1)))).toContain('The master key is not the one');
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const path = await changed('newer', bytes =>
      gzipSync(gunzipSync(bytes).toString('utf8').replace('"0001-initial"', '"0001-initial","9999-later"')),
    );
    expect(await faultOf(path)).toContain('made by a newer one');
  });

  test('into a database that is not empty', async () => {
    const { db, connection, vault } = world.ground;
    const answer = await restore({ db, connection }, { vault, file, now: now(), waitMinutes: 0 });
    expect(answer).toMatchObject({ ok: false, fault: expect.stringContaining('not empty') });
  });
});

describe('after the restore', () => {
  test('it is as it was, and nothing in it is wrong', async () => {
    expect(await faultOf()).toBe('restored');
    const { vault } = world.ground;
    const found = [
      ...(await findViolations(lost.db)),
      ...(await findForgedWallets(lost.db, vault)),
      ...(await findForgedAudit(lost.db, vault)),
    ];
    expect(found).toEqual([]);
    const { rows } = await sql<{ status: string }>`select status from invoices order by id`.execute(lost.db);
    expect(rows.map(({ status }) => status)).toEqual(['completed', 'new', 'new']);
  });

  test('the chain is read on from there: all is found, nothing twice, and what is not known waits for a person', async () => {
    const { vault, clock } = world.ground;
    gateway = await openGateway(
      { ...world.ground, db: lost.db, connection: lost.connection },
      { roles: ['api', 'settle', 'dispatch'] },
    );
    const again = { ...world, gateway };
    const { chain } = world.chains['ERC-20'];
    const providers = new Providers([new FakeProvider(chain)]);
    const deps = { db: lost.db, vault, clock, logger: quiet, network: chain.network, providers };
    while ((await watch(deps, new AbortController().signal)) > 0);
    const client = clientOf(gateway, shop);
    for (const invoice of [told.before, told.open, told.late])
      await expect.poll(() => client.invoice(invoice.id), patience).toMatchObject({ status: 'completed' });
    const ofLost = { ...again, ground: { ...world.ground, db: lost.db } };
    await recorded(ofLost, told.open, 1);
    await recorded(ofLost, told.late, 1);
    expect(heard(told.before)).toHaveLength(1);
    // Told once more, under the id its shop knows it by.
    expect(heard(told.open)).toEqual([...firstIds, ...firstIds]);
    expect(heard(told.late)).toHaveLength(1);
    const tasks = await listTasks(lost.db, { merchantIds: [shop.id], limit: 10 });
    expect(tasks).toMatchObject([{ kind: 'no_reservation', invoice_id: null }]);
    expect(await findViolations(lost.db)).toEqual([]);
  });

  test('new invoices wait until those that are lost can no longer be paid, and have ids of their own', async () => {
    const again = { ...world, gateway: gateway! };
    await expect(create(again, shop)).rejects.toMatchObject({ status: 400 });
    await sql`update wallets set active_from = null`.execute(lost.db);
    const fresh = await create(again, shop);
    expect(Number(fresh.id)).toBeGreaterThan(Number(told.gone.id));
    payFake(world.chains['ERC-20'], shop, fresh);
  });
});
