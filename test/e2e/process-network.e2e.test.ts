/** cryptoscan network, on a folder whose server does not run. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Home, openHome, runHere, withStoppedDatabase } from '../process.ts';

let home: Home;
let folder: string;

beforeAll(async () => {
  home = await openHome();
  folder = join(home.dir, 'data');
  expect(await runHere(['migrate', '--data-dir', folder])).toMatchObject({ code: 0 });
});
afterAll(() => home?.close());

const here = (words: string) => runHere(['network', ...words.split(' '), '--data-dir', folder]);
const json = async (words: string) => JSON.parse((await here(`${words} --json`)).stdout);

test('a network that nothing has read says so, and cannot be retired', async () => {
  expect(await json('list')).toMatchObject([
    { network: 'ERC-20', state: 'never read', read: null, open_invoices: 0 },
    { network: 'TRC-20', state: 'never read', read: null, open_invoices: 0 },
  ]);
  expect(await here('retire TRC-20 --yes')).toMatchObject({
    code: 2,
    stderr: 'code: this network was never read\n',
  });
});

test('what is asked wrongly is told by its name', async () => {
  expect((await here('retire TRON --yes')).stderr).toContain('code: must be one of TRC-20, ERC-20');
  expect((await here('retire TRC-20')).stderr).toContain('--yes: is required');
  expect((await here('restore TRC-20 nobody')).stderr).toContain('provider: is none that');
  expect((await here('providers BITCOIN')).code).toBe(2);
});

test('a network is retired and taken back, and a provider restored', async () => {
  await withStoppedDatabase(home, 'data', async db => {
    await sql`insert into cursors (network, epoch, genesis, height, hash, block_time, final_height, tip_height, caught_up_at, version)
       values ('TRC-20', 1, '0x0', 5, '0x5', '2026-01-01', 4, 5, '2026-01-01', 1)`.execute(db);
    await sql`insert into providers (network, provider, state, reason, since, until, strikes, seen_at)
       values ('TRC-20', 'node.example.com#01234567', 'quarantined', 'is on another fork: block 5',
               '2026-01-01', '2126-01-01', 2, '2026-01-01')`.execute(db);
  });
  expect(await json('retire TRC-20 --yes')).toEqual({ network: 'TRC-20', retired: true, open_invoices: 0 });
  expect(await json('list')).toContainEqual(
    expect.objectContaining({ network: 'TRC-20', state: 'retired', read: 5 }),
  );
  expect(await json('resume TRC-20')).toEqual({ network: 'TRC-20', retired: false });
  expect((await here('list')).stdout).toMatch(/^TRC-20 +behind +5 +4 +5/m);
  expect(await json('providers')).toMatchObject([
    { provider: 'node.example.com#01234567', state: 'quarantined', until: '2126-01-01T00:00:00.000Z' },
  ]);
  expect(await here('restore TRC-20 node.example.com#01234567')).toMatchObject({ code: 0 });
  expect(await json('providers TRC-20')).toMatchObject([
    { state: 'ok', reason: null, until: null, strikes: 0 },
  ]);
});
