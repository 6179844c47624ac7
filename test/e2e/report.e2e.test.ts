/** Reports, reconciliation and the export as an operator runs them, on a database with a little of everything. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../server/src/domain/commission.ts';
import { formatAmount } from '../../server/src/domain/money.ts';
import { match } from '../../server/src/flow/match.ts';
import { settle } from '../../server/src/flow/settle.ts';
import { makeInvoice, makeShop, makeWorld, methodOf, pay, put, readTo, type World } from '../factories.ts';
import { type TestDatabase, testDatabase } from '../pg.ts';
import { type Home, openHome, run, runHere } from '../process.ts';

let database: TestDatabase;
let home: Home;
let world: World;
let env: Record<string, string>;
/** What invoice 1 was paid, and its transaction. */
let paid: { amount: string; txId: string };

const HOSTILE = '=HYPERLINK("http://x")';

beforeAll(async () => {
  [database, home] = [await testDatabase(), await openHome()];
  world = { ...makeWorld(database.db), terms: { ...NO_TERMS, percent: { units: 1n, scale: 0 } } };
  const { merchant } = await makeShop(world, { merchant: { name: '+Shop, "the"' } });
  const invoice = await makeInvoice(world, merchant, { clientReferenceId: HOSTILE, metadata: 'Grüße, 東京' });
  const cancelled = await makeInvoice(world, merchant, { clientReferenceId: '-5', amount: '2.5' });
  await put(world, cancelled, 'cancelled');
  const { final } = methodOf(invoice);
  paid = { amount: formatAmount(final), txId: await pay(world, invoice, { height: 100 }) };
  await pay(world, invoice, { height: 100, units: 1n });
  await match(world);
  await readTo(world, 'TRC-20', { height: 110, final: 100 });
  await settle(world);
  const { host, port, user, password, database: name } = database.connection;
  env = {
    DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    CRYPTOSCAN_MASTER_KEY: Buffer.alloc(32, 7).toString('hex'),
  };
}, 300_000);

afterAll(async () => {
  await home?.close();
  await database?.close();
});

const here = (words: string) => runHere(words.split(' '), env);

async function printed(words: string): Promise<string> {
  const { code, stdout, stderr } = await here(words);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('report daily', () => {
  const day = '2026-01-01';

  test('is a table for people, and says what it counts', async () => {
    const [heading, row] = (await printed('report daily')).split('\n').map(line => line.split(/ {2,}/));
    expect(Object.fromEntries(heading!.map((name, at) => [name, row![at]]))).toEqual({
      day,
      merchant: '1',
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      invoices: '2',
      open: '0',
      completed: '1',
      paid_manually: '0',
      expired: '0',
      cancelled: '1',
      reversed: '0',
      conversion_percent: '50.00',
      received: paid.amount,
      requested_usd: '12.50000000',
      paid_usd: '10.00000000',
      commission_usd: '0.10000000',
    });
    expect(await printed('report daily --from 2026-01-02')).toBe('none\n');
    expect(await printed('report daily --help')).toContain('Every invoice is in one row');
  });

  test('is CSV in which no name is a formula, with its heading even when there is nothing', async () => {
    const [heading, row, end] = (await printed('report daily --csv')).split('\r\n');
    expect(heading).toBe(
      'day,merchant,merchant_name,cryptocurrency,network,invoices,open,completed,paid_manually,expired,cancelled,' +
        'reversed,conversion_percent,received,requested_usd,paid_usd,commission_usd',
    );
    expect(row).toBe(
      `${day},1,"'+Shop, ""the""",USDT,TRC-20,2,0,1,0,0,1,0,50.00,${paid.amount},12.50000000,10.00000000,0.10000000`,
    );
    expect(end).toBe('');
    expect(await printed('report daily --csv --merchant 1 --to 2025-12-31')).toBe(`${heading}\r\n`);
  });

  test('is JSON, one object a line, with every name as it is', async () => {
    const lines = (await printed('report daily --json --timezone Pacific/Kiritimati --by ended')).trimEnd();
    expect(JSON.parse(lines)).toMatchObject({
      day: '2026-01-02',
      merchant_name: '+Shop, "the"',
      invoices: 2,
    });
  });

  test.each([
    [
      'report daily --merchant 9 --user 9',
      /^--merchant: there is no merchant 9\n--user: there is no user 9\n$/,
    ],
    ['report daily --from 2026-02-30', /--from .*must be a day, such as 2026-10-25/],
    ['report daily --from 2026-02-02 --to 2026-02-01', /^--to: must not be before --from\n$/],
    ['report daily --timezone UTC+3', /^--timezone: must be the full name of a time zone/],
    ['report daily --csv --json', /--csv.* cannot be used with .*--json/],
    ['report daily --by paid', /created, ended/],
    ['report reconcile --merchant x', /whole number/],
    ['invoice export --status paid', /awaiting_method, new/],
  ])('%s ends with 2 and says why', async (words, said) => {
    const { code, stdout, stderr } = await here(words);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(said)]);
  });
});

describe('report reconcile', () => {
  test('accounts for everything', async () => {
    const coin = { cryptocurrency: 'USDT', network: 'TRC-20' };
    expect(JSON.parse(await printed('report reconcile --json'))).toEqual({
      ok: true,
      received: [{ ...coin, transfers: 2, amount: `${paid.amount.padEnd(6, '0')}001` }],
      categories: [
        { ...coin, category: 'settled', reason: null, transfers: 1, amount: paid.amount },
        { ...coin, category: 'unmatched', reason: 'no_reservation', transfers: 1, amount: '0.000001' },
      ],
      booked: [{ kind: 'commission', entries: 1, amount_usd: '-0.10000000' }],
      confirmed_unseen: 0,
      differences: [],
    });
    const people = await printed('report reconcile --merchant 1 --from 2026-01-01 --timezone Europe/Berlin');
    expect(people).toMatch(/^settled +- +USDT +TRC-20 +1 /m);
    expect(people).toMatch(/Not on the chain\nnone\n/);
    expect(people).toMatch(/Everything is accounted for\.\n$/);
  });

  test('lists every transfer in CSV', async () => {
    const lines = (await printed('report reconcile --csv')).split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(
      new RegExp(`^1,settled,,1,${paid.amount},USDT,TRC-20,T\\w{33},T\\w{33},${paid.txId},100,2026-`),
    );
    expect(lines[2]).toMatch(/^2,unmatched,no_reservation,,0\.000001,USDT,TRC-20,/);
  });

  test('ends with 1 and names what differs', async () => {
    await sql`update accounts set balance = balance - 1 where user_id = 1`.execute(database.db);
    const line =
      'user 1: a balance that is not what invoices and adjustments make it: -1.10000000; expected -0.10000000';
    const [people, csv, json] = [
      await here('report reconcile'),
      await here('report reconcile --csv'),
      await here('report reconcile --json'),
    ];
    expect([people.code, people.stderr]).toEqual([1, '1 differences found.\n']);
    expect(people.stdout.endsWith(`${line}\n`)).toBe(true);
    expect([csv.code, csv.stderr]).toEqual([1, `${line}\n1 differences found.\n`]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      differences: [{ name: 'balance', subject: 'user 1' }],
    });
    await sql`update accounts set balance = balance + 1 where user_id = 1`.execute(database.db);
  });
});

describe('invoice export', () => {
  test('is CSV by default, in which a hostile reference is text', async () => {
    const lines = (await printed('invoice export')).split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^id,merchant,client_reference_id,status,/);
    expect(lines[1]).toContain(`1,1,"'=HYPERLINK(""http://x"")",completed,,10.00000000,`);
    expect(lines[1]).toContain(`,${paid.txId},`);
    expect(lines[1]).toContain(',"Grüße, 東京",');
    expect(lines[2]).toMatch(/^2,1,-5,cancelled,/);
  });

  test('is JSON with every text as it is, of exactly the filter', async () => {
    const of = async (words: string) =>
      (await printed(`invoice export --json ${words}`))
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line));
    expect(await of('--status completed expired --query =HYPER')).toMatchObject([
      {
        id: 1,
        client_reference_id: HOSTILE,
        metadata: 'Grüße, 東京',
        commission: '0.10000000',
        wallet: expect.stringMatching(/^T/),
      },
    ]);
    expect(await of('--status cancelled')).toMatchObject([{ id: 2, requested_amount: '2.50000000' }]);
    expect(await of('--to 2025-12-31')).toEqual([]);
  });

  test('and the reports run as processes on a folder, where there is nothing yet', async () => {
    // The first run of a checkout builds it.
    expect((await run(home, ['--version'])).code).toBe(0);
    const on = (words: string) => run(home, [...words.split(' '), '--data-dir', 'data']);
    expect(await on('migrate')).toMatchObject({ code: 0 });
    expect(await on('invoice export --json')).toMatchObject({ code: 0, stdout: '' });
    expect(await on('report daily')).toMatchObject({ code: 0, stdout: 'none\n' });
    const heading = (await printed('report reconcile --csv --to 2025-12-31')).split('\r\n');
    expect(await on('report reconcile --csv')).toMatchObject({ code: 0, stdout: heading.join('\r\n') });
  }, 300_000);
});
